import { randomBytes } from 'node:crypto';
import { AppError } from '../../errors.ts';
import { limits } from '../../limits.ts';
import { plusMs } from '../../platform/instant.ts';
import { personNamed } from '../account.ts';
import { hashPassword, verifyPassword } from '../password/worker.ts';
import { type CodeShell, takeCode, wrongCode } from '../second-step/worker.ts';
import { listSessions } from '../session/store.ts';
import { findAccount, insertAct, lockAccount, updateAccount } from '../store.ts';
import type { Throttle } from '../throttle.ts';
import { insertToken, takeToken, tryToken } from '../token/store.ts';
import { digestOf, tokenText } from '../token.ts';
import { endSignIns, type OpenedSession, type Origin, openSession } from '../worker.ts';

export type SignInShell = CodeShell & { readonly throttle: Throttle };

/** Signed in; or, where the account has one-time codes, the token of the step that is still to be made. */
export type SignedIn = { readonly session: OpenedSession } | { readonly step: string };

/**
 * Signs in by name and password. Who is not known and what is not right are answered alike, and take as long.
 * Failures make who failed wait, from where they failed: nobody can keep somebody else out.
 */
export async function signInByPassword(
  shell: SignInShell,
  name: string,
  password: string,
  origin: Origin,
): Promise<SignedIn> {
  const { db, clock, throttle } = shell;
  refuseTooSoon(shell, name, origin);
  // Counted before it is looked at, so that many at once count as many.
  throttle.failed(name, origin.address, clock.now());
  const person = personNamed(shell.project(), name);
  const account = person === null ? null : await findAccount(db, person.key);
  const counts = account !== null && account.closed_at === null;
  const right = await verifyPassword(password, counts ? account.password : null);
  if (!right || account === null) throw unfit();
  const signedIn = await db.transaction().execute(async (tx): Promise<SignedIn> => {
    // It takes a while to hash: what was changed or closed meanwhile lets nobody in.
    const now = clock.now();
    const locked = await lockAccount(tx, account.person);
    if (locked === null || locked.closed_at !== null || locked.password !== account.password) throw unfit();
    if (locked.totp_confirmed_at === null) {
      return { session: await openSession({ ...shell, db: tx }, account.person, 'password', origin) };
    }
    const step = tokenText('step', randomBytes(32));
    await insertToken(tx, {
      digest: digestOf(step),
      kind: 'second_step',
      person: account.person,
      data: {},
      created_at: now,
      expires_at: plusMs(now, limits.signInStepMs),
    });
    return { step };
  });
  throttle.succeeded(name, origin.address);
  return signedIn;
}

function unfit(): AppError {
  return new AppError('unauthenticated', 'Name and password do not fit together.', {
    help: 'The name is your e-mail address in signalbox.yaml, or your key there. An administrator can give you a link.',
  });
}

/** The second step: a one-time code or a backup code. */
export async function signInByCode(
  shell: SignInShell,
  step: string,
  code: string,
  origin: Origin,
): Promise<OpenedSession> {
  const now = shell.clock.now();
  const token = await tryToken(shell.db, 'second_step', digestOf(step), limits.codeTriesMax, now);
  if (token?.person == null) {
    throw new AppError(
      'unauthenticated',
      'This sign-in is over: it took too long, or too many codes were wrong.',
      {
        help: 'Begin again with the password.',
      },
    );
  }
  // Who knows the password may begin again, and still guesses no faster.
  refuseTooSoon(shell, `code ${token.person}`, origin);
  shell.throttle.failed(`code ${token.person}`, origin.address, now);
  const account = await findAccount(shell.db, token.person);
  const proof = account === null || account.closed_at !== null ? null : await takeCode(shell, account, code);
  if (proof === null) throw wrongCode();
  const { person } = token;
  const session = await shell.db.transaction().execute(async (tx) => {
    // Whoever changes the password or closes the account locks it, too, and takes the step back.
    await lockAccount(tx, person);
    if ((await takeToken(tx, 'second_step', digestOf(step), now)) === null) throw wrongCode();
    return await openSession({ ...shell, db: tx }, person, `password+${proof}`, origin);
  });
  shell.throttle.succeeded(`code ${person}`, origin.address);
  return session;
}

/** Sets the password of who has signed in; all other sessions of theirs end. `current`: what it was, where there was one. */
export async function changePassword(
  shell: SignInShell,
  person: string,
  change: { readonly current: string; readonly next: string; readonly session: number },
  origin: Origin,
): Promise<void> {
  const account = await findAccount(shell.db, person);
  if (account?.password != null) {
    refuseTooSoon(shell, person, origin);
    shell.throttle.failed(person, origin.address, shell.clock.now());
    if (!(await verifyPassword(change.current, account.password))) {
      throw new AppError('forbidden', 'The current password is not right.', {
        help: 'Sign in by a link of an administrator, where it is forgotten, and ask for its removal.',
      });
    }
    shell.throttle.succeeded(person, origin.address);
  }
  const password = await hashPassword(change.next);
  await shell.db.transaction().execute(async (tx) => {
    const now = shell.clock.now();
    await lockAccount(tx, person);
    // Whoever was signed out while it was hashed sets none.
    const open = await listSessions(tx, person, now);
    if (!open.some(({ id }) => id === change.session)) {
      throw new AppError('unauthenticated', 'You are signed out: the session was ended.', {
        help: 'Sign in again.',
      });
    }
    await updateAccount(tx, person, { password });
    await endSignIns(tx, person, { except: change.session });
    await insertAct(tx, { at: now, actor: `person:${person}`, person, act: 'password_set' });
  });
}

export function refuseTooSoon({ throttle, clock }: SignInShell, name: string, { address }: Origin): void {
  const seconds = Math.ceil(throttle.wait(name, address, clock.now()) / 1_000);
  if (seconds > 0) throw tooSoon(seconds, 'Too many sign-ins failed', 'for this name from this address');
}

/** Of sign-ins that ask for no name so many are begun from one address: each is remembered before anything is proved. */
export function refuseTooMany({ throttle, clock }: SignInShell, { address }: Origin): void {
  const seconds = throttle.begin(address, clock.now());
  if (seconds > 0) throw tooSoon(seconds, 'Too many sign-ins were begun', 'for this address');
}

function tooSoon(seconds: number, why: string, counted: string): AppError {
  return new AppError('too_many_requests', `${why}; the next may be tried in ${seconds} s.`, {
    help: `It counts ${counted} alone.`,
    details: { retry_after: seconds },
  });
}
