import type { AnswerOf } from './client.ts';
import type { Story } from './shapes.ts';

/** What somebody may, by what the server has said of them. Pure. It hides what would be refused; the server refuses it all the same. */

export type Right = AnswerOf<'getMe'>['rights'][number];

/** What the rights of somebody are told by. */
export interface Held {
  readonly rights: readonly Right[];
  readonly rights_as_owner: readonly Right[];
  readonly answers_as: readonly string[];
}

/** A right that is held everywhere; or, with whom something belongs to, also the one that an owner has for what is theirs. */
export function mayDo(held: Held, right: Right, whose: readonly string[] = []): boolean {
  if (held.rights.includes(right)) return true;
  return held.rights_as_owner.includes(right) && whose.some((ref) => held.answers_as.includes(ref));
}

type Owned = Pick<AnswerOf<'listWorkflows'>['workflows'][number], 'name' | 'owner' | 'alternate'>;

/** Whom a ticket belongs to, as the server takes it: those it names itself, and those of its workflow in force. */
export function whoseTicket(
  { ticket, exceptions }: Pick<Story, 'ticket' | 'exceptions'>,
  workflows: readonly Owned[],
): string[] {
  const open = exceptions.filter(({ state }) => state !== 'resolved');
  const inForce = workflows.filter(({ name }) => name === ticket.workflow);
  const named = [ticket, ...inForce].flatMap(({ owner, alternate }) => [owner, alternate]);
  return [...named, ...open.flatMap(({ owner, alternate, responsible }) => [owner, alternate, responsible])];
}
