import type { Selectable } from 'kysely';
import type { Db, PollTable } from '../db/schema.ts';
import type { NextPoll, PollState } from './next-poll.ts';
import type { Position, Round } from './poll.ts';

/** A polled source's row. */
export interface PollRow extends PollState {
  readonly source: string;
  readonly position: Position;
  /** Which run this is; what is written under an old number is refused. */
  readonly run: number;
  readonly leaseUntil: Date | null;
}

/** The rows of these sources, as far as they have any. */
export async function findPolls(db: Db, sources: readonly string[]): Promise<PollRow[]> {
  if (sources.length === 0) return [];
  const query = db.selectFrom('poll').selectAll().where('source', 'in', sources);
  return (await query.orderBy('due_at').execute()).map(rowFrom);
}

/** Begins with a source: due at once. Where it has been begun before, nothing. */
export async function beginPoll(db: Db, source: string, start: unknown, now: Date): Promise<void> {
  await db
    .insertInto('poll')
    .values({ source, cursor: JSON.stringify(start), due_at: now })
    .onConflict((conflict) => conflict.column('source').doNothing())
    .execute();
}

/** Takes a source for one run, until `until` unless it is prolonged; null where another run has it. */
export async function claimPoll(db: Db, source: string, until: Date, now: Date): Promise<PollRow | null> {
  const row = await db
    .updateTable('poll')
    .set((eb) => ({ run: eb('run', '+', 1), lease_until: until, due_at: until }))
    .where('source', '=', source)
    .where((eb) => eb.or([eb('lease_until', 'is', null), eb('lease_until', '<=', now)]))
    .returningAll()
    .executeTakeFirst();
  return row === undefined ? null : rowFrom(row);
}

type Run = Pick<PollRow, 'source' | 'run'>;

/** Moves a run's position on and prolongs its lease. False: another run has taken over, and nothing was written. */
export async function movePoll(
  db: Db,
  { source, run }: Run,
  { cursor, round }: Position,
  until: Date,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('poll')
    .set({
      cursor: JSON.stringify(cursor),
      round: round === null ? null : JSON.stringify(round),
      lease_until: until,
      due_at: until,
    })
    .where('source', '=', source)
    .where('run', '=', run)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Ends a run. False: another run has taken over, and nothing was written. */
export async function endPoll(
  db: Db,
  { source, run }: Run,
  { dueAt, failures, error, lastSuccessAt }: NextPoll,
  { restart }: { readonly restart: boolean },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('poll')
    .set({
      lease_until: null,
      due_at: dueAt,
      ...(failures !== undefined && { failures }),
      ...(error !== undefined && { error }),
      ...(lastSuccessAt !== undefined && { last_success_at: lastSuccessAt }),
      ...(restart && { round: null }),
    })
    .where('source', '=', source)
    .where('run', '=', run)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

function rowFrom(row: Selectable<PollTable>): PollRow {
  return {
    source: row.source,
    position: { cursor: row.cursor, round: row.round as Round | null },
    run: row.run,
    dueAt: row.due_at,
    leaseUntil: row.lease_until,
    lastSuccessAt: row.last_success_at,
    failures: row.failures,
    error: row.error,
  };
}
