import { type Db, type Tx } from '../db/schema.ts';
import type { ChainedEntry } from './chain.ts';

/** Appends chained entries. The caller holds the ticket's row lock and moves its head (ticket/store.ts does both). */
export async function insertEntries(tx: Tx, entries: readonly ChainedEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await tx
    .insertInto('entry')
    .values(
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
    )
    .execute();
}

/** All entries of one ticket, first to last. */
export async function entriesOf(db: Db, ticketId: string) {
  return await db.selectFrom('entry').selectAll().where('ticket_id', '=', ticketId).orderBy('seq').execute();
}
