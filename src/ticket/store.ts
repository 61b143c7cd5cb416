import { CompiledQuery, type Selectable, sql } from 'kysely';
import { type ChainedEntry, type ChainHead, chain, type EntryDraft } from '../audit/chain.ts';
import { insertEntries } from '../audit/store.ts';
import { ArrayParameter } from '../db/array.ts';
import { prepared } from '../db/prepared.ts';
import { type Batch, insertRows } from '../db/rows.ts';
import type { Db, TicketState, TicketTable, Tx } from '../db/schema.ts';
import { changed } from '../platform/changed.ts';

export type TicketRow = Selectable<TicketTable>;

/** What an act changes on a ticket, with the entries that say so. */
export interface TicketChange {
  readonly entries: readonly EntryDraft[];
  readonly state?: TicketState;
  readonly fields?: unknown;
  /** Of the content that it was decided on. */
  readonly digest?: string;
  readonly route?: string;
  readonly confidence?: number;
  readonly revision?: number;
  readonly joined?: number;
  readonly workflowVersion?: string;
  readonly owner?: string;
  readonly alternate?: string;
}

/**
 * Loads a ticket and locks its row until the transaction ends.
 * Every change to anything of a ticket takes this lock first: acts on one ticket are serial, and no two
 * transactions can wait for each other crosswise. Null: no such ticket.
 */
export async function lockTicket(tx: Tx, id: string): Promise<TicketRow | null> {
  const row = await tx.selectFrom('ticket').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
  return row ?? null;
}

/** As lockTicket, for sweepers: null also where somebody else is at work on it, so that no sweep waits for a person. */
export async function tryLockTicket(tx: Tx, id: string): Promise<TicketRow | null> {
  const query = tx.selectFrom('ticket').selectAll().where('id', '=', id);
  return (await query.forUpdate().skipLocked().executeTakeFirst()) ?? null;
}

/** What one act says of one ticket of many that are changed together. */
export interface JointChange {
  readonly ticketId: string;
  readonly entries: readonly EntryDraft[];
  readonly state?: TicketState;
}

/**
 * Loads and locks tickets until the transaction ends, in the order of their ids, so that no two who lock many wait for
 * each other crosswise. `free`: those that somebody else is at work on are left out, and nobody is waited for.
 */
export async function lockTickets(
  tx: Tx,
  ids: readonly string[],
  { free = false } = {},
): Promise<Map<string, TicketRow>> {
  const text = `select * from ticket where id = any($1::uuid[]) order by id for update ${free ? 'skip locked' : ''}`;
  const query = CompiledQuery.raw(prepared(text), [new ArrayParameter('uuid', [...new Set(ids)])]);
  const { rows } = await tx.executeQuery<TicketRow>(query);
  return new Map(rows.map((row) => [row.id, row]));
}

/** Writes changes to locked tickets, several to one in their order: what `changeTicket` does. */
export async function changeTickets(
  into: Batch,
  tickets: ReadonlyMap<string, TicketRow>,
  changes: readonly JointChange[],
  now: Date,
): Promise<void> {
  const entries: ChainedEntry[] = [];
  const rows = [...Map.groupBy(changes, ({ ticketId }) => ticketId)].flatMap(([id, ofTicket]) => {
    const ticket = tickets.get(id);
    if (ticket === undefined) return [];
    const drafts = ofTicket.flatMap((change) => change.entries);
    const added = chain(id, { seq: ticket.head_seq, hash: ticket.head_hash }, drafts, now);
    entries.push(...added);
    const state = ofTicket.findLast((change) => change.state !== undefined)?.state ?? ticket.state;
    const last = added.at(-1);
    return {
      id,
      state,
      updated_at: now,
      settled_at: ticket.settled_at ?? (terminal.has(state) ? now : null),
      head_seq: last?.seq ?? ticket.head_seq,
      head_hash: last?.hash ?? ticket.head_hash,
    };
  });
  if (rows.length === 0) return;
  for (const { id, head_seq: headSeq } of rows) changed({ ticketId: id, headSeq });
  await insertEntries(into, entries);
  into.update(
    'ticket',
    rows,
    `update ticket as held set state = becomes.state, updated_at = becomes.updated_at,
      settled_at = becomes.settled_at, head_seq = becomes.head_seq, head_hash = becomes.head_hash
      from $rows as becomes where held.id = becomes.id`,
    { exact: true },
  );
}

