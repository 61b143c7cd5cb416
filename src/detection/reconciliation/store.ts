import { sql } from 'kysely';
import type { Db, Tx } from '../../db/schema.ts';
import { firstTicketId } from '../../platform/ids.ts';
import { plusMs } from '../../platform/instant.ts';
import type { NextPoll } from '../../poll/next-poll.ts';
import type { Compared, HeldTicket } from './compare.ts';
import type { ListedRow, RunRow } from './tables.ts';
import type { Window } from './window.ts';

/** Which comparison it is. */
export type Subject = Pick<RunRow, 'kind' | 'subject'>;

/** A stretch of it; what it writes counts only while no other has begun. */
export type Claim = Subject & Pick<RunRow, 'claim'>;

/** The comparisons that have been begun. */
export async function findRuns(db: Db, kind?: RunRow['kind']): Promise<RunRow[]> {
  const query = db.selectFrom('reconciliation').selectAll();
  const rows = kind === undefined ? query : query.where('kind', '=', kind);
  return await rows.orderBy('due_at').orderBy('kind').orderBy('subject').execute();
}

/** Begins with a comparison: due at once. Where it has been begun before, nothing. */
export async function beginRuns(db: Db, subjects: readonly Subject[], now: Date): Promise<void> {
  if (subjects.length === 0) return;
  const values = subjects.map(({ kind, subject }) => ({ kind, subject, due_at: now }));
  const query = db.insertInto('reconciliation').values(values);
  await query.onConflict((conflict) => conflict.doNothing()).execute();
}

/** Takes a comparison for one stretch, until `until` unless it is prolonged; null where another has it. */
export async function claimRun(
  db: Db,
  { kind, subject }: Subject,
  until: Date,
  now: Date,
): Promise<RunRow | null> {
  const row = await db
    .updateTable('reconciliation')
    .set((eb) => ({ claim: eb('claim', '+', 1), lease_until: until, due_at: until }))
    .where('kind', '=', kind)
    .where('subject', '=', subject)
    .where((eb) => eb.or([eb('lease_until', 'is', null), eb('lease_until', '<=', now)]))
    .returningAll()
    .executeTakeFirst();
  return row ?? null;
}

/** What a stretch changes of its row. */
export type RunChange = Partial<Omit<RunRow, 'kind' | 'subject' | 'claim' | 'position'>> & {
  readonly position?: unknown;
};

/** Writes a change of the stretch that has the comparison; null: another has taken over, and nothing was written. */
export async function changeRun(db: Db, claim: Claim, change: RunChange): Promise<RunRow | null> {
  const { position, ...plain } = change;
  const row = await db
    .updateTable('reconciliation')
    .set({
      ...plain,
      ...(position !== undefined && { position: position === null ? null : JSON.stringify(position) }),
    })
    .where('kind', '=', claim.kind)
    .where('subject', '=', claim.subject)
    .where('claim', '=', claim.claim)
    .returningAll()
    .executeTakeFirst();
  return row ?? null;
}

/** A change at the end of a stretch, with what follows. */
export function endOf({ dueAt, failures, error }: NextPoll): RunChange {
  return {
    lease_until: null,
    due_at: dueAt,
    ...(failures !== undefined && { failures }),
    ...(error !== undefined && { error }),
  };
}

/** Our tickets that have one of these identities of a source. */
export async function heldTickets(
  db: Db,
  source: string,
  identities: readonly string[],
): Promise<HeldTicket[]> {
  if (identities.length === 0) return [];
  const rows = await db
    .selectFrom('ticket')
    .select(['id', 'identity', 'digest', 'fields', 'updated_at'])
    .where(sql<boolean>`identity = any(${identities}::text[])`)
    .where('source', '=', source)
    .execute();
  return rows.map(({ updated_at: updatedAt, ...row }) => ({ ...row, updatedAt }));
}

/**
 * Keeps what a page of a list has come to. What stands as it stood before keeps its `since`; other content that was
 * taken or told before is not taken again.
 */
