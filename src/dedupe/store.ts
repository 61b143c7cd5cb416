import { CompiledQuery, sql } from 'kysely';
import { ArrayParameter } from '../db/array.ts';
import type { BinaryType } from '../db/binary.ts';
import { prepared } from '../db/prepared.ts';
import type { Batch } from '../db/rows.ts';
import type { Db, Tx } from '../db/schema.ts';
import type { IdentityClaim, Version } from '../decision.ts';

/** An identity that a ticket wants to hold. */
export interface Claim extends IdentityClaim {
  readonly source: string;
  readonly ticketId: string;
}

/** Who holds an identity, and what is remembered of its content. */
export interface Held {
  readonly ticketId: string;
  readonly digest: string;
  readonly version: Version | null;
}

/**
 * Claims identities for new tickets in one statement; lapsed windows are taken over in it.
 * Returns the losers: by the id their ticket would have had, the holder. A group's first of an identity wins.
 * Every row that is asked for stays locked until the transaction ends, so that what a holder is remembered by is final.
 */
export async function claimIdentities(
  tx: Tx,
  wanted: readonly Claim[],
  now: Date,
): Promise<Map<string, Held>> {
  if (wanted.length === 0) return new Map();
  const keyed = wanted.map((claim) => ({ ...claim, key: keyOf(claim) }));
  const firsts = [...new Map(keyed.toReversed().map((claim) => [claim.key, claim])).values()];
  // One order for every group: two groups that want the same identities cannot wait for each other crosswise.
  firsts.sort((a, b) => (a.key < b.key ? -1 : 1));
  const column = (type: BinaryType, of: (claim: Claim) => unknown) =>
    new ArrayParameter(type, firsts.map(of));
  const { rows } = await tx.executeQuery<IdentityRow>(
    CompiledQuery.raw(claimStatement, [
      column('text', ({ source }) => source),
      column('text', ({ identity }) => identity),
      column('uuid', ({ ticketId }) => ticketId),
      column('text', ({ digest }) => digest),
      column('text', ({ version }) => versionText(version)),
      column('timestamptz', ({ until }) => until),
      now,
    ]),
  );
  const holders = new Map(rows.map((row) => [keyOf(row), heldOf(row)]));
  const lost = firsts.filter((claim) => !holders.has(claim.key));
  for (const row of await rowsOf(tx, lost)) holders.set(keyOf(row), heldOf(row));
  return new Map(
    keyed.flatMap(({ key, ticketId }) => {
      const holder = holders.get(key);
      return holder === undefined || holder.ticketId === ticketId ? [] : [[ticketId, holder]];
    }),
  );
}

/**
 * Writes a batch of new tickets in one statement, each only where nobody holds its identity, not even in the past.
 * Returns the ids of those that were not written: claimIdentities finds out about them. A group's first of an identity wins.
 */
export async function writeClaimed(db: Db, batch: Batch, wanted: readonly Claim[]): Promise<string[]> {
  const inOrder = wanted.map((claim) => ({ claim, key: keyOf(claim) }));
  inOrder.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return await batch.writeClaimed(
    db,
    inOrder.map(({ claim: { source, identity, ticketId, digest, version, until } }) => ({
      source,
      identity,
      ticket_id: ticketId,
      digest,
      version: versionText(version),
      until,
    })),
  );
}

const claimStatement = prepared(`
  insert into identity (source, identity, ticket_id, digest, version, until)
  select source, identity, ticket_id, digest, version::json, until
  from unnest($1::text[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::timestamptz[])
    as wanted (source, identity, ticket_id, digest, version, until)
  on conflict (source, identity) do update
    set ticket_id = excluded.ticket_id, digest = excluded.digest, version = excluded.version,
      until = excluded.until
    where identity.until <= $7
  returning source, identity, ticket_id, digest, version`);

/** Who holds an identity now; null where nobody does. */
export async function findHeld(db: Db, source: string, identity: string, now: Date): Promise<Held | null> {
  const row = await db
    .selectFrom('identity')
    .selectAll()
    .where('source', '=', source)
    .where('identity', '=', identity)
    .where('until', '>', now)
    .executeTakeFirst();
  return row === undefined ? null : heldOf(row);
}

/** Writes what a holder is remembered by from now on. The caller has claimed the identity, and so holds its lock. */
export async function remember(
  tx: Tx,
  { source, identity, digest, version, until }: Omit<Claim, 'ticketId'>,
): Promise<void> {
  await tx
    .updateTable('identity')
    .set({ digest, version: versionText(version), until })
    .where('source', '=', source)
    .where('identity', '=', identity)
    .execute();
}

type IdentityRow = {
  readonly source: string;
  readonly identity: string;
  readonly ticket_id: string;
  readonly digest: string;
  readonly version: unknown;
};

async function rowsOf(tx: Tx, claims: readonly Claim[]): Promise<IdentityRow[]> {
  if (claims.length === 0) return [];
  const { rows } = await sql<IdentityRow>`
    select identity.* from identity join unnest(
      ${claims.map((claim) => claim.source)}::text[], ${claims.map((claim) => claim.identity)}::text[]
    ) as wanted (source, identity) using (source, identity)`.execute(tx);
  return rows;
}

function keyOf({ source, identity }: { readonly source: string; readonly identity: string }): string {
  return `${source}\0${identity}`;
}

function heldOf({ ticket_id: ticketId, digest, version }: IdentityRow): Held {
  return { ticketId, digest, version: version as Version | null };
}

function versionText(version: Version | null): string | null {
  return version === null ? null : JSON.stringify(version);
}
