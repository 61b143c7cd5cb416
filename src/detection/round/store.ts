import { sql } from 'kysely';
import type { Db } from '../../db/schema.ts';
import { plusMs } from '../../platform/instant.ts';

/**
 * Takes a detector's round. Null: it is not due, or another node has it. One that is due later than any node would have
 * it was taken before the clock was set back.
 */
export async function claimRound(
  db: Db,
  name: string,
  everyMs: number,
  now: Date,
): Promise<{ state: unknown } | null> {
  const next = plusMs(now, everyMs);
  const { rows } = await sql<{ state: unknown }>`
    insert into detector (name, due_at, ran_at) values (${name}, ${next}, ${now})
    on conflict (name) do update set due_at = ${next}, ran_at = ${now}
      where detector.due_at <= ${now} or detector.due_at > ${plusMs(next, everyMs)}
    returning state`.execute(db);
  return rows[0] ?? null;
}

/** Writes how a round went. `state`: what it remembers; undefined leaves it. */
export async function endRound(
  db: Db,
  name: string,
  round: { readonly succeededAt: Date | null; readonly error: string | null; readonly state?: unknown },
): Promise<void> {
  await db
    .updateTable('detector')
    .set({
      error: round.error,
      ...(round.succeededAt !== null && { succeeded_at: round.succeededAt }),
      ...(round.state !== undefined && { state: JSON.stringify(round.state) }),
    })
    .where('name', '=', name)
    .execute();
}

/** Every detector that has had a round. */
export async function listRounds(db: Db) {
  return await db
    .selectFrom('detector')
    .select(['name', 'due_at', 'ran_at', 'succeeded_at', 'error'])
    .orderBy('name')
    .execute();
}
