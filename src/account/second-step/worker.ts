import { randomBytes } from 'node:crypto';
import { AppError } from '../../errors.ts';
import type { Shell } from '../../shell.ts';
import { seal, unseal } from '../seal.ts';
import {
  type AccountRow,
  insertAct,
  lockAccount,
  replaceBackupCodes,
  takeBackupCode,
  takeTotpStep,
  updateAccount,
} from '../store.ts';
import { digestOf } from '../token.ts';
import { backupCodes, base32, plainCode, totpStep, totpUri } from '../totp.ts';

/** `secrets`: what seals the secrets of codes, the one in use first. */
export type CodeShell = Pick<Shell, 'db' | 'clock' | 'project'> & {
  readonly secrets: () => readonly string[];
};

/** Begins with one-time codes: a secret that counts once a code of it is shown. */
export async function startTotp(shell: CodeShell, person: string): Promise<{ secret: string; uri: string }> {
  const secret = randomBytes(20);
  await shell.db.transaction().execute(async (tx) => {
    const account = await lockAccount(tx, person);
    if (account?.totp_confirmed_at != null) {
      throw new AppError('conflict', 'This account has one-time codes already.', {
        help: 'Take them off first, with a code of theirs.',
      });
    }
    const sealed = seal(secret, shell.secrets()[0] ?? '', randomBytes(12));
    await updateAccount(tx, person, { totp_secret: sealed, totp_step: 0 });
  });
  return { secret: base32(secret), uri: totpUri(secret, shell.project().name, person) };
}

/** Puts one-time codes in force with a first code; returns the backup codes, which are shown this once. */
export async function confirmTotp(shell: CodeShell, person: string, code: string): Promise<string[]> {
  const now = shell.clock.now();
  return await shell.db.transaction().execute(async (tx) => {
    const account = await lockAccount(tx, person);
    if (account?.totp_secret == null || account.totp_confirmed_at !== null) {
      throw new AppError('conflict', 'There is nothing to confirm.', { help: 'Begin with a new secret.' });
    }
    const step = totpStep(secretOf(shell, account.totp_secret), code, now);
    if (step === null) throw wrongCode();
    await updateAccount(tx, person, { totp_confirmed_at: now, totp_step: step });
    await insertAct(tx, { at: now, actor: `person:${person}`, person, act: 'totp_set' });
    const codes = backupCodes(randomBytes(100));
    await replaceBackupCodes(
      tx,
      person,
      codes.map((each) => digestOf(plainCode(each))),
    );
    return codes;
  });
}

/** New backup codes; the old ones are good no more. */
export async function renewBackupCodes(
  shell: CodeShell,
  account: AccountRow,
  code: string,
): Promise<string[]> {
  const { person } = account;
  await requireCode(shell, account, code);
  const codes = backupCodes(randomBytes(100));
  await shell.db.transaction().execute(async (tx) => {
    await replaceBackupCodes(
      tx,
      person,
      codes.map((each) => digestOf(plainCode(each))),
    );
    await insertAct(tx, {
      at: shell.clock.now(),
      actor: `person:${person}`,
      person,
      act: 'backup_codes_made',
    });
  });
  return codes;
}

/** Takes one-time codes off an account. */
export async function removeTotp(
  shell: Pick<Shell, 'db' | 'clock'>,
  person: string,
  actor: string,
): Promise<void> {
  await shell.db.transaction().execute(async (tx) => {
    await updateAccount(tx, person, { totp_secret: null, totp_confirmed_at: null });
    await replaceBackupCodes(tx, person, []);
    await insertAct(tx, { at: shell.clock.now(), actor, person, act: 'totp_removed' });
  });
}

/** What a code proves, and uses it up: each is good once. Null: it is not one. */
export async function takeCode(
  shell: CodeShell,
  account: AccountRow,
  code: string,
): Promise<'totp' | 'backup_code' | null> {
  if (account.totp_secret === null || account.totp_confirmed_at === null) return null;
  if (/^[\d\s]{6,10}$/.test(code)) {
    const step = totpStep(secretOf(shell, account.totp_secret), code, shell.clock.now());
    return step !== null && (await takeTotpStep(shell.db, account.person, step)) ? 'totp' : null;
  }
  const taken = await takeBackupCode(shell.db, account.person, digestOf(plainCode(code)));
  return taken ? 'backup_code' : null;
}

export async function requireCode(shell: CodeShell, account: AccountRow, code: string): Promise<void> {
  if ((await takeCode(shell, account, code)) === null) throw wrongCode();
}

function secretOf(shell: CodeShell, sealed: Buffer): Buffer {
  for (const secret of shell.secrets()) {
    const plain = unseal(sealed, secret);
    if (plain !== null) return plain;
  }
  throw new AppError('unavailable', 'This node cannot read the secrets of one-time codes.', {
    help: 'Give all nodes the same `sign_in.secret` in signalbox.yaml. A backup code, or a link, signs in meanwhile.',
  });
}

export function wrongCode(): AppError {
  return new AppError('unauthenticated', 'This code is not right, or was used.', {
    help: 'Wait for the next one; check the clock of the device. A backup code does as well.',
  });
}
