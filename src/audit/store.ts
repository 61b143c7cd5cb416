import { sql } from 'kysely';
import { type Batch, insertRows } from '../db/rows.ts';
import type { Db, Tx } from '../db/schema.ts';
import { limits } from '../limits.ts';
import type { ChainedEntry } from './chain.ts';
import type { AuditedDelivery, AuditedTicket } from './verify.ts';

/** Appends chained entries. The caller holds the ticket's row lock and moves its head (ticket/store.ts does both). */
export async function insertEntries(into: Tx | Batch, entries: readonly ChainedEntry[]): Promise<void> {
  await insertRows(
    into,
    'entry',
    entries.map((entry) => ({
      ticket_id: entry.ticketId,
      seq: entry.seq,
      at: entry.at,
      kind: entry.kind,
      actor: entry.actor,
      data: entry.data,
      previous: entry.previous,
      hash: entry.hash,
    })),
  );
}

/** All entries of one ticket, first to last. */
export async function entriesOf(db: Db, ticketId: string) {
  return await db.selectFrom('entry').selectAll().where('ticket_id', '=', ticketId).orderBy('seq').execute();
}

/**
 * Tickets with their chains and payloads for the verifier, in the order of their ids: at most `limit`, and no more once
 * limits.auditBytesMax of bodies are full; the first is read whatever its size. Empty: there are no more.
 */
export async function readForAudit(db: Db, after: string | null, limit: number): Promise<AuditedTicket[]> {
  const tickets = await db
    .selectFrom('ticket')
    .select(['id', 'head_seq', 'head_hash', 'delivery_id'])
    .select(
      sql<number>`(select coalesce(sum(length(body)), 0) from payload where ticket_id = ticket.id)
        + coalesce((select length(body) from delivery where delivery.id = delivery_id), 0)`.as('bytes'),
    )
    .$if(after !== null, (query) => query.where('id', '>', after))
    .orderBy('id')
    .limit(limit)
    .execute();
  let bytes = 0;
  const full = tickets.findIndex((ticket, index) => {
    bytes += ticket.bytes;
    return index > 0 && bytes > limits.auditBytesMax;
  });
  return await withChains(db, full === -1 ? tickets : tickets.slice(0, full));
}

/** One ticket for the verifier; null where there is none. */
export async function readOneForAudit(db: Db, id: string): Promise<AuditedTicket | null> {
  const tickets = await db
    .selectFrom('ticket')
    .select(['id', 'head_seq', 'head_hash', 'delivery_id'])
    .where('id', '=', id)
    .execute();
  return (await withChains(db, tickets))[0] ?? null;
}

async function withChains(
  db: Db,
  tickets: readonly { id: string; head_seq: number; head_hash: Buffer; delivery_id: string | null }[],
): Promise<AuditedTicket[]> {
  if (tickets.length === 0) return [];
  const ids = tickets.map(({ id }) => id);
  const entries = await db
    .selectFrom('entry')
    .selectAll()
    .where('ticket_id', 'in', ids)
    .orderBy('ticket_id')
    .orderBy('seq')
    .execute();
  const payloads = await db.selectFrom('payload').selectAll().where('ticket_id', 'in', ids).execute();
  const deliveries = await deliveriesOf(
    db,
    tickets.flatMap(({ delivery_id }) => delivery_id ?? []),
  );
  const entriesById = Map.groupBy(entries, (entry) => entry.ticket_id);
  const payloadsById = Map.groupBy(payloads, (payload) => payload.ticket_id);
  return tickets.map(({ id, head_seq, head_hash, delivery_id }) => ({
    id,
    headSeq: head_seq,
    headHash: head_hash,
    entries: (entriesById.get(id) ?? []).map((entry) => ({ ...entry, ticketId: id })),
    payloads: (payloadsById.get(id) ?? []).map(({ content_type, ...payload }) => ({
      ...payload,
      contentType: content_type,
    })),
    delivery: deliveries.get(delivery_id ?? '') ?? null,
  }));
}

async function deliveriesOf(db: Db, ids: readonly string[]): Promise<Map<string, AuditedDelivery>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('delivery')
    .selectAll()
    .where('id', 'in', [...new Set(ids)])
    .execute();
  return new Map(rows.map(({ content_type, ...row }) => [row.id, { ...row, contentType: content_type }]));
}

/** The first entry, payload or handoff whose ticket is not there; null where each has its own. Reads all of them. */
export async function findStray(
  db: Db,
): Promise<{ ticketId: string; seq: number | null; what: 'entry' | 'payload' | 'handoff' } | null> {
  const { rows } = await sql<{
    ticket_id: string;
    seq: number | null;
    what: 'entry' | 'payload' | 'handoff';
  }>`
    (select ticket_id, seq, 'entry' as what from entry
      where not exists (select from ticket where id = ticket_id) limit 1)
    union all
    (select ticket_id, null, 'payload' from payload
      where not exists (select from ticket where id = ticket_id) limit 1)
    union all
    (select ticket_id, null, 'handoff' from handoff
      where not exists (select from ticket where id = ticket_id) limit 1)
    limit 1`.execute(db);
  const [first] = rows;
  return first === undefined ? null : { ticketId: first.ticket_id, seq: first.seq, what: first.what };
}
