import type { Tx } from '../../db/schema.ts';
import { draftException, exceptionOpenedEntry } from '../../exceptions/open.ts';
import { openException, openExceptionsOf } from '../../exceptions/store.ts';
import { changeTicket, type TicketRow } from '../../ticket/store.ts';
import { restateTicket } from '../../ticket/worker.ts';
import type { AttemptOutcome } from '../handoff.ts';
import { attemptsOf, findHandoff, type HandoffRow } from '../store.ts';

/**
 * Tells of handoffs that were given up after an attempt without an answer: what it did may stand in the destination, and
 * of no answer an undo could be made. `cancelled`: as they were before; of one whose attempt is under way its result tells.
 */
export async function openUnknown(
  tx: Tx,
  ticket: TicketRow,
  cancelled: readonly HandoffRow[],
  now: Date,
): Promise<TicketRow> {
  const tried = cancelled.filter(({ state, attempts }) => state === 'ready' && attempts > 0);
  if (tried.length === 0) return ticket;
  const attempts = await attemptsOf(tx, ticket.id);
  let changed = ticket;
  for (const row of tried) {
    const own = attempts.filter(({ handoff_seq: of }) => of === row.seq);
    const unanswered = own.findLast(({ result }) => result === 'unknown');
    if (unanswered !== undefined) changed = await open(tx, changed, row, unanswered.detail ?? '', now);
  }
  return changed;
}

/** The same for one that was cancelled while its request was under way, now that its result is there. */
export async function openUnknownLate(
  tx: Tx,
  ticket: TicketRow,
  { seq }: HandoffRow,
  { result, detail }: AttemptOutcome,
  now: Date,
): Promise<void> {
  const row = await findHandoff(tx, ticket.id, seq);
  if (row?.state !== 'cancelled' || row.accepted_at !== null || result === 'accepted') return;
  const isTold = (await openExceptionsOf(tx, ticket.id)).some(({ handoff_seq: of }) => of === seq);
  if (isTold) return;
  const opened =
    result === 'unknown'
      ? await open(tx, ticket, row, detail, now)
      : await openUnknown(tx, ticket, [{ ...row, state: 'ready' }], now);
  await restateTicket(tx, opened, now);
}

async function open(
  tx: Tx,
  ticket: TicketRow,
  { handoff, destination, seq, attempts, plan }: HandoffRow,
  why: string,
  now: Date,
): Promise<TicketRow> {
  const draft = draftException(plan.exceptions, 'unconfirmed', {
    summary: `${handoff} was given up, and nobody knows whether ${destination} has done it: ${why}`,
    detail: { handoff, destination, attempts },
    checklist: [
      `Look in ${destination} whether it was done`,
      'Take it back there by hand if it was, and confirm with evidence what stands there now',
    ],
    handoffSeq: seq,
  });
  const exception = await openException(tx, ticket, draft, now);
  return await changeTicket(tx, ticket, { entries: [exceptionOpenedEntry(exception)] }, now);
}
