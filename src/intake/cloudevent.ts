import type { Trigger } from '../decision.ts';
import { mediaOf } from './media.ts';

/** CloudEvents 1.0: the JSON format, and the HTTP binding's binary mode, whose attributes are `ce-` headers. */

/** Whether a trigger is an event in binary mode: its body is the data, its attributes are headers. */
export function isBinaryEvent({ headers, part }: Pick<Trigger, 'headers' | 'part'>): boolean {
  return part === undefined && headers['ce-specversion'] !== undefined;
}

/** What keeps headers from being those of an event; null where nothing does. */
export function binaryEventProblem(headers: Readonly<Record<string, string>>): string | null {
  return attributeProblem((name) => headers[`ce-${name}`], 'header `ce-', '`');
}

/** What keeps a value from being an event in the JSON format; null where nothing does. */
export function eventProblem(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return 'A CloudEvent is a JSON object, and this is none.';
  }
  const event = value as Readonly<Record<string, unknown>>;
  return attributeProblem((name) => event[name], 'attribute `', '`');
}

/**
 * What an event is recognised by where its workflow says nothing: source and id, which together are unique
 * (section 3.1). Null where a trigger is no event. `value`: its payload.
 */
export function eventIdentity(trigger: Trigger, value: unknown): string | null {
  if (isBinaryEvent(trigger)) return `${attribute(trigger, 'source')} ${attribute(trigger, 'id')}`;
  const media = mediaOf(trigger.contentType);
  if (media.problem !== undefined || media.form !== 'event') return null;
  const { source, id } = value as { readonly source: string; readonly id: string };
  return `${source} ${id}`;
}

const required = ['id', 'source', 'type'];

function attributeProblem(of: (name: string) => unknown, before: string, after: string): string | null {
  if (of('specversion') !== '1.0') return `The ${before}specversion${after} of this CloudEvent is not 1.0.`;
  const missing = required.find((name) => {
    const value = of(name);
    return typeof value !== 'string' || value === '';
  });
  return missing === undefined
    ? null
    : `The ${before}${missing}${after} of this CloudEvent is missing or no text.`;
}

/** Headers of the binary mode are percent-encoded (HTTP binding, section 3.1.3.2); U+0000, which cannot be kept, stays so. */
function attribute({ headers }: Trigger, name: string): string {
  const written = headers[`ce-${name}`] ?? '';
  try {
    const decoded = decodeURIComponent(written);
    return decoded.includes('\0') ? written : decoded;
  } catch {
    return written;
  }
}