export async function keepListed(
  tx: Tx,
  { kind, subject, run }: Pick<RunRow, 'kind' | 'subject' | 'run'>,
  compared: readonly Compared[],
  now: Date,
): Promise<void> {
  if (compared.length === 0) return;
  const open = ({ verdict }: Compared) => verdict !== 'held';
  await sql`
    insert into reconciliation_listed
      (kind, subject, identity, run, verdict, digest, made_at, since, body, part, ticket_id)
    select ${kind}, ${subject}, identity, ${run}, verdict, digest, made_at, ${now}, body, part, ticket_id
    from unnest(
      ${compared.map(({ identity }) => identity)}::text[], ${compared.map(({ verdict }) => verdict)}::text[],
      ${compared.map(({ digest }) => digest)}::text[], ${compared.map(({ madeAt }) => madeAt)}::timestamptz[],
      ${compared.map((each) => (open(each) ? Buffer.from(each.whole.body) : null))}::bytea[],
      ${compared.map(({ part }) => part)}::int[], ${compared.map(({ ticketId }) => ticketId)}::uuid[]
    ) as seen (identity, verdict, digest, made_at, body, part, ticket_id)
    on conflict (kind, subject, identity) do update set
      run = excluded.run, verdict = excluded.verdict, digest = excluded.digest, made_at = excluded.made_at,
      part = excluded.part, ticket_id = excluded.ticket_id,
      since = case when reconciliation_listed.verdict = excluded.verdict and
          (excluded.verdict <> 'differs' or reconciliation_listed.digest = excluded.digest)
        then reconciliation_listed.since else excluded.since end,
      became = case when excluded.verdict = 'differs' and reconciliation_listed.verdict = 'differs' and
          reconciliation_listed.digest = excluded.digest
        then reconciliation_listed.became end,
      body = case when excluded.verdict = 'differs' and reconciliation_listed.verdict = 'differs' and
          reconciliation_listed.digest = excluded.digest and reconciliation_listed.became is not null
        then null else excluded.body end`.execute(tx);
}

/** Those of a run that had their time: made, or first seen so, before `settled`. A file is judged as it is. */
function hadTheirTime(kind: RunRow['kind'], settled: Date) {
  return sql<boolean>`(since <= ${settled} or (verdict = 'missing' and made_at <= ${settled})
    or (${kind} = 'file' and coalesce(made_at <= ${settled}, true)))`;
}

export interface ListedCounts {
  readonly listed: number;
  readonly held: number;
  readonly missing: number;
  readonly made: number;
  readonly differs: number;
  readonly waiting: number;
}

/** What the list of a run holds, by what it came to. */
export async function countListed(
  db: Db,
  { kind, subject, run }: Pick<RunRow, 'kind' | 'subject' | 'run'>,
  settled: Date,
): Promise<ListedCounts> {
  const judged = hadTheirTime(kind, settled);
  const count = (where: ReturnType<typeof hadTheirTime>) =>
    sql<number>`(count(*) filter (where ${where}))::int`;
  return await db
    .selectFrom('reconciliation_listed')
    .select([
      sql<number>`count(*)::int`.as('listed'),
      count(sql`verdict = 'held' or became = 'joined' and verdict = 'missing'`).as('held'),
      count(sql`verdict = 'missing' and (became = 'made' or became is null and ${judged})`).as('missing'),
      count(sql`verdict = 'missing' and became = 'made'`).as('made'),
      count(sql`verdict = 'differs' and (became is not null or ${judged})`).as('differs'),
      count(sql`verdict <> 'held' and became is null and not ${judged}`).as('waiting'),
    ])
    .where('kind', '=', kind)
    .where('subject', '=', subject)
    .where('run', '=', run)
    .executeTakeFirstOrThrow();
}

/**
 * How many of our tickets of a source came from the beginning of a window until a comparison began, and how many of
 * those in the window are not in the list of the run.
 */
