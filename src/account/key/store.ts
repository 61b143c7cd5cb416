import type { Selectable } from 'kysely';
import type { Db } from '../../db/schema.ts';
import type { ApiKeyTable, Role } from '../../db/schema-accounts.ts';

export type KeyRow = Selectable<ApiKeyTable>;

export async function insertKey(db: Db, key: Omit<KeyRow, 'id' | 'used_at' | 'revoked_at'>): Promise<KeyRow> {
  return await db.insertInto('api_key').values(key).returningAll().executeTakeFirstOrThrow();
}

/** The key of a digest, with the roles of its account as they are now; null: there is none, it is over, or its account is closed. */
export async function findKey(
  db: Db,
  digest: Buffer,
  now: Date,
): Promise<(KeyRow & { readonly roles: Role[] }) | null> {
  const row = await db
    .selectFrom('api_key')
    .innerJoin('account', 'account.person', 'api_key.person')
    .selectAll('api_key')
    .select('account.roles')
    .where('digest', '=', digest)
    .where('expires_at', '>', now)
    .where('revoked_at', 'is', null)
    .where('closed_at', 'is', null)
    .executeTakeFirst();
  return row ?? null;
}

export async function touchKey(db: Db, id: number, now: Date): Promise<void> {
  await db.updateTable('api_key').set({ used_at: now }).where('id', '=', id).execute();
}

/** Keys of a person, newest first, those that are over too. */
export async function listKeys(db: Db, person: string): Promise<KeyRow[]> {
  const query = db.selectFrom('api_key').selectAll().where('person', '=', person);
  return await query.orderBy('id', 'desc').limit(1_000).execute();
}

/** Revokes a key; false: there is no such, or it was revoked before. */
export async function revokeKey(db: Db, person: string, id: number, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('api_key')
    .set({ revoked_at: now })
    .where('person', '=', person)
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}
