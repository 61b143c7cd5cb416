import type { EntryDraft } from '../../audit/chain.ts';
import type { Tx } from '../../db/schema.ts';
import { AppError } from '../../errors.ts';
import type { FailureMode } from '../../exceptions/exception.ts';
import { draftException, exceptionOpenedEntry } from '../../exceptions/open.ts';
import { openException } from '../../exceptions/store.ts';
import { changeTicket, findTicket, type TicketRow } from '../../ticket/store.ts';
import type { AttemptOutcome, UndoPlan } from '../handoff.ts';
import { handoffPromisedEntry, handoffRow, type NewHandoffRow, revisionOf } from '../rows.ts';
import { type HandoffRow, handoffsOf, insertHandoffs, lastHandoffSeq, moveHandoff } from '../store.ts';
import type { HandoffShell } from '../worker.ts';
import { compiledRequestOf, undoDraft } from './draft.ts';
import { isOverUndone, type Undone, undoneByAbandonment, undoneByFailure, unmadeText } from './undo.ts';

/**
 * Takes back what was handed off, where the workflow says how. An undo is a handoff like any other: its row, key, attempts
 * and proof are its own, and its failure is an exception. All here happens in the caller's transaction, on a locked ticket.
 */

/** An undo whose request cannot be made: somebody has to do it by hand. */
interface Unmade {
  readonly row: NewHandoffRow;
  readonly undone: HandoffRow;
  readonly problem: string;
}

interface Promised {
  readonly entries: readonly EntryDraft[];
  readonly unmade: readonly Unmade[];
}

/** What a failed handoff takes back at once, and what its exception says of it. */
export interface UndoAfter extends Promised {
  /** The rest of the exception's sentence; empty: nothing is taken back now. */
  readonly text: string;
  readonly detail: Readonly<Record<string, unknown>>;
  /** What was under way, and must not go on: as it was before. */
  readonly cancelled: readonly HandoffRow[];
}

export async function undoAfter(
  tx: Tx,
  ticket: TicketRow,
  failed: HandoffRow,
  mode: FailureMode,
  now: Date,
): Promise<UndoAfter> {
  const rows = await handoffsOf(tx, ticket.id);
  const { undone, cancelled, text, detail } = undoneByFailure(failed, mode, rows);
  if (undone.length === 0) return { entries: [], unmade: [], text, detail, cancelled };
  const promised = await promiseUndos(tx, ticket, undone, 'signalbox', now);
  const stopped = await cancel(tx, cancelled, now);
  return { entries: [...promised.entries, ...stopped], unmade: promised.unmade, text, detail, cancelled };
}

/** Takes back all that can be of work that is given up, and goes on with undos whose failure somebody has just put up with. */
export async function undoAbandoned(tx: Tx, ticket: TicketRow, actor: string, now: Date): Promise<TicketRow> {
  const rows = await handoffsOf(tx, ticket.id);
  await goOn(tx, rows, now);
  const undone = undoneByAbandonment(rows);
  if (undone.length === 0) return ticket;
  const { entries, unmade } = await promiseUndos(tx, ticket, undone, actor, now);
  return await openUnmade(tx, await changeTicket(tx, ticket, { entries }, now), unmade, now);
}

/**
 * A handoff was cancelled while its request was under way, and it was accepted after all: that is taken back too. One that
 * was proved by a callback before its answer came keeps that answer: of it is made what takes it back.
 */
export async function undoLate(
  tx: Tx,
  ticket: TicketRow,
  { seq, plan }: HandoffRow,
  { result, body }: AttemptOutcome,
  now: Date,
): Promise<void> {
  if (result !== 'accepted' || plan.undo === undefined) return;
  const rows = await handoffsOf(tx, ticket.id);
  const row = rows.find((each) => each.seq === seq);
  const response = body === undefined ? null : JSON.stringify(body);
  if (row?.state === 'confirmed' && row.response === null)
    return void (await moveHandoff(tx, row, { state: 'confirmed', response }));
  if (row?.state !== 'cancelled' || row.accepted_at !== null) return;
  const accepted = await moveHandoff(tx, row, { state: 'cancelled', accepted_at: now, response });
  if (accepted === null) return;
  const undone = undoneByAbandonment(rows.map((each) => (each === row ? accepted : each)));
  const own = undone.filter((each) => each.row === accepted);
  const { entries, unmade } = await promiseUndos(tx, ticket, own, 'signalbox', now);
  if (entries.length > 0) await openUnmade(tx, await changeTicket(tx, ticket, { entries }, now), unmade, now);
}

