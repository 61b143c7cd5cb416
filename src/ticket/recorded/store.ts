import { sql } from 'kysely';
import type { Db } from '../../db/schema.ts';
import type { FailureMode } from '../../exceptions/exception.ts';
import type { HandoffDraft } from '../../handoff/handoff.ts';
import { limits } from '../../limits.ts';
import type { RecordedRows } from './recorded.ts';

/** Which recorded triggers are read; what is not given does not narrow it. Ids are UUIDv7: a range of them is a window in time. */
export interface RecordedFilter {
  readonly workflow?: string;
  readonly source?: string;
  readonly ticket?: string;
  /** The first id that may be read. */
  readonly from?: string;
  /** The first id that may no longer be read. */
  readonly to?: string;
  /** The id where the page before ended. */
  readonly after?: string;
}

/**
 * A page of triggers as they were first recorded, oldest first: at most `limit` rows and limits.recordedRowsMax, and no
 * more once limits.recordedBytesMax of bodies are full. Empty: there are no more.
 */
export async function recordedPage(db: Db, filter: RecordedFilter, limit: number): Promise<RecordedRows[]> {
  const triggers = await triggersOf(db, filter, Math.min(limit, limits.recordedRowsMax));
  const ids = triggers.map(({ id }) => id);
  if (ids.length === 0) return [];
  const [entries, transfers, handoffs, exceptions] = await Promise.all([
    firstEntriesOf(db, ids),
    firstTransfersOf(db, ids),
    firstHandoffsOf(db, ids),
    firstExceptionsOf(db, ids),
  ]);
  return triggers.map((trigger) => ({
    trigger,
    entries: entries.get(trigger.id) ?? [],
    transfer: transfers.get(trigger.id) ?? null,
    handoffs: handoffs.get(trigger.id) ?? [],
    exception: exceptions.get(trigger.id)?.[0] ?? null,
  }));
}

async function triggersOf(db: Db, filter: RecordedFilter, limit: number): Promise<RecordedRows['trigger'][]> {
  const { workflow, source, ticket, from, to, after } = filter;
  const page = db
    .selectFrom('ticket')
    .innerJoin('payload', (join) =>
      join.onRef('payload.ticket_id', '=', 'ticket.id').on('payload.revision', '=', 1),
    )
    .select(['id', 'source', 'part', 'owner', 'alternate', 'identity', 'received_at'])
    .select(['payload.content_type', 'payload.headers', 'payload.body'])
    .select(sql<number>`sum(coalesce(length(body), 0)) over (order by id)`.as('bytes'))
    .$if(workflow !== undefined, (query) => query.where('workflow', '=', workflow ?? ''))
    .$if(source !== undefined, (query) => query.where('source', '=', source ?? ''))
    .$if(ticket !== undefined, (query) => query.where('id', '=', ticket ?? ''))
    .$if(from !== undefined, (query) => query.where('id', '>=', from ?? ''))
    .$if(to !== undefined, (query) => query.where('id', '<', to ?? ''))
    .$if(after !== undefined, (query) => query.where('id', '>', after ?? ''))
    .orderBy('id')
    .limit(limit);
  // The first is read whatever its size.
  const rows = await db
    .selectFrom(page.as('page'))
    .selectAll()
    .where(sql<boolean>`bytes - coalesce(length(body), 0) < ${limits.recordedBytesMax}`)
    .orderBy('id')
    .execute();
  return rows;
}

/** A ticket's first decision and what came of it stand in the entries after the first. */
async function firstEntriesOf(db: Db, ids: readonly string[]) {
  const rows = await db
    .selectFrom('entry')
    .select(['ticket_id', 'seq', 'kind', 'data'])
    .where(among(ids))
    .where('seq', '>=', 2)
    .where('seq', '<=', 2 + limits.handoffsMax)
    .orderBy('seq')
    .execute();
  return Map.groupBy(rows, (row) => row.ticket_id);
}

/** The entries by which tickets first went to another owner. */
async function firstTransfersOf(db: Db, ids: readonly string[]) {
  const rows = await db
    .selectFrom('entry')
    .distinctOn('ticket_id')
    .select(['ticket_id', 'data'])
    .where(among(ids))
    .where('kind', '=', 'ownership_transferred')
    .orderBy('ticket_id')
    .orderBy('seq')
    .execute();
  return new Map(rows.map((row) => [row.ticket_id, row.data]));
}

async function firstHandoffsOf(db: Db, ids: readonly string[]) {
  const rows = await db
    .selectFrom('handoff')
    .select(['ticket_id', 'seq', 'handoff', 'destination'])
    .select(sql<HandoffDraft['request']>`plan -> 'request'`.as('request'))
    .select(sql<HandoffDraft['approval']>`plan -> 'approval'`.as('approval'))
    .where(among(ids))
    .where('seq', '<=', limits.handoffsMax)
    .orderBy('seq')
    .execute();
  return Map.groupBy(rows, (row) => row.ticket_id);
}

async function firstExceptionsOf(db: Db, ids: readonly string[]) {
  const rows = await db
    .selectFrom('exception')
    .select(['ticket_id', 'mode', 'summary', 'detail', 'owner', 'alternate'])
    .where(among(ids))
    .where('seq', '=', 1)
    .$castTo<{
      ticket_id: string;
      mode: FailureMode;
      summary: string;
      detail: Readonly<Record<string, unknown>>;
      owner: string;
      alternate: string;
    }>()
    .execute();
  return Map.groupBy(rows, (row) => row.ticket_id);
}

function among(ids: readonly string[]) {
  return sql<boolean>`ticket_id = any(${ids}::uuid[])`;
}
