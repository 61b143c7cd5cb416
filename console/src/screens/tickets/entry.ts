import type { Entry } from '../../api/shapes.ts';
import { timeOn } from '../../parts/moments.ts';

/** What an entry says besides its kind, as one line. Pure. */
export function entryText({ data }: Pick<Entry, 'data'>): string {
  return Object.entries(data)
    .filter(
      ([name, value]) => !plain.has(name) && value !== null && value !== '' && typeof value !== 'object',
    )
    .map(([name, value]) => `${name.replaceAll('_', ' ')} ${valueText(value)}`)
    .join(' · ');
}

/** Told elsewhere: digests beside the hash, reasons on the ladder. */
const plain = new Set([
  'payload',
  'version',
  'workflow',
  'digest',
  'delivery_digest',
  'exception',
  'fingerprint',
  'idempotency_key',
  'handoff_seq',
  'give_up_at',
]);

function valueText(value: unknown): string {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)
    ? timeOn(Date.parse(value), Date.now())
    : String(value);
}

export function kindText(kind: string): string {
  const words = kind.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
