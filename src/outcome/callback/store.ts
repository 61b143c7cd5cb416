import { type Selectable, sql } from 'kysely';
import type { Db, Tx } from '../../db/schema.ts';
import type { CallbackTable } from '../../db/schema-outcome.ts';
import type { HandoffName } from '../../handoff/store.ts';
import { limits } from '../../limits.ts';
import { plusMs } from '../../platform/instant.ts';

/** A callback as it is kept, and how long its body is; the body itself is loaded where it is looked at (`bodyOf`). */
export type CallbackRow = Omit<Selectable<CallbackTable>, 'body'> & { readonly bytes: number | null };

const columns = [
  'id',
  'ticket_id',
  'handoff_seq',
  'source',
  'keys',
  'content_type',
  'digest',
  'verdict',
  'received_at',
] as const;
const bytes = sql<number | null>`octet_length(body)`.as('bytes');

/** A callback about to be written. */
export interface NewCallback {
  readonly source: string | null;
  readonly keys: Readonly<Record<string, string>>;
  readonly contentType: string;
  readonly body: Buffer;
  readonly digest: Buffer;
}

/** Keeps what was said of a handoff. Null: it has said the very same before. The caller holds the ticket's lock. */
export async function insertCallback(
  tx: Tx,
  { ticketId, handoffSeq }: HandoffName,
  said: NewCallback,
  now: Date,
): Promise<CallbackRow | null> {
  const row = await tx
    .insertInto('callback')
    .values({ ...valuesOf(said, now), ticket_id: ticketId, handoff_seq: handoffSeq })
    .onConflict((conflict) => conflict.doNothing())
    .returning([...columns, bytes])
    .executeTakeFirst();
  return row ?? null;
}

/** Keeps what names a key that nobody waits for yet, once. */
export async function insertUnclaimed(tx: Tx, said: NewCallback, now: Date): Promise<void> {
  const values = { ...valuesOf(said, now), ticket_id: null, handoff_seq: null };
  await tx
    .insertInto('callback')
    .values(values)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

function valuesOf({ source, keys, contentType, body, digest }: NewCallback, now: Date) {
  const kept = { keys: JSON.stringify(keys), content_type: contentType, body, digest };
  return { source, ...kept, verdict: null, received_at: now };
}

/** How many callbacks of a source lately named keys that nobody waits for. */
export async function countUnclaimed(tx: Tx, source: string, now: Date): Promise<number> {
  const row = await tx
    .selectFrom('callback')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('ticket_id', 'is', null)
    .where('source', '=', source)
    .where('received_at', '>', plusMs(now, -limits.callbackUnclaimedMs))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** The callbacks of a ticket's handoffs, in the order in which they came. */
export async function callbacksOf(db: Db, ticketId: string): Promise<CallbackRow[]> {
  return await db
    .selectFrom('callback')
    .select([...columns, bytes])
    .where('ticket_id', '=', ticketId)
    .orderBy('id')
    .execute();
}

/** The body of a callback; null where it was erased. */
export async function bodyOf(db: Db, { id }: Pick<CallbackRow, 'id'>): Promise<Buffer | null> {
  const row = await db.selectFrom('callback').select('body').where('id', '=', id).executeTakeFirst();
  return row?.body ?? null;
}

/** Notes what a callback says. The caller holds the ticket's lock. */
export async function judgeCallback(
  tx: Tx,
  callback: CallbackRow,
  verdict: NonNullable<CallbackRow['verdict']>,
): Promise<void> {
  await tx.updateTable('callback').set({ verdict }).where('id', '=', callback.id).execute();
}

/** Whose turn it is to look for keys of a source, or to keep what names none: until the transaction ends, nobody else's. */
export async function lockKeys(tx: Tx, source: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`callback ${source}`}, 0))`.execute(tx);
}

/**
 * Says which handoff a key names, and claims what has named it before, but nothing from before its first attempt: that
 * was about something else. The caller holds the lock of the source's keys.
 */
export async function awaitKey(
  tx: Tx,
  named: { readonly source: string; readonly match: string; readonly key: string },
  { ticketId, handoffSeq }: HandoffName,
  since: Date,
): Promise<void> {
  const { source, match, key } = named;
  const at = { ticket_id: ticketId, handoff_seq: handoffSeq };
  await tx
    .insertInto('callback_match')
    .values({ source, match })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await tx
    .insertInto('callback_key')
    .values({ source, match, key, ...at })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await tx
    .updateTable('callback')
    .set(at)
    .where('ticket_id', 'is', null)
    .where('source', '=', source)
    .where('received_at', '>=', since)
    .where(sql<string>`keys ->> ${match}`, '=', key)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('callback as same')
            .select('same.id')
            .where('same.ticket_id', '=', ticketId)
            .where('same.handoff_seq', '=', handoffSeq)
            .whereRef('same.digest', '=', 'callback.digest'),
        ),
      ),
    )
    .execute();
}

/** The ways in which callbacks of a source are read by handoffs that wait, or have waited. */
export async function matchesOf(db: Db, source: string): Promise<string[]> {
  const rows = await db.selectFrom('callback_match').select('match').where('source', '=', source).execute();
  return rows.map(({ match }) => match);
}

/**
 * The handoffs that a callback's keys name: those that are open, and where none is, the newest. A record that many tickets
 * have changed over time is news for the last of them only.
 */
export async function namedBy(
  db: Db,
  source: string,
  keys: Readonly<Record<string, string>>,
): Promise<HandoffName[]> {
  const pairs = Object.entries(keys);
  if (pairs.length === 0) return [];
  const rows = await db
    .selectFrom('callback_key')
    .innerJoin('handoff', (join) =>
      join
        .onRef('handoff.ticket_id', '=', 'callback_key.ticket_id')
        .onRef('handoff.seq', '=', 'callback_key.handoff_seq'),
    )
    .select(['handoff.ticket_id', 'handoff.seq', 'handoff.settled_at'])
    .where('callback_key.source', '=', source)
    .where(({ or, and, eb }) =>
      or(
        pairs.map(([match, key]) =>
          and([eb('callback_key.match', '=', match), eb('callback_key.key', '=', key)]),
        ),
      ),
    )
    .orderBy(sql`handoff.settled_at is not null`)
    .orderBy('handoff.created_at', 'desc')
    .orderBy('handoff.seq', 'desc')
    .limit(limits.callbackHandoffsMax)
    .execute();
  const open = rows.filter(({ settled_at: settledAt }) => settledAt === null);
  const meant = open.length > 0 ? open : rows.slice(0, 1);
  return meant.map(({ ticket_id: ticketId, seq }) => ({ ticketId, handoffSeq: seq }));
}
