import type { Selectable, Updateable } from 'kysely';
import { approvalRow } from '../approval/decide.ts';
import { insertApprovals } from '../approval/store.ts';
import { type Batch, insertRows } from '../db/rows.ts';
import type { AttemptTable, Db, HandoffState, HandoffTable, Tx } from '../db/schema.ts';
import type { AttemptOutcome, HandoffDraft } from './handoff.ts';
import { type NewHandoffRow, revisionOf } from './rows.ts';

/** A handoff's row; `plan` is what was promised. */
export type HandoffRow = Omit<Selectable<HandoffTable>, 'plan'> & { readonly plan: HandoffDraft };
export type AttemptRow = Selectable<AttemptTable>;

/** Writes promised handoffs, with the approvals that they wait for. Two statements, whatever their number. */
export async function insertHandoffs(into: Tx | Batch, rows: readonly NewHandoffRow[]): Promise<void> {
  await insertRows(into, 'handoff', rows);
  await insertApprovals(
    into,
    rows.filter(({ state }) => state === 'awaiting_approval').map((row) => approvalRow(row)),
  );
}

/** One handoff; null where there is none. */
export async function findHandoff(db: Db, ticketId: string, seq: number): Promise<HandoffRow | null> {
  const row = await db
    .selectFrom('handoff')
    .selectAll()
    .where('ticket_id', '=', ticketId)
    .where('seq', '=', seq)
    .executeTakeFirst();
  return (row as HandoffRow | undefined) ?? null;
}

/** The handoffs of a ticket, first to last. */
export async function handoffsOf(db: Db, ticketId: string): Promise<HandoffRow[]> {
  const rows = await db
    .selectFrom('handoff')
    .selectAll()
    .where('ticket_id', '=', ticketId)
    .orderBy('seq')
    .execute();
  return rows as HandoffRow[];
}

/** The attempts of a ticket, in their order. */
export async function attemptsOf(db: Db, ticketId: string): Promise<AttemptRow[]> {
  return await db
    .selectFrom('attempt')
    .selectAll()
    .where('ticket_id', '=', ticketId)
    .orderBy('handoff_seq')
    .orderBy('attempt')
    .execute();
}

/** Whether an attempt under this handoff's key, its own or of one that it was retried from, got no answer. */
export async function hasUnanswered(db: Db, row: HandoffRow): Promise<boolean> {
  const found = await db
    .selectFrom('attempt')
    .innerJoin('handoff', (join) =>
      join
        .onRef('handoff.ticket_id', '=', 'attempt.ticket_id')
        .onRef('handoff.seq', '=', 'attempt.handoff_seq'),
    )
    .select('attempt.attempt')
    .where('handoff.ticket_id', '=', row.ticket_id)
    .where('handoff.idempotency_key', '=', row.idempotency_key)
    .where('attempt.result', '=', 'unknown')
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}

/** The highest sequence in use; 0 where there is none. The caller holds the ticket's lock. */
export async function lastHandoffSeq(tx: Tx, ticketId: string): Promise<number> {
  const row = await tx
    .selectFrom('handoff')
    .select((eb) => eb.fn.max('seq').as('seq'))
    .where('ticket_id', '=', ticketId)
    .executeTakeFirst();
  return row?.seq ?? 0;
}

/** What a transition of a handoff sets. JSON as text. */
export type HandoffChange = Updateable<HandoffTable> & { readonly state: HandoffState };

/**
 * Moves a handoff from the row that the caller has read. Fenced by its state, attempts and probes: null where another
 * worker or a person has moved it since, and then nothing is written. So a late worker cannot overwrite.
 */
export async function moveHandoff(
  tx: Db,
  from: HandoffRow,
  change: HandoffChange,
): Promise<HandoffRow | null> {
  const row = await tx
    .updateTable('handoff')
    .set(change)
    .where('ticket_id', '=', from.ticket_id)
    .where('seq', '=', from.seq)
    .where('state', '=', from.state)
    .where('attempts', '=', from.attempts)
    .where('probes', '=', from.probes)
    .returningAll()
    .executeTakeFirst();
  return (row as HandoffRow | undefined) ?? null;
}