/** Refuses to repeat what makes no sense any more: what it comes after has been taken back. Throws AppError. */
export async function refuseUndone(tx: Tx, failed: HandoffRow): Promise<void> {
  if (failed.plan.undoes?.unmade) {
    throw new AppError('conflict', `${failed.handoff} cannot be sent: it could not be made`, {
      help: 'Take it back by hand and confirm that with evidence',
    });
  }
  const undone = isOverUndone(failed, await handoffsOf(tx, failed.ticket_id));
  if (undone.length === 0) return;
  throw new AppError('conflict', `${failed.handoff} comes after ${undone.join(', ')}, which is undone`, {
    help: 'Replay the ticket, which does all of it anew, or discard it',
  });
}

/** What the destination's document has against an undo, where it is sent; null: nothing, or it is none. */
export async function undoRefused(
  { db, workflowAt }: HandoffShell,
  { plan, handoff, ticket_id: id, destination }: HandoffRow,
): Promise<AttemptOutcome | null> {
  if (plan.undoes === undefined || plan.request.body === undefined) return null;
  const ticket = await findTicket(db, id);
  const workflow = ticket && (await workflowAt(ticket.workflow_version));
  const contract = compiledRequestOf(workflow, handoff)?.requestContract ?? null;
  const [first] = contract?.validate(plan.request.body) ?? [];
  if (first === undefined) return null;
  const detail = `${destination} would refuse ${plan.request.operation}: ${first.message}`;
  return { result: 'rejected', status: null, detail, excerpt: null, retryAfter: null };
}

/** Tells of undos that could not be made, each with its exception. */
export async function openUnmade(
  tx: Tx,
  locked: TicketRow,
  unmade: readonly Unmade[],
  now: Date,
): Promise<TicketRow> {
  let ticket = locked;
  for (const { row, undone, problem } of unmade) {
    const { handoff, destination, plan } = undone;
    const summary = unmadeText({ handoff, destination }, problem);
    const detail = { handoff: row.handoff, destination, failure: problem };
    const opening = { summary, detail, handoffSeq: row.seq };
    const exception = await openException(
      tx,
      ticket,
      draftException(plan.exceptions, 'transform_failed', opening),
      now,
    );
    ticket = await changeTicket(tx, ticket, { entries: [exceptionOpenedEntry(exception)] }, now);
  }
  return ticket;
}

async function promiseUndos(
  tx: Tx,
  ticket: TicketRow,
  undone: readonly Undone<HandoffRow>[],
  actor: string,
  now: Date,
): Promise<Promised> {
  const last = await lastHandoffSeq(tx, ticket.id);
  const made = undone.map(({ row, after }, index) => {
    const { draft, problem } = undoDraft(row, row.plan.undo as UndoPlan, ticket.fields, after);
    const planned = handoffRow(ticket.id, last + index + 1, revisionOf(row.idempotency_key), draft, now);
    const failed = { state: 'failed', settled_at: now, due_at: null } as const;
    return { row: problem === null ? planned : { ...planned, ...failed }, undone: row, problem };
  });
  await insertHandoffs(
    tx,
    made.map(({ row }) => row),
  );
  return {
    entries: made.map(({ row, undone: { seq } }) => handoffPromisedEntry(row, actor, { undoes: seq })),
    unmade: made.flatMap(({ problem, ...each }) => (problem === null ? [] : [{ ...each, problem }])),
  };
}

/** An undo that waits for one that has failed is not held up once nobody is to repair that any more. */
async function goOn(tx: Tx, rows: readonly HandoffRow[], now: Date): Promise<void> {
  const open = new Set(rows.filter(({ settled_at: at }) => at === null).map(({ handoff }) => handoff));
  for (const row of rows) {
    const waits = row.state === 'waiting' && row.plan.undoes !== undefined;
    if (waits && !row.plan.after.some((name) => open.has(name)))
      await moveHandoff(tx, row, { state: 'ready', due_at: now });
  }
}

async function cancel(tx: Tx, rows: readonly HandoffRow[], now: Date): Promise<EntryDraft[]> {
  const entries: EntryDraft[] = [];
  for (const row of rows) {
    await moveHandoff(tx, row, { state: 'cancelled', settled_at: now, due_at: null });
    const data = {
      handoff_seq: row.seq,
      handoff: row.handoff,
      was: row.state,
      reason: 'what it comes after is undone',
    };
    entries.push({ kind: 'handoff_cancelled', actor: 'signalbox', data });
  }
  return entries;
}
