import { findAccount } from '../../account/store.ts';
import type { Db } from '../../db/schema.ts';
import { AppError } from '../../errors.ts';
import { findHandoff, type HandoffName, type HandoffRow } from '../../handoff/store.ts';
import type { Shell } from '../../shell.ts';
import { changeTicket, lockTicket } from '../../ticket/store.ts';
import { type ApprovalState, approvalState, nextApproval, requestDigest } from '../decide.ts';
import { type ApprovalLink, approvalToken } from '../link.ts';
import { type ApprovalRow, findApproval } from '../store.ts';
import { actedOn } from '../worker.ts';

/**
 * Makes the address by which one person may decide one approval, once, until its deadline; an entry says that it was
 * made. Throws AppError: `not_found`, `conflict`, `forbidden` as the decision itself would.
 */
export async function makeApprovalLink(
  shell: Shell,
  name: HandoffName,
  person: string,
  actor: string,
): Promise<{ url: string; until: Date }> {
  return await shell.db.transaction().execute(async (tx) => {
    const ticket = await lockTicket(tx, name.ticketId);
    const row = ticket && (await findHandoff(tx, name.ticketId, name.handoffSeq));
    const approval = row && (await findApproval(tx, name.ticketId, name.handoffSeq));
    if (!ticket || !row || !approval) {
      throw new AppError(
        'not_found',
        `Ticket ${name.ticketId} has no approval for handoff ${name.handoffSeq}`,
      );
    }
    if (await isClosed(tx, person)) throw new AppError('forbidden', closedText(person));
    const now = shell.clock.now();
    const state = approvalState(approval);
    const acted = await actedOn(tx, ticket.id);
    // Whoever could not say yes now is given no address.
    nextApproval(
      state,
      { kind: 'decide', approve: true, reason: '', actor: person, acted },
      shell.project().teams,
      now,
    );
    const until = lastMoment(state);
    const link: ApprovalLink = { ...name, person, digest: approval.digest, until };
    const data = { handoff_seq: row.seq, handoff: row.handoff, for: person, until: until.toISOString() };
    await changeTicket(tx, ticket, { entries: [{ kind: 'approval_link_made', actor, data }] }, now);
    return { url: `${shell.links.base()}/approve/${approvalToken(shell.links.keys(), link)}`, until };
  });
}

/** The end of the time in which it can be decided: with an alternate who is still to be asked, that includes theirs. */
function lastMoment({ dueAt, alternate, alternateAt }: ApprovalState): Date {
  return alternate !== null && alternateAt === null ? new Date(dueAt.getTime() + alternate.withinMs) : dueAt;
}

/** What a link leads to, or why it leads nowhere any more. */
export type Opened =
  | { readonly kind: 'open'; readonly approval: ApprovalRow; readonly row: HandoffRow }
  | { readonly kind: 'closed'; readonly why: string };

/** Looks at what a link is about. Changes nothing: programs open links that nobody has clicked. */
export async function openApprovalLink(shell: Shell, link: ApprovalLink): Promise<Opened> {
  const row = await findHandoff(shell.db, link.ticketId, link.handoffSeq);
  const approval = row && (await findApproval(shell.db, link.ticketId, link.handoffSeq));
  if (!row || !approval) return closed('There is no such approval.');
  const { state, decided_by: by, decided_at: at } = approval;
  if (state !== 'waiting') {
    return closed(`It is ${state}${by === 'signalbox' ? '' : `, by ${by}`}, since ${at?.toISOString()}.`);
  }
  if (approvalState(approval).yes.some((yes) => yes.by === link.person)) {
    return closed('You have said yes already; others are still asked.');
  }
  if (await isClosed(shell.db, link.person)) return closed(closedText(link.person));
  if (shell.clock.now() >= link.until) return closed(`It had to be used by ${link.until.toISOString()}.`);
  const changed = requestDigest(row.plan.request) !== link.digest || approval.digest !== link.digest;
  if (changed || row.state !== 'awaiting_approval') return closed('What it was about has changed since.');
  return { kind: 'open', approval, row };
}

/** Whose account is closed decides nothing; who has none may. */
async function isClosed(db: Db, person: string): Promise<boolean> {
  const account = await findAccount(db, person.slice('person:'.length));
  return account !== null && account.closed_at !== null;
}

function closedText(person: string): string {
  return `The account of ${person} is closed.`;
}

function closed(why: string): Opened {
  return { kind: 'closed', why };
}
