import { type Selectable, sql } from 'kysely';
import type { Db, Tx } from '../../db/schema.ts';
import type { FindingTable } from '../../db/schema-detection.ts';
import type { FailureMode } from '../../exceptions/exception.ts';
import { limits } from '../../limits.ts';
import type { Finding } from './finding.ts';

export type FindingRow = Selectable<FindingTable>;

/** Which exception tells a finding. */
export interface Told {
  readonly ticketId: string;
  readonly exceptionSeq: number;
}

/** Takes the key for a new finding. Null: it is open already, also where another node opens it at this moment. */
export async function insertFinding(tx: Tx, finding: Finding, told: Told, now: Date): Promise<number | null> {
  const { key, mode, source } = finding;
  const row = await tx
    .insertInto('finding')
    .values({
      key,
      mode,
      source,
      ticket_id: told.ticketId,
      exception_seq: told.exceptionSeq,
      opened_at: now,
    })
    .onConflict((conflict) => conflict.column('key').where('closed_at', 'is', null).doNothing())
    .returning('id')
    .executeTakeFirst();
  return row?.id ?? null;
}

export async function openFindingOf(db: Db, key: string): Promise<FindingRow | null> {
  const query = db.selectFrom('finding').selectAll().where('key', '=', key).where('closed_at', 'is', null);
  return (await query.executeTakeFirst()) ?? null;
}

/** Locks an open finding until the transaction ends. Null: it was closed, or another node has it. */
export async function lockFinding(tx: Tx, id: number): Promise<FindingRow | null> {
  const query = tx.selectFrom('finding').selectAll().where('id', '=', id).where('closed_at', 'is', null);
  return (await query.forUpdate().skipLocked().executeTakeFirst()) ?? null;
}

export async function moveFinding(tx: Tx, id: number, told: Told): Promise<void> {
  await tx
    .updateTable('finding')
    .set({ ticket_id: told.ticketId, exception_seq: told.exceptionSeq })
    .where('id', '=', id)
    .execute();
}

export async function endFinding(tx: Tx, id: number, because: string, now: Date): Promise<void> {
  await tx
    .updateTable('finding')
    .set({ closed_at: now, closed_because: because.slice(0, 1_000).toWellFormed() })
    .where('id', '=', id)
    .execute();
}

/** Open findings of some modes, the oldest first, at most limits.findingsOpenMax. */
export async function openFindingsOf(db: Db, modes: readonly FailureMode[]): Promise<FindingRow[]> {
  return await db
    .selectFrom('finding')
    .selectAll()
    .where('closed_at', 'is', null)
    .where('mode', 'in', modes)
    .orderBy('id')
    .limit(limits.findingsOpenMax)
    .execute();
}

/** How many findings are open, by mode. */
export async function countFindings(db: Db): Promise<{ mode: FailureMode; open: number }[]> {
  return await db
    .selectFrom('finding')
    .select(['mode', sql<number>`count(*)::int`.as('open')])
    .where('closed_at', 'is', null)
    .groupBy('mode')
    .execute();
}