/** Prolongs the lease of an attempt or probe that is still under way. False: it was taken over or settled. */
export async function renewLease(db: Db, held: HandoffRow, until: Date): Promise<boolean> {
  return (await moveHandoff(db, held, { state: held.state, due_at: until })) !== null;
}

/** Notes that an attempt begins. */
export async function openAttempt(tx: Tx, attempted: HandoffRow, now: Date): Promise<void> {
  await tx
    .insertInto('attempt')
    .values({
      ticket_id: attempted.ticket_id,
      handoff_seq: attempted.seq,
      attempt: attempted.attempts,
      started_at: now,
      ended_at: null,
      result: null,
      status: null,
      detail: null,
      response: null,
    })
    .execute();
}

/** Writes what came of an attempt, once: a later result changes nothing. */
export async function closeAttempt(
  tx: Tx,
  attempted: HandoffRow,
  outcome: AttemptOutcome,
  now: Date,
): Promise<void> {
  await tx
    .updateTable('attempt')
    .set({
      ended_at: now,
      result: outcome.result,
      status: outcome.status,
      detail: storable(outcome.detail),
      response: outcome.excerpt === null ? null : storable(outcome.excerpt),
    })
    .where('ticket_id', '=', attempted.ticket_id)
    .where('handoff_seq', '=', attempted.seq)
    .where('attempt', '=', attempted.attempts)
    .where('result', 'is', null)
    .execute();
}

/** A handoff of a ticket. */
export interface HandoffName {
  readonly ticketId: string;
  readonly handoffSeq: number;
}

/** The handoffs that wait for a worker and not for a person or another, the longest due first; some lie in the future. */
export async function earliestHandoffs(
  db: Db,
  rowsMax: number,
): Promise<(HandoffName & { readonly dueAt: Date })[]> {
  const rows = await db
    .selectFrom('handoff')
    .select(['ticket_id', 'seq', 'due_at'])
    .where('settled_at', 'is', null)
    .where('state', 'in', ['ready', 'confirming'])
    .where('due_at', 'is not', null)
    .orderBy('due_at')
    .limit(rowsMax)
    .$narrowType<{ due_at: Date }>()
    .execute();
  return rows.map((row) => ({ ticketId: row.ticket_id, handoffSeq: row.seq, dueAt: row.due_at }));
}

/** Handoffs in no final state that no worker will take up and whose time has come, the longest overdue first. No locks: who acts on one takes its ticket's. */
export async function overdueHandoffs(db: Db, now: Date, rowsMax: number) {
  return await db
    .selectFrom('handoff')
    .select(['ticket_id', 'seq'])
    .where('settled_at', 'is', null)
    .where('state', 'not in', ['ready', 'confirming'])
    .where('due_at', '<=', now)
    .orderBy('due_at')
    .limit(rowsMax)
    .execute();
}

/** Puts off a handoff that a sweep could not handle, so that it does not stand in the way of others. */
export async function setAside(db: Db, ticketId: string, seq: number, until: Date): Promise<void> {
  await db
    .updateTable('handoff')
    .set({ due_at: until })
    .where('ticket_id', '=', ticketId)
    .where('seq', '=', seq)
    .where('settled_at', 'is', null)
    .execute();
}

/** Whether every handoff that `row` waits for is confirmed, among those of its own revision. Pure. */
export function isReleased(row: HandoffRow, siblings: readonly HandoffRow[]): boolean {
  const revision = revisionOf(row.idempotency_key);
  return row.plan.after.every((id) =>
    siblings.some(
      (other) =>
        other.handoff === id && other.state === 'confirmed' && revisionOf(other.idempotency_key) === revision,
    ),
  );
}

/** PostgreSQL's text takes no NUL and no lone surrogates. */
function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\u{fffd}');
}
