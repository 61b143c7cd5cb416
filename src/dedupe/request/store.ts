import { sql } from 'kysely';
import type { Db, Tx } from '../../db/schema.ts';
import { limits } from '../../limits.ts';
import { plusMs } from '../../platform/instant.ts';
import type { Once } from './key.ts';

/** A request that was answered before. */
export interface Answered {
  readonly request: string;
  /** What it was answered, as `answerRequests` was given it. */
  readonly answers: unknown;
}

/**
 * Claims the keys of requests in one statement; those that have expired are taken over in it. Returns what the others
 * were answered, by key. It waits for a request with the same key that is under way elsewhere. No key stands twice.
 */
export async function claimRequests(
  tx: Tx,
  wanted: readonly Once[],
  now: Date,
): Promise<Map<string, Answered>> {
  if (wanted.length === 0) return new Map();
  // One order for every group, as with identities.
  const sorted = wanted.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const keys = sorted.map(({ key }) => key);
  const until = plusMs(now, limits.idempotencyKeyMs);
  const { rows: claimed } = await sql<{ key: string }>`
    insert into idempotency (key, request, answers, until)
    select key, request, '[]'::json, ${until}::timestamptz
      from unnest(${keys}::text[], ${sorted.map(({ request }) => request)}::text[]) as wanted (key, request)
    on conflict (key) do update
      set request = excluded.request, answers = excluded.answers, until = excluded.until
      where idempotency.until <= ${now}
    returning key`.execute(tx);
  const ours = new Set(claimed.map(({ key }) => key));
  const others = keys.filter((key) => !ours.has(key));
  if (others.length === 0) return new Map();
  const rows = await tx.selectFrom('idempotency').selectAll().where('key', 'in', others).execute();
  return new Map(rows.map(({ key, request, answers }) => [key, { request, answers }]));
}

/** Keeps what claimed requests are answered, in the transaction that does what they ask. */
export async function answerRequests(
  tx: Tx,
  answered: readonly { readonly key: string; readonly answers: unknown }[],
): Promise<void> {
  if (answered.length === 0) return;
  await sql`
    update idempotency set answers = given.answers::json
    from unnest(
      ${answered.map(({ key }) => key)}::text[], ${answered.map(({ answers }) => JSON.stringify(answers))}::text[]
    ) as given (key, answers)
    where idempotency.key = given.key`.execute(tx);
}

/** Forgets keys that have expired, at most `rowsMax`. Returns how many. */
export async function forgetRequests(
  db: Db,
  now: Date,
  rowsMax: number = limits.forgottenRowsMax,
): Promise<number> {
  const expired = db
    .selectFrom('idempotency')
    .select('key')
    .where('until', '<=', now)
    .orderBy('until')
    .limit(rowsMax)
    .forUpdate()
    .skipLocked();
  const { numDeletedRows } = await db
    .deleteFrom('idempotency')
    .where('key', 'in', expired)
    .executeTakeFirst();
  return Number(numDeletedRows);
}
