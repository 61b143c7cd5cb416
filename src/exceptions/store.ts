import { type Selectable, sql, type Updateable } from 'kysely';
import { type Batch, insertRows } from '../db/rows.ts';
import type { Db, ExceptionTable, Tx } from '../db/schema.ts';
import { timedPlaceFrom } from '../platform/cursor.ts';
import type { TicketRow } from '../ticket/store.ts';
import type { Ref } from '../workflow/workflow.ts';
import type {
  ChecklistPoint,
  ExceptionChanges,
  ExceptionDraft,
  ExceptionState,
  FrozenPolicy,
} from './exception.ts';
import { exceptionRow, type NewException } from './open.ts';
import { type QueueFilter, queueCondition } from './queue/store.ts';

export type ExceptionRow = Selectable<ExceptionTable>;

/** Names one exception. */
export interface ExceptionKey {
  readonly ticketId: string;
  readonly seq: number;
}

/** Writes new exceptions with one statement, whatever their number. Their entries are the caller's. */
export async function insertExceptions(into: Tx | Batch, rows: readonly NewException[]): Promise<void> {
  await insertRows(into, 'exception', rows);
}

/** Opens the next exception of a ticket that the caller has locked; its entry (exceptionOpenedEntry) is the caller's. */
export async function openException(
  tx: Tx,
  ticket: Pick<TicketRow, 'id' | 'workflow'>,
  draft: ExceptionDraft,
  now: Date,
): Promise<NewException> {
  const row = exceptionRow(
    ticket.id,
    (await lastExceptionSeq(tx, ticket.id)) + 1,
    ticket.workflow,
    draft,
    now,
  );
  await insertExceptions(tx, [row]);
  return row;
}

/** The highest sequence in use; 0 where there is none. The caller holds the ticket's lock. */
export async function lastExceptionSeq(tx: Tx, ticketId: string): Promise<number> {
  const row = await tx
    .selectFrom('exception')
    .select((eb) => eb.fn.max('seq').as('seq'))
    .where('ticket_id', '=', ticketId)
    .executeTakeFirst();
  return row?.seq ?? 0;
}

export async function findException(db: Db, key: ExceptionKey): Promise<ExceptionRow | null> {
  const query = db.selectFrom('exception').selectAll().where('ticket_id', '=', key.ticketId);
  return (await query.where('seq', '=', key.seq).executeTakeFirst()) ?? null;
}

/** The exceptions of a ticket, first to last. */
export async function exceptionsOf(db: Db, ticketId: string): Promise<ExceptionRow[]> {
  const query = db.selectFrom('exception').selectAll().where('ticket_id', '=', ticketId);
  return await query.orderBy('seq').execute();
}

/** The exceptions of a ticket that are not resolved, first to last. */
export async function openExceptionsOf(db: Db, ticketId: string): Promise<ExceptionRow[]> {
  const query = db.selectFrom('exception').selectAll().where('ticket_id', '=', ticketId);
  return await query.where('state', '<>', 'resolved').orderBy('seq').execute();
}

/** Writes what a transition sets. The caller holds the ticket's lock. */
export async function updateException(
  tx: Tx,
  key: ExceptionKey,
  changes: ExceptionChanges,
): Promise<ExceptionRow> {
  return await tx
    .updateTable('exception')
    .set(columnsOf(changes))
    .where('ticket_id', '=', key.ticketId)
    .where('seq', '=', key.seq)
    .returningAll()
    .executeTakeFirstOrThrow();
}

export interface ExceptionFilter extends QueueFilter {
  readonly limit: number;
  /** `next` of the page before. */
  readonly after?: string;
}

/** A row of the list: an exception with where its ticket comes from. */
export type ListedException = ExceptionRow & { readonly workflow: string; readonly source: string };

