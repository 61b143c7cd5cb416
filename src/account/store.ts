import type { Selectable, Updateable } from 'kysely';
import type { Db, Tx } from '../db/schema.ts';
import type { AccountActTable, AccountTable, Role } from '../db/schema-accounts.ts';

export type AccountRow = Selectable<AccountTable>;

export async function findAccount(db: Db, person: string): Promise<AccountRow | null> {
  return (await db.selectFrom('account').selectAll().where('person', '=', person).executeTakeFirst()) ?? null;
}

export async function findAccountBySubject(db: Db, subject: string): Promise<AccountRow | null> {
  const query = db.selectFrom('account').selectAll().where('oidc_subject', '=', subject);
  return (await query.executeTakeFirst()) ?? null;
}

export async function listAccounts(db: Db): Promise<AccountRow[]> {
  return await db.selectFrom('account').selectAll().orderBy('person').execute();
}

/** Whether anybody could sign in. */
export async function anyAccount(db: Db): Promise<boolean> {
  return (await db.selectFrom('account').select('person').limit(1).executeTakeFirst()) !== undefined;
}

/** Locks an account until the transaction ends, so that what depends on it is decided once. */
export async function lockAccount(tx: Tx, person: string): Promise<AccountRow | null> {
  const query = tx.selectFrom('account').selectAll().where('person', '=', person).forUpdate();
  return (await query.executeTakeFirst()) ?? null;
}

/** Administrators whose account is not closed, locked: that one stays is decided once. */
export async function lockAdministrators(tx: Tx): Promise<string[]> {
  const rows = await tx
    .selectFrom('account')
    .select(['person', 'roles'])
    .where('closed_at', 'is', null)
    .orderBy('person')
    .forUpdate()
    .execute();
  return rows.filter((row) => row.roles.includes('administrator')).map(({ person }) => person);
}

/** Makes an account, or leaves the one that is there. */
export async function insertAccount(tx: Tx, person: string, roles: Role[], now: Date): Promise<void> {
  await tx
    .insertInto('account')
    .values({ person, roles, created_at: now })
    .onConflict((conflict) => conflict.column('person').doNothing())
    .execute();
}

export async function updateAccount(
  tx: Db,
  person: string,
  changes: Updateable<AccountTable>,
): Promise<void> {
  await tx.updateTable('account').set(changes).where('person', '=', person).execute();
}

/** Takes a code's time step, once; false: this one or a later one was taken. */
export async function takeTotpStep(db: Db, person: string, step: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('account')
    .set({ totp_step: step })
    .where('person', '=', person)
    .where('totp_step', '<', step)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

export async function replaceBackupCodes(tx: Tx, person: string, digests: readonly Buffer[]): Promise<void> {
  await tx.deleteFrom('backup_code').where('person', '=', person).execute();
  if (digests.length === 0) return;
  await tx
    .insertInto('backup_code')
    .values(digests.map((digest) => ({ person, digest })))
    .execute();
}

/** Uses up a backup code; false: there is no such. */
export async function takeBackupCode(db: Db, person: string, digest: Buffer): Promise<boolean> {
  const query = db.deleteFrom('backup_code').where('person', '=', person).where('digest', '=', digest);
  return (await query.executeTakeFirst()).numDeletedRows === 1n;
}

export async function countBackupCodes(db: Db, person: string): Promise<number> {
  const query = db.selectFrom('backup_code').select((eb) => eb.fn.countAll<number>().as('count'));
  return (await query.where('person', '=', person).executeTakeFirstOrThrow()).count;
}

/** One line of what was done to accounts. `detail` holds no secret. */
export interface AccountAct {
  readonly at: Date;
  readonly actor: string;
  readonly person: string | null;
  readonly act: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

export async function insertAct(db: Db, { detail = {}, ...act }: AccountAct): Promise<void> {
  await db
    .insertInto('account_act')
    .values({ ...act, detail: JSON.stringify(detail) })
    .execute();
}

/** Acts on accounts, newest first. `after`: the id where the page before ended. */
export async function listActs(
  db: Db,
  filter: { readonly person?: string; readonly after?: number },
  limit: number,
): Promise<Selectable<AccountActTable>[]> {
  let query = db.selectFrom('account_act').selectAll();
  if (filter.person !== undefined) query = query.where('person', '=', filter.person);
  if (filter.after !== undefined) query = query.where('id', '<', filter.after);
  return await query.orderBy('id', 'desc').limit(limit).execute();
}
