import type { Selectable } from 'kysely';
import type { Db } from '../../db/schema.ts';
import type { Role, SignInSessionTable } from '../../db/schema-accounts.ts';

export type SessionRow = Selectable<SignInSessionTable>;

/** A session that counts, with the roles of its account as they are now. */
export type Session = SessionRow & { readonly roles: Role[] };

export async function insertSession(
  db: Db,
  session: Omit<SessionRow, 'id'>,
): Promise<Pick<SessionRow, 'id' | 'expires_at'>> {
  return await db
    .insertInto('sign_in_session')
    .values(session)
    .returning(['id', 'expires_at'])
    .executeTakeFirstOrThrow();
}

/** The session of a token's digest; null: there is none, it is over, or its account is closed. */
export async function findSession(db: Db, digest: Buffer, now: Date): Promise<Session | null> {
  const row = await db
    .selectFrom('sign_in_session')
    .innerJoin('account', 'account.person', 'sign_in_session.person')
    .selectAll('sign_in_session')
    .select('account.roles')
    .where('digest', '=', digest)
    .where('expires_at', '>', now)
    .where('closed_at', 'is', null)
    .executeTakeFirst();
  return row ?? null;
}

/** Notes that a session was used, which puts off its end. */
export async function touchSession(db: Db, id: number, seenAt: Date, expiresAt: Date): Promise<void> {
  const set = { seen_at: seenAt, expires_at: expiresAt };
  await db.updateTable('sign_in_session').set(set).where('id', '=', id).execute();
}

/** Sessions of a person that are not over, the last used first. */
export async function listSessions(db: Db, person: string, now: Date): Promise<SessionRow[]> {
  return await db
    .selectFrom('sign_in_session')
    .selectAll()
    .where('person', '=', person)
    .where('expires_at', '>', now)
    .orderBy('seen_at', 'desc')
    .execute();
}

/** Ends sessions of a person: one, or all but one. Returns how many. */
export async function deleteSessions(
  db: Db,
  person: string,
  which: { readonly id: number } | { readonly except: number | null },
): Promise<number> {
  let query = db.deleteFrom('sign_in_session').where('person', '=', person);
  if ('id' in which) query = query.where('id', '=', which.id);
  else if (which.except !== null) query = query.where('id', '<>', which.except);
  return Number((await query.executeTakeFirst()).numDeletedRows);
}

export async function forgetSessions(db: Db, now: Date): Promise<number> {
  const gone = await db.deleteFrom('sign_in_session').where('expires_at', '<=', now).executeTakeFirst();
  return Number(gone.numDeletedRows);
}
