import type { Kysely } from 'kysely';
import type { Database, Tx } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import { findStray, readForAudit, readOneForAudit } from './store.ts';
import { type Broken, verifyTicket } from './verify.ts';

/** How a verification went; `broken` is the first fault in the order of tickets, null where the record is whole. */
export interface Verification {
  readonly tickets: number;
  readonly entries: number;
  readonly payloads: number;
  readonly broken: Broken | null;
}

/** Verifies the whole record, a page of tickets at a time, and stops at the first fault. */
export async function verifyAll(db: Kysely<Database>): Promise<Verification> {
  let [tickets, entries, payloads] = [0, 0, 0];
  for (let after: string | null = null; ; ) {
    const page = await asOfNow(db, (tx) => readForAudit(tx, after, limits.pageRowsMax));
    for (const ticket of page) {
      tickets += 1;
      entries += ticket.entries.length;
      payloads += ticket.payloads.length;
      const broken = verifyTicket(ticket);
      if (broken !== null) return { tickets, entries, payloads, broken };
    }
    const last = page.at(-1);
    if (last === undefined) return { tickets, entries, payloads, broken: await brokenStray(db) };
    after = last.id;
  }
}

/** What belongs to a ticket that is not there. */
async function brokenStray(db: Kysely<Database>): Promise<Broken | null> {
  const stray = await findStray(db);
  return stray && { ...stray, why: 'its ticket is not there' };
}

/** Verifies one ticket. */
export async function verifyOne(db: Kysely<Database>, id: string): Promise<Verification> {
  const ticket = await asOfNow(db, (tx) => readOneForAudit(tx, id));
  if (ticket === null) throw new AppError('not_found', `There is no ticket ${id}`);
  const broken = verifyTicket(ticket);
  return { tickets: 1, entries: ticket.entries.length, payloads: ticket.payloads.length, broken };
}

/** One snapshot of the database: a ticket and its entries are read as they stood together, while work goes on. */
async function asOfNow<T>(db: Kysely<Database>, read: (tx: Tx) => Promise<T>): Promise<T> {
  return await db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(read);
}
