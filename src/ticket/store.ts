import { type Selectable, sql } from 'kysely';
import { type ChainHead, chain, type EntryDraft } from '../audit/chain.ts';
import { insertEntries } from '../audit/store.ts';
import { insertRows } from '../db/rows.ts';
import type { Db, TicketState, TicketTable, Tx } from '../db/schema.ts';
import type { IdentityClaim } from '../decision.ts';
import { joinedEntry, type Placed } from './place.ts';

export type TicketRow = Selectable<TicketTable>;

/** What an act changes on a ticket, with the entries that say so. */
export interface TicketChange {
  readonly entries: readonly EntryDraft[];
  readonly state?: TicketState;
  readonly fields?: unknown;
  readonly route?: string;
  readonly confidence?: number;
  readonly revision?: number;
  readonly joined?: number;
  readonly workflowVersion?: string;
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
      ...(change.route === undefined ? {} : { route: change.route }),
      ...(change.confidence === undefined ? {} : { confidence: change.confidence }),
      ...(change.revision === undefined ? {} : { revision: change.revision }),
      ...(change.joined === undefined ? {} : { joined: change.joined }),
      ...(change.workflowVersion === undefined ? {} : { workflow_version: change.workflowVersion }),
    })
    .where('id', '=', ticket.id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

export async function findTicket(db: Db, id: string): Promise<TicketRow | null> {
  return (await db.selectFrom('ticket').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
}

/** Who holds an identity that another trigger wanted. */
export interface Holder {
  readonly ticketId: string;
  readonly digest: string;
}

/**
 * Claims identities for new tickets in one statement; lapsed windows are taken over in it.
 * Returns the losers: by the id their ticket would have had, the holder. A group's first of an identity wins.
 */
export async function claimIdentities(
  tx: Tx,
  wanted: readonly {
    readonly ticketId: string;
    readonly trigger: { readonly source: string };
    readonly decision: { readonly identity: IdentityClaim };
  }[],
  now: Date,
): Promise<Map<string, Holder>> {
  const keyed = wanted.map(({ ticketId, trigger, decision }) => ({
    key: `${trigger.source}\0${decision.identity.identity}`,
    ticketId,
    source: trigger.source,
    ...decision.identity,
  }));
  const firsts = [...new Map(keyed.toReversed().map((claim) => [claim.key, claim])).values()];
  // One order for every group: two groups that want the same identities cannot wait for each other crosswise.
  firsts.sort((a, b) => (a.key < b.key ? -1 : 1));
  const { rows } = await sql<{ source: string; identity: string; ticket_id: string; digest: string }>`
    with wanted as (
      select * from unnest(
        ${firsts.map((claim) => claim.source)}::text[], ${firsts.map((claim) => claim.identity)}::text[],
        ${firsts.map((claim) => claim.ticketId)}::uuid[], ${firsts.map((claim) => claim.digest)}::text[],
        ${firsts.map((claim) => claim.until)}::timestamptz[]
      ) as wanted (source, identity, ticket_id, digest, until)
    )
    insert into identity (source, identity, ticket_id, digest, until)
    select * from wanted
    on conflict (source, identity) do update
      set ticket_id = excluded.ticket_id, digest = excluded.digest, until = excluded.until
      where identity.until <= ${now}
    returning source, identity, ticket_id, digest`.execute(tx);
  const holders = new Map(rows.map((row) => [`${row.source}\0${row.identity}`, row]));
  const lost = firsts.filter((claim) => !holders.has(claim.key));
  for (const row of await holdersOf(tx, lost)) holders.set(`${row.source}\0${row.identity}`, row);
  return new Map(
    keyed.flatMap((claim) => {
      const holder = holders.get(claim.key);
      return holder === undefined || holder.ticket_id === claim.ticketId
        ? []
        : [[claim.ticketId, { ticketId: holder.ticket_id, digest: holder.digest }]];
    }),
  );
}

async function holdersOf(tx: Tx, claims: readonly { source: string; identity: string }[]) {
  if (claims.length === 0) return [];
  const { rows } = await sql<{ source: string; identity: string; ticket_id: string; digest: string }>`
    select identity.* from identity join unnest(
      ${claims.map((claim) => claim.source)}::text[], ${claims.map((claim) => claim.identity)}::text[]
    ) as wanted (source, identity) using (source, identity)`.execute(tx);
  return rows;
}

/** The ticket that holds an identity now; null where none does. */
export async function findHolder(
  db: Db,
  source: string,
  identity: string,
  now: Date,
): Promise<Holder | null> {
  const row = await db
    .selectFrom('identity')
    .select(['ticket_id', 'digest'])
    .where('source', '=', source)
    .where('identity', '=', identity)
    .where('until', '>', now)
    .executeTakeFirst();
  return row === undefined ? null : { ticketId: row.ticket_id, digest: row.digest };
}

/** Writes what triggers were split from, before their tickets. */
export async function insertDeliveries(
  tx: Tx,
  deliveries: readonly Readonly<Record<string, unknown>>[],
): Promise<void> {
  await insertRows(tx, 'delivery', deliveries);
}

/** Writes new tickets with the payloads they came from. */
export async function insertTickets(
  tx: Tx,
  tickets: readonly Readonly<Record<string, unknown>>[],
  payloads: readonly Readonly<Record<string, unknown>>[],
): Promise<void> {
  await insertRows(tx, 'ticket', tickets);
  await insertRows(tx, 'payload', payloads);
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

/** Notes repeated triggers on the tickets that they join, each as an entry. Tickets are locked in the order of their ids. */
export async function joinDuplicates(tx: Tx, joined: readonly Placed[], now: Date): Promise<void> {
  const byTicket = Map.groupBy(joined, (each) => each.ticketId);
  for (const id of [...byTicket.keys()].sort()) {
    const repeats = byTicket.get(id) ?? [];
    const ticket = await lockTicket(tx, id);
    if (ticket === null) throw new Error(`identity names ticket ${id}, which does not exist`);
    await changeTicket(
      tx,
      ticket,
      { entries: repeats.map(joinedEntry), joined: ticket.joined + repeats.length },
      now,
    );
  }
}

/** Which tickets a list shows; what is not given does not narrow it. `after`: the id where the page before ended. */
export interface TicketFilter {
  readonly identity?: string;
  readonly state?: TicketState;
  readonly workflow?: string;
  readonly source?: string;
  readonly after?: string;
}

/** Tickets, newest first, at most `limit`. */
export async function listTickets(db: Db, filter: TicketFilter, limit: number): Promise<TicketRow[]> {
  const { after, ...equals } = filter;
  let query = db.selectFrom('ticket').selectAll();
  for (const [column, value] of Object.entries(equals)) {
    if (value !== undefined) query = query.where(column as keyof typeof equals, '=', value);
  }
  if (after !== undefined) query = query.where('id', '<', after);
  return await query.orderBy('id', 'desc').limit(limit).execute();
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
