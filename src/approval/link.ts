import { sealed, unsealed } from '../capability.ts';
import type { HandoffName } from '../handoff/store.ts';

/** What a link says: who may decide what, as they were shown it, until when. It says nothing of the decision. */
export interface ApprovalLink extends HandoffName {
  /** `person:dana`. */
  readonly person: string;
  /** Of the request that is approved: one that was changed since is not. */
  readonly digest: string;
  readonly until: Date;
}

const purpose = 'approval';

/** The token of a link. Pure. */
export function approvalToken(keys: readonly string[], link: ApprovalLink): string {
  const { ticketId, handoffSeq, person, digest, until } = link;
  return sealed(keys, purpose, [ticketId, handoffSeq, person, digest, until.getTime()]);
}

/** What a token says; null where it is none of ours. Pure. */
export function approvalOf(keys: readonly string[], token: string): ApprovalLink | null {
  const [ticketId, handoffSeq, person, digest, until] = unsealed(keys, purpose, token) ?? [];
  const isWhole =
    typeof ticketId === 'string' &&
    typeof handoffSeq === 'number' &&
    typeof person === 'string' &&
    typeof digest === 'string' &&
    typeof until === 'number';
  return isWhole ? { ticketId, handoffSeq, person, digest, until: new Date(until) } : null;
}
