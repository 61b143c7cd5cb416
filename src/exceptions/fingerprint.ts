import { canonical, sha256 } from '../audit/encoding.ts';
import type { ExceptionDraft } from './exception.ts';

/**
 * Names the cause that exceptions share, so that they can be settled together: 16 hex characters over the workflow,
 * the failure mode, and what in the particulars belongs to the cause and not to this one payload. Pure.
 */
export function fingerprint(workflow: string, draft: Pick<ExceptionDraft, 'mode' | 'detail'>): string {
  // A finding says itself what it is about; its counts differ each time that it is told.
  const keys: readonly string[] = draft.detail.finding === undefined ? causeKeys : ['finding'];
  const cause = keys.flatMap((key) => {
    const text = causeText(draft.detail[key]);
    return text === null ? [] : [[key, text]];
  });
  return sha256(canonical([workflow, draft.mode, ...cause]))
    .toString('hex')
    .slice(0, 16);
}

/** The particulars that tell one cause from another; all else (ids, values, times, messages) differs from payload to payload. */
const causeKeys = [
  'violations',
  'failed',
  'failures',
  'candidates',
  'handoff',
  'destination',
  'operation',
  'status',
  'compared',
] as const;

/** One text for a particular, whatever the order of a list; null where there is none. */
function causeText(particular: unknown): string | null {
  if (Array.isArray(particular)) {
    // Of compared fields, those that stand equal are no cause.
    const parts = particular.filter((part) => part?.equal !== true).map(partText);
    return [...new Set(parts)].sort().join('\n');
  }
  return particular === undefined || particular === null ? null : partText(particular);
}

function partText(part: unknown): string {
  if (typeof part !== 'object' || part === null) return String(part).toWellFormed();
  const { path, rule, field, to } = part as Readonly<Record<string, unknown>>;
  const name = path ?? field ?? to ?? '';
  return `${anyIndex(String(name))} ${String(rule ?? '')}`.toWellFormed();
}

/** The third of a list breaks for the same cause as the first. */
function anyIndex(pointer: string): string {
  return pointer.replaceAll(/\/\d+(?=\/|$)/g, '/*');
}
