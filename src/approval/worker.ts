import type { EntryDraft } from '../audit/chain.ts';
import type { Tx } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { failHandoff, releaseWaiting } from '../handoff/ending/worker.ts';
import { findHandoff, type HandoffRow, moveHandoff } from '../handoff/store.ts';
import { plusMs } from '../platform/instant.ts';
import type { Shell } from '../shell.ts';
import { changeTicket, lockTicket, type TicketRow } from '../ticket/store.ts';
import { type NextApproval, nextApproval, requestDigest } from './decide.ts';
import { type ApprovalRow, findApproval, settleApproval } from './store.ts';

/**
 * Takes a person's yes or no, in one transaction with what follows: the handoff goes on, or stands as an exception.
 * Throws AppError: `not_found`; `conflict` where it is settled; `forbidden` where it is not the actor's to decide;
 * `unprocessable` for a refusal without a reason.
 */
export async function decideApproval(
  shell: Shell,
  { ticketId, handoffSeq }: { readonly ticketId: string; readonly handoffSeq: number },
  { approve, reason }: { readonly approve: boolean; readonly reason: string },
  actor: string,
): Promise<TicketRow> {
  const settled = await shell.db.transaction().execute(async (tx) => {
    const ticket = await lockTicket(tx, ticketId);
    const row = ticket && (await findHandoff(tx, ticketId, handoffSeq));
    const approval = row && (await findApproval(tx, ticketId, handoffSeq));
    if (!ticket || !row || !approval) {
      throw new AppError('not_found', `Ticket ${ticketId} has no approval for handoff ${handoffSeq}`);
    }
    const now = shell.clock.now();
    const teams = shell.project().teams;
    const next = nextApproval(stateOf(approval), { kind: 'decide', approve, reason, actor }, teams, now);
    if (row.state !== 'awaiting_approval' || requestDigest(row.plan.request) !== approval.digest) {
      throw new AppError('conflict', `Handoff ${handoffSeq} no longer waits for this approval`);
    }
    if (next.kind === 'unchanged') return ticket;
    return await write(tx, ticket, row, approval, { next, actor, reason }, now);
  });
  shell.wake();
  return settled;
}

/** Ends an approval that nobody gave in time. For the sweeper: on a locked ticket, in its transaction. */
export async function overdueApproval(
  shell: Shell,
  tx: Tx,
  ticket: TicketRow,
  row: HandoffRow,
  now: Date,
): Promise<void> {
  const approval = await findApproval(tx, row.ticket_id, row.seq);
  if (approval === null)
    throw new Error(`handoff ${row.seq} of ticket ${row.ticket_id} waits for no approval`);
  const next = nextApproval(stateOf(approval), { kind: 'tick' }, shell.project().teams, now);
  if (next.kind === 'unchanged') return;
  await write(tx, ticket, row, approval, { next, actor: 'signalbox', reason: '' }, now);
}

type Settled = Exclude<NextApproval, { kind: 'unchanged' }>;

async function write(
  tx: Tx,
  ticket: TicketRow,
  row: HandoffRow,
  approval: ApprovalRow,
  { next, actor, reason }: { next: Settled; actor: string; reason: string },
  now: Date,
): Promise<TicketRow> {
  const given = reason === '' ? null : reason;
  await settleApproval(tx, approval, { state: next.kind, by: actor, reason: given }, now);
  const entry: EntryDraft = {
    kind: `approval_${next.kind}`,
    actor,
    data: { handoff_seq: row.seq, handoff: row.handoff, by: approval.by, reason: given },
  };
  if (next.kind === 'approved') {
    // It waits for what it comes after, which may be nothing: then it is ready in the same breath.
    const giveUpAt = plusMs(now, row.plan.retry.forMs);
    await moveHandoff(tx, row, { state: 'waiting', due_at: now, give_up_at: giveUpAt });
    return await releaseWaiting(tx, await changeTicket(tx, ticket, { entries: [entry] }, now), now);
  }
  const mode = next.kind === 'refused' ? 'refused' : 'approval_overdue';
  const summary = `${row.handoff} to ${row.destination} was not approved: ${next.text}`;
  const failed = await failHandoff(tx, ticket, row, { mode, summary, detail: {}, entries: [entry] }, now);
  return failed ?? ticket;
}

function stateOf({ state, by, due_at: dueAt }: ApprovalRow) {
  return { state, by, dueAt };
}
