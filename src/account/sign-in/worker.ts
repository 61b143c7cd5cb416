import { randomBytes } from 'node:crypto';
import { AppError } from '../../errors.ts';
import { limits } from '../../limits.ts';
import { plusMs } from '../../platform/instant.ts';
import { personNamed } from '../account.ts';
import { hashPassword, verifyPassword } from '../password/worker.ts';
import { type CodeShell, takeCode, wrongCode } from '../second-step/worker.ts';
import { deleteSessions } from '../session/store.ts';
import { findAccount, insertAct, updateAccount } from '../store.ts';
import type { Throttle } from '../throttle.ts';
import { insertToken, takeToken, tryToken } from '../token/store.ts';
import { digestOf, tokenText } from '../token.ts';
import { type OpenedSession, type Origin, openSession } from '../worker.ts';

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
  if (!right || account === null) {
    throw new AppError('unauthenticated', 'Name and password do not fit together.', {
      help: 'The name is your e-mail address in signalbox.yaml, or your key there. An administrator can give you a link.',
    });
  }
  throttle.succeeded(name, origin.address);
  if (account.totp_confirmed_at === null) {
    return { session: await openSession(shell, account.person, 'password', origin) };
  }
  const step = tokenText('step', randomBytes(32));
  const now = clock.now();
  await insertToken(db, {
    digest: digestOf(step),
    kind: 'second_step',
    person: account.person,
    data: {},
    created_at: now,
    expires_at: plusMs(now, limits.signInStepMs),
  });
  return { step };
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
  if ((await takeToken(shell.db, 'second_step', digestOf(step), now)) === null) throw wrongCode();
  shell.throttle.succeeded(`code ${token.person}`, origin.address);
  return await openSession(shell, token.person, `password+${proof}`, origin);
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
    await updateAccount(tx, person, { password });
    await deleteSessions(tx, person, { except: change.session });
    await insertAct(tx, { at: shell.clock.now(), actor: `person:${person}`, person, act: 'password_set' });
  });
}

export function refuseTooSoon({ throttle, clock }: SignInShell, name: string, { address }: Origin): void {
  const waitMs = throttle.wait(name, address, clock.now());
  if (waitMs === 0) return;
  const seconds = Math.ceil(waitMs / 1_000);
  throw new AppError(
    'too_many_requests',
    `Too many sign-ins failed; the next may be tried in ${seconds} s.`,
    {
      help: 'It counts for this name from this address alone.',
      details: { retry_after: seconds },
    },
  );
}
