import type { Selectable } from 'kysely';
import type { Db } from '../../db/schema.ts';
import type { PasskeyTable } from '../../db/schema-accounts.ts';

export type PasskeyRow = Selectable<PasskeyTable>;

export async function insertPasskey(db: Db, passkey: Omit<PasskeyRow, 'used_at'>): Promise<void> {
  await db.insertInto('passkey').values(passkey).execute();
}

export async function findPasskey(db: Db, id: string): Promise<PasskeyRow | null> {
  return (await db.selectFrom('passkey').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
}

export async function listPasskeys(db: Db, person: string): Promise<PasskeyRow[]> {
  const query = db.selectFrom('passkey').selectAll().where('person', '=', person);
  return await query.orderBy('created_at').execute();
}

/** Notes a use; the counter of a device only rises, and one that does not was copied. */
export async function usePasskey(db: Db, id: string, counter: number, now: Date): Promise<void> {
  await db.updateTable('passkey').set({ counter, used_at: now }).where('id', '=', id).execute();
}

/** False: the person has no such passkey. */
export async function deletePasskey(db: Db, person: string, id: string): Promise<boolean> {
  const query = db.deleteFrom('passkey').where('person', '=', person).where('id', '=', id);
  return (await query.executeTakeFirst()).numDeletedRows === 1n;
}
