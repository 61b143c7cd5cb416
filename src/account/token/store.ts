import type { Selectable } from 'kysely';
import type { Db } from '../../db/schema.ts';
import type { SignInTokenTable } from '../../db/schema-accounts.ts';

export type TokenRow = Selectable<SignInTokenTable>;
type Kind = TokenRow['kind'];

export async function insertToken(
  db: Db,
  { data, ...token }: Omit<TokenRow, 'tries' | 'used_at' | 'data'> & { readonly data: object },
): Promise<void> {
  await db
    .insertInto('sign_in_token')
    .values({ ...token, data: JSON.stringify(data) })
    .execute();
}

/** Uses a token up. Null: there is no such, it was used, or its time is over. Of two at once one gets it. */
export async function takeToken(db: Db, kind: Kind, digest: Buffer, now: Date): Promise<TokenRow | null> {
  const row = await db
    .updateTable('sign_in_token')
    .set({ used_at: now })
    .where('digest', '=', digest)
    .where('kind', '=', kind)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .returningAll()
    .executeTakeFirst();
  return row ?? null;
}

/** Counts a try of a token that may be tried so often. Null: it cannot be tried any more. */
export async function tryToken(
  db: Db,
  kind: Kind,
  digest: Buffer,
  triesMax: number,
  now: Date,
): Promise<TokenRow | null> {
  const row = await db
    .updateTable('sign_in_token')
    .set((eb) => ({ tries: eb('tries', '+', 1) }))
    .where('digest', '=', digest)
    .where('kind', '=', kind)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .where('tries', '<', triesMax)
    .returningAll()
    .executeTakeFirst();
  return row ?? null;
}

/** Takes back what a person has been given of a kind and nobody has used. */
export async function revokeTokens(db: Db, kind: 'link' | 'second_step', person: string): Promise<void> {
  await db
    .deleteFrom('sign_in_token')
    .where('kind', '=', kind)
    .where('person', '=', person)
    .where('used_at', 'is', null)
    .execute();
}

export async function forgetTokens(db: Db, now: Date): Promise<number> {
  const gone = await db.deleteFrom('sign_in_token').where('expires_at', '<=', now).executeTakeFirst();
  return Number(gone.numDeletedRows);
}