const terminal: ReadonlySet<TicketState> = new Set(['done', 'discarded', 'rejected']);

/** Writes a change to a locked ticket: chains and appends its entries, moves the head, sets what is given. Returns the new row. */
export async function changeTicket(
  tx: Tx,
  ticket: TicketRow,
  change: TicketChange,
  now: Date,
): Promise<TicketRow> {
  const head: ChainHead = { seq: ticket.head_seq, hash: ticket.head_hash };
  const entries = chain(ticket.id, head, change.entries, now);
  await insertEntries(tx, entries);
  const last = entries.at(-1);
  changed({ ticketId: ticket.id, headSeq: last?.seq ?? ticket.head_seq });
  const settles = change.state !== undefined && terminal.has(change.state) && !terminal.has(ticket.state);
  return await tx
    .updateTable('ticket')
    .set({
      updated_at: now,
      head_seq: last?.seq ?? ticket.head_seq,
      head_hash: last?.hash ?? ticket.head_hash,
      ...(change.state === undefined ? {} : { state: change.state }),
      ...(settles ? { settled_at: now } : {}),
      ...(change.fields === undefined ? {} : { fields: JSON.stringify(change.fields) }),
      ...(change.digest === undefined ? {} : { digest: change.digest }),
      ...(change.route === undefined ? {} : { route: change.route }),
      ...(change.confidence === undefined ? {} : { confidence: change.confidence }),
      ...(change.revision === undefined ? {} : { revision: change.revision }),
      ...(change.joined === undefined ? {} : { joined: change.joined }),
      ...(change.owner === undefined ? {} : { owner: change.owner }),
      ...(change.alternate === undefined ? {} : { alternate: change.alternate }),
      ...(change.workflowVersion === undefined ? {} : { workflow_version: change.workflowVersion }),
    })
    .where('id', '=', ticket.id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

export async function findTicket(db: Db, id: string): Promise<TicketRow | null> {
  return (await db.selectFrom('ticket').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
}

/** Writes what triggers were split from, before their tickets. */
export async function insertDeliveries(
  into: Tx | Batch,
  deliveries: readonly Readonly<Record<string, unknown>>[],
): Promise<void> {
  await insertRows(into, 'delivery', deliveries);
}

/** Writes new tickets with the payloads they came from. */
export async function insertTickets(
  into: Tx | Batch,
  tickets: readonly Readonly<Record<string, unknown>>[],
  payloads: readonly Readonly<Record<string, unknown>>[],
): Promise<void> {
  await insertRows(into, 'ticket', tickets);
  await insertRows(into, 'payload', payloads);
}

/** Adds one revision of a ticket's payload. */
export async function insertPayload(tx: Tx, payload: Readonly<Record<string, unknown>>): Promise<void> {
  await insertRows(tx, 'payload', [payload]);
}

/** The newest payload of a ticket. */
export async function latestPayload(db: Db, ticketId: string) {
  return await db
    .selectFrom('payload')
    .selectAll()
    .where('ticket_id', '=', ticketId)
    .orderBy('revision', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow();
}

/** What is known of a ticket's payloads, first revision first, without their bytes. */
export async function payloadsOf(db: Db, ticketId: string) {
  return await db
    .selectFrom('payload')
    .select([
      'revision',
      'content_type',
      'headers',
      'digest',
      'erased_at',
      sql<number | null>`length(body)`.as('bytes'),
    ])
    .where('ticket_id', '=', ticketId)
    .orderBy('revision')
    .execute();
}

/**
 * The payload that a revision of a ticket was decided on, with its bytes; null where there is none.
 * A replay that changes nothing has no payload of its own: the one before it counts.
 */
export async function findPayload(db: Db, ticketId: string, revision: number) {
  const query = db.selectFrom('payload').selectAll().where('ticket_id', '=', ticketId);
  const upTo = query.where('revision', '<=', revision).orderBy('revision', 'desc').limit(1);
  return (await upTo.executeTakeFirst()) ?? null;
}
