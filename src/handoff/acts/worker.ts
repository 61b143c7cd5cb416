import { findApproval, insertApprovals } from '../../approval/store.ts';
import type { EntryDraft } from '../../audit/chain.ts';
import type { Tx } from '../../db/schema.ts';
import { AppError } from '../../errors.ts';
import type { Effects } from '../../exceptions/worker.ts';
import { insertOutcome } from '../../outcome/store.ts';
import { changeTicket, type TicketRow } from '../../ticket/store.ts';
import { releaseWaiting } from '../ending/worker.ts';
import { handoffPromisedEntry, handoffRow, type NewHandoffRow, revisionOf } from '../rows.ts';
import {
  findHandoff,
  type HandoffRow,
  handoffsOf,
  insertHandoffs,
  lastHandoffSeq,
  moveHandoff,
} from '../store.ts';
import { refuseUndone, undoAbandoned } from '../undo/worker.ts';
import { openUnknown } from '../unknown/worker.ts';

/**
 * What the resolution of an exception does to handoffs. Final states are written once, so a retry and a confirmation by
 * hand are each a new row of the same handoff, with the same idempotency key; the failed one stays as it is. What is
 * cancelled is given up: what was done of it is taken back where the workflow says how.
 */
export const handoffEffects: Pick<Effects, 'retryHandoff' | 'confirmHandoff' | 'cancelHandoffs'> = {
  async retryHandoff(tx, ticket, handoffSeq, actor, now) {
    const failed = await failedHandoff(tx, ticket, handoffSeq);
    await refuseUndone(tx, failed);
    const again = await promiseAgain(tx, failed, { state: 'ready', due_at: now }, now);
    await carryApproval(tx, failed, again.seq);
    return await changeTicket(tx, ticket, { entries: [againEntry(again, failed, actor)] }, now);
  },

  async confirmHandoff(tx, ticket, handoffSeq, evidence, actor, now) {
    const given = await findHandoff(tx, ticket.id, handoffSeq);
    // What stands of one that was given up is told by the evidence, which is in the entry of the exception.
    if (given?.state === 'cancelled') return ticket;
    const failed = await failedHandoff(tx, ticket, handoffSeq);
    const settled = { state: 'confirmed', due_at: null, confirm_by: now, settled_at: now } as const;
    const again = await promiseAgain(tx, failed, settled, now);
    await insertOutcome(tx, again, { state: 'confirmed_by_person', compared: [], evidence, by: actor }, now);
    const entry = {
      kind: 'outcome_confirmed_by_person',
      actor,
      data: { handoff_seq: again.seq, handoff: again.handoff, instead_of: failed.seq },
    };
    return await releaseWaiting(tx, await changeTicket(tx, ticket, { entries: [entry] }, now), now);
  },

  async cancelHandoffs(tx, ticket, reason, actor, now) {
    const rows = await handoffsOf(tx, ticket.id);
    const open = rows.filter((row) => row.settled_at === null && row.plan.undoes === undefined);
    const entries: EntryDraft[] = [];
    for (const row of open) {
      await moveHandoff(tx, row, { state: 'cancelled', settled_at: now, due_at: null });
      const data = { handoff_seq: row.seq, handoff: row.handoff, was: row.state, reason };
      entries.push({ kind: 'handoff_cancelled', actor, data });
    }
    const cancelled = entries.length === 0 ? ticket : await changeTicket(tx, ticket, { entries }, now);
    return await undoAbandoned(tx, await openUnknown(tx, cancelled, open, now), actor, now);
  },
};

async function failedHandoff(tx: Tx, ticket: TicketRow, seq: number): Promise<HandoffRow> {
  const row = await findHandoff(tx, ticket.id, seq);
  if (row === null) throw new AppError('not_found', `Ticket ${ticket.id} has no handoff ${seq}`);
  if (row.state !== 'failed') {
    throw new AppError('conflict', `Handoff ${seq} is ${row.state}, not failed`, {
      help: 'Only a failed handoff is tried again or confirmed by hand',
    });
  }
  return row;
}

async function promiseAgain(
  tx: Tx,
  failed: HandoffRow,
  as: Pick<NewHandoffRow, 'state' | 'due_at'> & Partial<NewHandoffRow>,
  now: Date,
): Promise<NewHandoffRow> {
  const seq = (await lastHandoffSeq(tx, failed.ticket_id)) + 1;
  const revision = revisionOf(failed.idempotency_key);
  const row = { ...handoffRow(failed.ticket_id, seq, revision, failed.plan, now), ...as };
  await insertHandoffs(tx, [row]);
  return row;
}

/** The request is the same, so a person's yes to it still holds. */
async function carryApproval(tx: Tx, failed: HandoffRow, seq: number): Promise<void> {
  const approval = await findApproval(tx, failed.ticket_id, failed.seq);
  if (approval === null) return;
  const [policy, yes] = [JSON.stringify(approval.policy), JSON.stringify(approval.yes)];
  await insertApprovals(tx, [{ ...approval, handoff_seq: seq, policy, yes }]);
}

function againEntry(again: NewHandoffRow, failed: HandoffRow, actor: string): EntryDraft {
  const entry = handoffPromisedEntry(again, actor);
  return { ...entry, data: { ...entry.data, retry_of: failed.seq } };
}
