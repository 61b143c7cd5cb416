import { randomBytes } from 'node:crypto';
import type { Role } from '../../db/schema-accounts.ts';
import { AppError } from '../../errors.ts';
import { limits } from '../../limits.ts';
import { insertKey, type KeyRow, listKeys, revokeKey } from '../key/store.ts';
import { type AccountRow, insertAct, lockAccount, lockAdministrators, updateAccount } from '../store.ts';
import { digestOf, tokenText } from '../token.ts';
import { type AccountShell, endSignIns } from '../worker.ts';

/** What an administrator changes of an account; absent: it stays. */
export interface AccountChange {
  readonly roles?: readonly Role[];
  /** Closed: nothing signs in with it, and its sessions end. */
  readonly closed?: boolean;
  /** True: its password goes; a link signs in, and a new one is set. */
  readonly removePassword?: boolean;
}

/** Changes an account. Throws AppError `conflict` where nobody would be left to administer. */
export async function changeAccount(
  shell: AccountShell,
  person: string,
  { roles, closed, removePassword }: AccountChange,
  actor: string,
): Promise<AccountRow> {
  const now = shell.clock.now();
  return await shell.db.transaction().execute(async (tx) => {
    // Whoever is no longer in the project cannot sign in.
    const { people } = shell.project();
    const administrators = (await lockAdministrators(tx)).filter((each) => people.has(each));
    const account = await lockAccount(tx, person);
    if (account === null) throw noAccount(person);
    const loses = closed === true || (roles !== undefined && !roles.includes('administrator'));
    if (loses && administrators.every((each) => each === person) && administrators.length > 0) {
      throw new AppError('conflict', `person:${person} is the last administrator.`, {
        help: 'Make somebody else one first.',
      });
    }
    if (roles !== undefined) {
      await updateAccount(tx, person, { roles: [...roles] });
      const detail = { from: account.roles, to: roles };
      await insertAct(tx, { at: now, actor, person, act: 'roles_changed', detail });
    }
    if (closed !== undefined && closed !== (account.closed_at !== null)) {
      await updateAccount(tx, person, { closed_at: closed ? now : null });
      if (closed) await endSignIns(tx, person, { except: null });
      await insertAct(tx, { at: now, actor, person, act: closed ? 'account_closed' : 'account_opened' });
    }
    if (removePassword === true && account.password !== null) {
      await updateAccount(tx, person, { password: null });
      await endSignIns(tx, person, { except: null });
      await insertAct(tx, { at: now, actor, person, act: 'password_removed' });
    }
    return (await lockAccount(tx, person)) ?? account;
  });
}

/** Makes an API key of a person: its text, which is shown this once, and its row. */
export async function makeKey(
  shell: AccountShell,
  person: string,
  key: { readonly name: string; readonly scopes: readonly string[]; readonly expiresAt: Date },
  actor: string,
): Promise<{ readonly text: string; readonly row: KeyRow }> {
  const now = shell.clock.now();
  const longest = now.getTime() + limits.apiKeyMs;
  if (key.expiresAt <= now || key.expiresAt.getTime() > longest) {
    throw new AppError('unprocessable', 'A key ends after now, and within 366 days.', {
      help: `The latest is ${new Date(longest).toISOString()}.`,
    });
  }
  const text = tokenText('key', randomBytes(32));
  const row = await shell.db.transaction().execute(async (tx) => {
    if ((await lockAccount(tx, person)) === null) throw noAccount(person);
    const good = (await listKeys(tx, person)).filter(
      ({ revoked_at, expires_at }) => revoked_at === null && expires_at > now,
    );
    if (good.length >= limits.apiKeysMax) {
      throw new AppError('conflict', `There are ${limits.apiKeysMax} keys already.`, {
        help: 'Revoke some that are not used.',
      });
    }
    const made = await insertKey(tx, {
      digest: digestOf(text),
      hint: text.slice(0, 8),
      person,
      name: key.name,
      scopes: [...key.scopes],
      created_at: now,
      expires_at: key.expiresAt,
    });
    const detail = {
      key: made.id,
      name: key.name,
      scopes: key.scopes,
      expires_at: key.expiresAt.toISOString(),
    };
    await insertAct(tx, { at: now, actor, person, act: 'key_made', detail });
    return made;
  });
  return { text, row };
}

export async function endKey(shell: AccountShell, person: string, id: number, actor: string): Promise<void> {
  const now = shell.clock.now();
  if (!(await revokeKey(shell.db, person, id, now))) {
    throw new AppError('not_found', `person:${person} has no key ${id} that is good.`);
  }
  await insertAct(shell.db, { at: now, actor, person, act: 'key_revoked', detail: { key: id } });
}

export function noAccount(person: string): AppError {
  return new AppError('not_found', `person:${person} has no account.`, {
    help: `Invite them: \`signalbox people link ${person}\`, or the console: Settings, Accounts.`,
  });
}
