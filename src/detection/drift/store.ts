import { type Selectable, sql } from 'kysely';
import type { Db, DriftTable, Tx } from '../../db/schema.ts';
import { limits } from '../../limits.ts';
import type { Change } from './changes.ts';
import { read, type Window, written } from './window.ts';

export type DriftRow = Selectable<DriftTable>;

/** Takes the reading of new tickets until the transaction ends; null: it is not due, or another node has it. */
export async function claimReader(tx: Tx, now: Date): Promise<{ position: string } | null> {
  const query = tx.selectFrom('shape_reader').select('position').where('due_at', '<=', now);
  return (await query.forUpdate().skipLocked().executeTakeFirst()) ?? null;
}

export async function moveReader(tx: Tx, position: string, dueAt: Date): Promise<void> {
  await tx.updateTable('shape_reader').set({ position, due_at: dueAt }).execute();
}

/** Tickets that came after one and before another, oldest first, at most limits.driftTicketsMax. */
export async function ticketsBetween(
  tx: Tx,
  after: string,
  before: string,
): Promise<{ id: string; source: string }[]> {
  return await tx
    .selectFrom('ticket')
    .select(['id', 'source'])
    .where('id', '>', after)
    .where('id', '<', before)
    .orderBy('id')
    .limit(limits.driftTicketsMax)
    .execute();
}

/** What came in for these tickets, as it was first sent; without what is erased or larger than limits.driftBodyBytesMax. */
export async function payloadsFor(tx: Tx, ids: readonly string[]) {
  if (ids.length === 0) return [];
  return await tx
    .selectFrom('payload')
    .innerJoin('ticket', 'ticket.id', 'payload.ticket_id')
    .select(['ticket.id', 'source', 'part', 'content_type', 'headers', 'body'])
    .where('ticket.id', 'in', ids)
    .where('payload.revision', '=', 1)
    .where(sql<boolean>`length(body) <= ${limits.driftBodyBytesMax}`)
    .orderBy('ticket.id')
    .execute();
}

/** The windows of a source, by kind. */
export async function windowsOf(tx: Tx, source: string): Promise<Map<string, Window>> {
  const rows = await tx.selectFrom('payload_shape').selectAll().where('source', '=', source).execute();
  return new Map(
    rows.map(({ kind, older, younger, recent }) => [
      kind,
      { older: read(older), younger: read(younger), recent: read(recent) },
    ]),
  );
}

export async function keepWindow(
  tx: Tx,
  source: string,
  kind: string,
  window: Window,
  now: Date,
): Promise<void> {
  const shapes = {
    older: written(window.older),
    younger: written(window.younger),
    recent: written(window.recent),
    updated_at: now,
  };
  await tx
    .insertInto('payload_shape')
    .values({ source, kind, ...shapes })
    .onConflict((conflict) => conflict.columns(['source', 'kind']).doUpdateSet(shapes))
    .execute();
}

/** Opens findings; one that is open already stays as it is. Returns how many are new. */
export async function openFindings(
  tx: Tx,
  at: { readonly source: string; readonly kind: string },
  changes: readonly (Change & { readonly described: boolean })[],
  now: Date,
): Promise<number> {
  if (changes.length === 0) return 0;
  const rows = changes.map(({ path, change, what, before, now: recent, described }) => ({
    ...at,
    path,
    change,
    what,
    before_seen: before.seen,
    before_of: before.of,
    now_seen: recent.seen,
    now_of: recent.of,
    described,
    opened_at: now,
  }));
  const query = tx.insertInto('drift').values(rows);
  const { numInsertedOrUpdatedRows } = await query
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  return Number(numInsertedOrUpdatedRows ?? 0);
}

export async function closeFinding(
  tx: Tx,
  id: number,
  because: NonNullable<DriftRow['closed_because']>,
  now: Date,
): Promise<void> {
  await tx
    .updateTable('drift')
    .set({ closed_at: now, closed_because: because })
    .where('id', '=', id)
    .execute();
}

/** Findings that are not over, the newest first. */
export async function openDrift(db: Db): Promise<DriftRow[]> {
  const query = db.selectFrom('drift').selectAll().where('closed_at', 'is', null);
  return await query.orderBy('id', 'desc').limit(openRowsMax).execute();
}

const openRowsMax = 2_000;

/** Which findings a list shows; what is not given does not narrow it. `after`: the id where the page before ended. */
export interface DriftFilter {
  readonly source?: string;
  readonly state?: 'open' | 'acknowledged' | 'closed' | 'all';
  readonly after?: number;
}

/** Findings, newest first; by default those that are not over. */
export async function listDrift(
  db: Db,
  { source, state, after }: DriftFilter,
  limit: number,
): Promise<DriftRow[]> {
  let query = db.selectFrom('drift').selectAll();
  if (source !== undefined) query = query.where('source', '=', source);
  if (after !== undefined) query = query.where('id', '<', after);
  if (state === 'closed') query = query.where('closed_at', 'is not', null);
  else if (state !== 'all') query = query.where('closed_at', 'is', null);
  if (state === 'open') query = query.where('acknowledged_at', 'is', null);
  if (state === 'acknowledged') query = query.where('acknowledged_at', 'is not', null);
  return await query.orderBy('id', 'desc').limit(limit).execute();
}

export async function findDrift(db: Db, id: number): Promise<DriftRow | null> {
  return (await db.selectFrom('drift').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
}

/** A person knows of it. Null: it is over, or somebody has acknowledged it before. */
export async function acknowledgeFinding(
  db: Db,
  id: number,
  by: { readonly actor: string; readonly reason: string },
  now: Date,
): Promise<DriftRow | null> {
  const row = await db
    .updateTable('drift')
    .set({ acknowledged_at: now, acknowledged_by: by.actor, reason: by.reason })
    .where('id', '=', id)
    .where('closed_at', 'is', null)
    .where('acknowledged_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
  return row ?? null;
}
