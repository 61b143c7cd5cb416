import { type ChainHead, chain, type EntryDraft } from '../audit/chain.ts';
import { insertEntries } from '../audit/store.ts';
import type { Db, TicketState, TicketTable, Tx } from '../db/schema.ts';
import type { Selectable } from 'kysely';

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

const terminal: ReadonlySet<TicketState> = new Set(['done', 'discarded', 'rejected']);

/** Writes a change to a locked ticket: chains and appends its entries, moves the head, sets what is given. Returns the new row. */
export async function changeTicket(tx: Tx, ticket: TicketRow, change: TicketChange, now: Date): Promise<TicketRow> {
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