/** A page of exceptions: the most urgent first (by due_at), or, of resolved ones, the latest. `next`: null on the last page. */
export async function listExceptions(
  db: Db,
  filter: ExceptionFilter,
): Promise<{ rows: ListedException[]; next: string | null }> {
  const { limit } = filter;
  const resolved = filter.state === 'resolved';
  const [at, direction] = resolved ? (['resolved_at', 'desc'] as const) : (['due_at', 'asc'] as const);
  let query = db
    .selectFrom('exception')
    .innerJoin('ticket', 'ticket.id', 'exception.ticket_id')
    .selectAll('exception')
    .select(['ticket.workflow', 'ticket.source'])
    .where(queueCondition(filter));
  if (filter.after !== undefined) {
    const last = timedPlaceFrom(filter.after);
    const keys = sql`(exception.${sql.ref(at)}, exception.ticket_id, exception.seq)`;
    const position = sql`(${last.at}::timestamptz, ${last.ticketId}::uuid, ${last.seq}::int4)`;
    query = query.where(resolved ? sql<boolean>`${keys} < ${position}` : sql<boolean>`${keys} > ${position}`);
  }
  const rows = await query
    .orderBy(`exception.${at}`, direction)
    .orderBy('exception.ticket_id', direction)
    .orderBy('exception.seq', direction)
    .limit(limit + 1)
    .execute();
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { rows: page, next: rows.length > limit && last ? cursorText(last[at], last) : null };
}

/**
 * Exceptions that a deadline may have something to say to: the longest overdue first, then open ones whose responsible
 * is not among `reachable`, and somebody above is. No locks: who acts on one locks its ticket first, and looks again.
 */
export async function dueExceptions(
  db: Db,
  now: Date,
  reachable: readonly Ref[],
  rowsMax: number,
): Promise<ExceptionKey[]> {
  const unresolved = db
    .selectFrom('exception')
    .select(['ticket_id as ticketId', 'seq'])
    .where('state', '<>', 'resolved')
    .orderBy('due_at')
    .limit(rowsMax);
  const due = await unresolved.where('due_at', '<=', now).execute();
  const unreachable = await unresolved
    .where('due_at', '>', now)
    .where('state', '=', 'open')
    .where(sql<boolean>`responsible <> all(${reachable}::text[])`)
    // Where nobody above can be reached either, nothing is to be done before its deadline.
    .where(sql<boolean>`exists (
      select from jsonb_array_elements_text(jsonb_build_array(policy -> 'owner', policy -> 'alternate')
        || case json_typeof(policy -> 'escalate') when 'array' then (policy -> 'escalate')::jsonb else '[]' end)
        with ordinality as rung (ref, place)
      where place > level + 1 and ref = any(${reachable}::text[]))`)
    .execute();
  return [...due, ...unreachable];
}

/** Puts off an exception that a sweep could not handle, so that it does not stand in the way of others. */
export async function setAsideException(db: Db, key: ExceptionKey, until: Date): Promise<void> {
  await db
    .updateTable('exception')
    .set({ due_at: until })
    .where('ticket_id', '=', key.ticketId)
    .where('seq', '=', key.seq)
    .where('state', '<>', 'resolved')
    .execute();
}

/** A row as its decider sees it. */
export function stateOf(row: ExceptionRow): ExceptionState {
  return {
    seq: row.seq,
    mode: row.mode,
    handoffSeq: row.handoff_seq,
    state: row.state,
    policy: row.policy as FrozenPolicy,
    responsible: row.responsible as Ref,
    level: row.level,
    resolveBy: row.resolve_by,
    lapsesAt: row.lapses_at,
    dueAt: row.due_at,
    slaMissedAt: row.sla_missed_at,
    claimedBy: row.claimed_by,
    claimedAt: row.claimed_at,
    checklist: row.checklist as ChecklistPoint[],
    rootCause: row.root_cause,
    resolution: row.resolution,
    resolutionNote: row.resolution_note,
    resolvedAt: row.resolved_at,
    resolvedBy: row.resolved_by,
  };
}

function columnsOf(changes: ExceptionChanges): Updateable<ExceptionTable> {
  const columns = {
    state: changes.state,
    responsible: changes.responsible,
    level: changes.level,
    lapses_at: changes.lapsesAt,
    due_at: changes.dueAt,
    sla_missed_at: changes.slaMissedAt,
    claimed_by: changes.claimedBy,
    claimed_at: changes.claimedAt,
    checklist: changes.checklist && JSON.stringify(changes.checklist),
    root_cause: changes.rootCause,
    resolution: changes.resolution,
    resolution_note: changes.resolutionNote,
    resolved_at: changes.resolvedAt,
    resolved_by: changes.resolvedBy,
  };
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined));
}

function cursorText(at: Date | null, { ticket_id, seq }: ExceptionRow): string {
  return `${(at ?? new Date(0)).toISOString()}~${ticket_id}~${seq}`;
}