export async function countOurs(
  db: Db,
  { kind, subject, run }: Pick<RunRow, 'kind' | 'subject' | 'run'>,
  { from, until }: Window,
  began: Date,
): Promise<{ readonly ours: number; readonly unlisted: number }> {
  const { rows } = await sql<{ ours: number; unlisted: number }>`
    select count(distinct ticket.identity)::int as ours,
      (count(distinct ticket.identity) filter
        (where listed.identity is null and ticket.id < ${firstTicketId(until)}))::int as unlisted
    from ticket
    left join reconciliation_listed listed on listed.kind = ${kind} and listed.subject = ${subject}
      and listed.identity = ticket.identity and listed.run = ${run}
    where ticket.id >= ${firstTicketId(from)} and ticket.id < ${firstTicketId(plusMs(began, 1))}
      and ticket.source = ${subject} and ticket.state <> 'rejected'`.execute(db);
  return rows[0] ?? { ours: 0, unlisted: 0 };
}

/** What is to be taken of a run's list, in the order of identities, from behind one on. */
export async function listedToTake(
  db: Db,
  { kind, subject, run }: Pick<RunRow, 'kind' | 'subject' | 'run'>,
  { settled, after, limit }: { readonly settled: Date; readonly after: string; readonly limit: number },
): Promise<ListedRow[]> {
  return await db
    .selectFrom('reconciliation_listed')
    .selectAll()
    .where('kind', '=', kind)
    .where('subject', '=', subject)
    .where('run', '=', run)
    .where('verdict', '<>', 'held')
    .where('became', 'is', null)
    .where('identity', '>', after)
    .where(hadTheirTime(kind, settled))
    .orderBy('identity')
    .limit(limit)
    .execute();
}

/** Which of these tickets were made of a list. */
export async function madeOfList(db: Db, ids: readonly string[], by: string): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const query = db.selectFrom('entry').select('ticket_id').where('ticket_id', 'in', ids);
  const rows = await query.where('seq', '=', 1).where('actor', '=', by).execute();
  return new Set(rows.map((row) => row.ticket_id));
}

/** What a listed one has become, once it is so. */
export async function settleListed(
  db: Db,
  { kind, subject, identity }: Pick<ListedRow, 'kind' | 'subject' | 'identity'>,
  became: Pick<ListedRow, 'became' | 'ticket_id'> | 'held',
): Promise<void> {
  await db
    .updateTable('reconciliation_listed')
    .set(became === 'held' ? { verdict: 'held', body: null } : { ...became, body: null })
    .where('kind', '=', kind)
    .where('subject', '=', subject)
    .where('identity', '=', identity)
    .execute();
}

/** The end of a run's list: what an older one held is forgotten, and the content of what is still to come. */
export async function forgetListed(
  db: Db,
  { kind, subject, run }: Pick<RunRow, 'kind' | 'subject' | 'run'>,
): Promise<void> {
  await db
    .deleteFrom('reconciliation_listed')
    .where('kind', '=', kind)
    .where('subject', '=', subject)
    .where('run', '<', run)
    .execute();
  await forgetContent(db, { kind, subject });
}

/** Of a list that is read anew before anything more is taken of it. */
export async function forgetContent(db: Db, { kind, subject }: Subject): Promise<void> {
  await db
    .updateTable('reconciliation_listed')
    .set({ body: null })
    .where('kind', '=', kind)
    .where('subject', '=', subject)
    .where('body', 'is not', null)
    .execute();
}

/** What was not as it should be in the last list, the missing first, then by identity; at most `limit`. */
export async function unlikeListed(
  db: Db,
  { kind, subject, run }: Pick<RunRow, 'kind' | 'subject' | 'run'>,
  settled: Date,
  limit: number,
): Promise<ListedRow[]> {
  return await db
    .selectFrom('reconciliation_listed')
    .selectAll()
    .where('kind', '=', kind)
    .where('subject', '=', subject)
    .where('run', '=', run)
    .where('verdict', '<>', 'held')
    .where(sql<boolean>`not (verdict = 'missing' and became is not distinct from 'joined')`)
    .where(sql<boolean>`(became is not null or ${hadTheirTime(kind, settled)})`)
    .orderBy('verdict', 'desc')
    .orderBy('identity')
    .limit(limit)
    .execute();
}
