import { sha256 } from '../../audit/encoding.ts';
import type { Trigger } from '../../decision.ts';
import type { HandoffDraft } from '../../handoff/handoff.ts';
import { parsePayload } from '../../intake/payload.ts';
import { limits } from '../../limits.ts';
import { keyIn } from '../expressions.ts';

/** What a target says when it calls back: the request as intake keeps one, and the value in it. */
export interface Said {
  /** The source whose proof it carries; null: it came by a link. */
  readonly source: string | null;
  readonly contentType: string;
  readonly headers: Trigger['headers'];
  readonly body: Buffer;
  /** What it names handoffs by, for each way of reading it; absent: nothing but the address that it came to. */
  readonly keys?: Readonly<Record<string, string>>;
}

/** The value in a callback, or why there is none. Pure. */
export function valueSaid(said: Pick<Said, 'contentType' | 'headers' | 'body'>) {
  return parsePayload(said, null);
}

/** The digest that tells a repeated callback: by its content, and by what its headers name it. Pure. */
export function digestOf({
  contentType,
  body,
  keys = {},
}: Pick<Said, 'contentType' | 'body' | 'keys'>): Buffer {
  const named = [...new Set(Object.values(keys))].sort().map((key) => `\0${key}`);
  return sha256(Buffer.concat([Buffer.from(`${contentType}${named.join('')}\0`), body]));
}

/** What a callback names its handoff by, for each way of reading it. Pure. */
export function keysIn(
  matches: Iterable<string>,
  callback: { readonly result: unknown; readonly headers: unknown },
): Readonly<Record<string, string>> {
  const keys = [...new Set(matches)].map((match) => [match, keyIn(match, callback)] as const);
  return Object.fromEntries(
    keys.filter(
      (pair): pair is [string, string] => pair[1] !== null && pair[1].length <= limits.callbackKeyCharsMax,
    ),
  );
}

/** The ticket that a handoff's own key names; null where a key is no such. Pure. */
export function ticketOfKey(key: string): string | null {
  return /^sb_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})_/.exec(key)?.[1] ?? null;
}

/** Whether a handoff waits for callbacks that name it by its own key, of this source and read in this way. Pure. */
export function awaitsByOwnKey({ outcome }: HandoffDraft, source: string, match: string): boolean {
  return (
    outcome.kind === 'callback' && outcome.from === source && outcome.match === match && outcome.key === null
  );
}
