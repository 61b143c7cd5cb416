import type { EntryDraft } from '../../audit/chain.ts';
import type { Tx } from '../../db/schema.ts';
import type { FailureMode } from '../../exceptions/exception.ts';
import { draftException, exceptionOpenedEntry } from '../../exceptions/open.ts';
import { openException } from '../../exceptions/store.ts';
import { insertOutcome, type NewOutcome } from '../../outcome/store.ts';
import { plusMs } from '../../platform/instant.ts';
import { changeTicket, type TicketRow } from '../../ticket/store.ts';
import { restateTicket } from '../../ticket/worker.ts';
import type { AttemptOutcome } from '../handoff.ts';
import { accepted } from '../step.ts';
import { type HandoffRow, handoffsOf, isReleased, moveHandoff } from '../store.ts';
import { failureText } from '../undo/undo.ts';
import { openUnmade, undoAfter } from '../undo/worker.ts';
import { openUnknown } from '../unknown/worker.ts';

/** How a handoff ends. All of it happens in the caller's transaction, on a locked ticket. */

export interface Failure {
  readonly mode: FailureMode;
  /** One sentence for the person who takes the exception. */
  readonly summary: string;
  readonly detail: Readonly<Record<string, unknown>>;
  /** What goes into the chain before the exception is announced. No values of a payload. */
  readonly entries: readonly EntryDraft[];
  /** Set where the destination has taken it all the same: its effect stands there. */
  readonly accepted?: Pick<AttemptOutcome, 'body'>;
}

/** Ends a handoff in an exception under the policy that was frozen when it was decided. Null: it has moved meanwhile. */
export async function failHandoff(
  tx: Tx,
  ticket: TicketRow,
  row: HandoffRow,
  failure: Failure,
  now: Date,
): Promise<TicketRow | null> {
  const failed = await moveHandoff(tx, row, {
    state: 'failed',
    settled_at: now,
    due_at: null,
    ...(failure.accepted && accepted(failure.accepted, now)),
  });
  if (failed === null) return null;
  const { mode } = failure;
  const undo = await undoAfter(tx, ticket, failed, mode, now);
  const summary = `${failureText(row.plan, failure.summary)}${undo.text}`;
  const detail = { handoff: row.handoff, destination: row.destination, ...failure.detail, ...undo.detail };
  const draft = draftException(row.plan.exceptions, mode, { summary, detail, handoffSeq: row.seq });
  const exception = await openException(tx, ticket, draft, now);
  const entries = [...failure.entries, exceptionOpenedEntry(exception), ...undo.entries];
  const changed = await changeTicket(tx, ticket, { entries }, now);
  const told = await openUnknown(tx, await openUnmade(tx, changed, undo.unmade, now), undo.cancelled, now);
  return await restateTicket(tx, told, now);
}

/** Ends a handoff that is proved, and lets those go on that waited for it. Null: it has moved meanwhile. */
export async function confirmed(
  tx: Tx,
  ticket: TicketRow,
  row: HandoffRow,
  proof: { readonly outcome: NewOutcome; readonly entry: EntryDraft },
  now: Date,
): Promise<TicketRow | null> {
  const moved = await moveHandoff(tx, row, { state: 'confirmed', settled_at: now, due_at: null });
  if (moved === null) return null;
  await insertOutcome(tx, row, proof.outcome, now);
  const changed = await changeTicket(tx, ticket, { entries: [proof.entry] }, now);
  return await restateTicket(tx, await releaseWaiting(tx, changed, now), now);
}

/** Makes ready whatever waits for nothing any more; its time for retries begins now. */
export async function releaseWaiting(tx: Tx, ticket: TicketRow, now: Date): Promise<TicketRow> {
  const handoffs = await handoffsOf(tx, ticket.id);
  const released = handoffs.filter((row) => row.state === 'waiting' && isReleased(row, handoffs));
  if (released.length === 0) return ticket;
  for (const row of released) {
    const giveUpAt = plusMs(now, row.plan.retry.forMs);
    await moveHandoff(tx, row, { state: 'ready', due_at: now, give_up_at: giveUpAt });
  }
  return await changeTicket(tx, ticket, { entries: released.map(releasedEntry) }, now);
}

function releasedEntry(row: HandoffRow): EntryDraft {
  const data = { handoff_seq: row.seq, handoff: row.handoff, after: row.plan.after };
  return { kind: 'handoff_released', actor: 'signalbox', data };
}
