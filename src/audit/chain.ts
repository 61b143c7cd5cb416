import { canonical, entryHashHex, genesis, hexOf } from './encoding.ts';

/** An entry about to be written: a lifecycle change of a ticket. `data` is plain JSON without secrets. */
export interface EntryDraft {
  /** `received`, `decided`, `handoff_attempted`, `exception_claimed`, … */
  readonly kind: string;
  /** `signalbox`, `person:dana`, `source:meta-ads`. */
  readonly actor: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface ChainedEntry {
  readonly ticketId: string;
  readonly seq: number;
  readonly at: Date;
  readonly kind: string;
  readonly actor: string;
  readonly data: string;
  readonly previous: Buffer;
  readonly hash: Buffer;
}

/** Where a ticket's chain ends; the first entry follows `{ seq: 0, hash: genesis }`. */
export interface ChainHead {
  readonly seq: number;
  readonly hash: Buffer;
}

export const emptyChain: ChainHead = { seq: 0, hash: genesis };

/** Chains drafts onto a head. Pure. The last of the result is the new head. */
export function chain(
  ticketId: string,
  head: ChainHead,
  drafts: readonly EntryDraft[],
  at: Date,
): ChainedEntry[] {
  let { seq, hash } = head;
  let hex = hexOf(hash);
  return drafts.map((draft) => {
    const previous = hash;
    seq += 1;
    const content = { ticketId, seq, at, kind: draft.kind, actor: draft.actor, data: canonical(draft.data) };
    hex = entryHashHex(content, hex);
    hash = Buffer.from(hex, 'hex');
    return { ...content, previous, hash };
  });
}
