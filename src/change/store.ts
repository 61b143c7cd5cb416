import type { Db } from '../db/schema.ts';
import type { Change, Standing, Told } from './change.ts';

export async function appendChanges(db: Db, changes: readonly Change[], now: Date): Promise<void> {
  await db
    .insertInto('change')
    .values({ at: now, changes: JSON.stringify(changes) })
    .execute();
}

/** What was told after a row, first to last. */
export async function changesAfter(db: Db, id: number, limit: number): Promise<Told[]> {
  const query = db.selectFrom('change').select(['id', 'changes']).where('id', '>', id);
  return (await query.orderBy('id').limit(limit).execute()) as Told[];
}

/** The first and the last row that there are; null: none. */
export async function changesKept(db: Db): Promise<{ readonly first: number; readonly last: number } | null> {
  const row = await db
    .selectFrom('change')
    .select((eb) => [eb.fn.min('id').as('first'), eb.fn.max('id').as('last')])
    .executeTakeFirst();
  return row?.first == null || row.last == null ? null : { first: row.first, last: row.last };
}

export async function forgetChanges(db: Db, before: Date): Promise<number> {
  return Number((await db.deleteFrom('change').where('at', '<', before).executeTakeFirst()).numDeletedRows);
}

/** Tickets as they stand, with what belongs to them. */
export async function standingOf(db: Db, ids: readonly string[]): Promise<Standing> {
  const [tickets, exceptions, handoffs, approvals] = await Promise.all([
    db
      .selectFrom('ticket')
      .select(['id', 'state', 'workflow', 'source', 'head_seq'])
      .where('id', 'in', ids)
      .execute(),
    db
      .selectFrom('exception')
      .select(['ticket_id', 'seq', 'state', 'mode', 'responsible'])
      .where('ticket_id', 'in', ids)
      .execute(),
    db
      .selectFrom('handoff')
      .select(['ticket_id', 'seq', 'state', 'destination'])
      .where('ticket_id', 'in', ids)
      .execute(),
    db
      .selectFrom('approval')
      .select(['ticket_id', 'handoff_seq', 'state', 'by'])
      .where('ticket_id', 'in', ids)
      .execute(),
  ]);
  return { tickets, exceptions, handoffs, approvals };
}
