import { randomBytes } from 'node:crypto';
import type { Tx } from '../db/schema.ts';
import type { Role } from '../db/schema-accounts.ts';
import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import { plusMs } from '../platform/instant.ts';
import type { Shell } from '../shell.ts';
import { suggest } from '../workflow/suggest.ts';
import { deleteSessions, insertSession, listSessions } from './session/store.ts';
import { anyAccount, findAccount, insertAccount, insertAct } from './store.ts';
import { insertToken, revokeTokens, takeToken } from './token/store.ts';
import { digestOf, tokenText } from './token.ts';

export type AccountShell = Pick<Shell, 'db' | 'clock' | 'project'>;

/** Where a request came from, for the list of a person's sessions. */
export interface Origin {
  readonly address: string;
  readonly agent: string;
}

/** A session as its holder gets it: the only time that its token is there. */
export interface OpenedSession {
  readonly id: number;
  readonly token: string;
  readonly person: string;
  readonly expiresAt: Date;
}

/**
 * A link that signs a person in, once, and makes the account where there is none: `roles` are those of a new account.
 * Links of the same person that nobody has used are taken back.
 */
export async function issueLink(
  shell: AccountShell,
  person: string,
  options: { readonly roles: readonly Role[]; readonly actor: string },
): Promise<{ token: string; expiresAt: Date; account: boolean }> {
  requirePerson(shell, person);
  const now = shell.clock.now();
  const token = tokenText('link', randomBytes(32));
  const expiresAt = plusMs(now, limits.linkMs);
  const account = await shell.db.transaction().execute(async (tx) => {
    const found = await findAccount(tx, person);
    if (found !== null && found.closed_at !== null) throw closed(person);
    await revokeTokens(tx, 'link', person);
    await insertToken(tx, {
      digest: digestOf(token),
      kind: 'link',
      person,
      data: { roles: options.roles },
      created_at: now,
      expires_at: expiresAt,
    });
    const detail = { roles: found?.roles ?? options.roles, expires_at: expiresAt.toISOString() };
    await insertAct(tx, { at: now, actor: options.actor, person, act: 'link_issued', detail });
    return found !== null;
  });
  return { token, expiresAt, account };
}

/** Who the first link is for, while nobody has an account: the first person of the project. Null: somebody has one. */
export async function firstAdministrator(shell: AccountShell): Promise<string | null> {
  if (await anyAccount(shell.db)) return null;
  return shell.project().people.keys().next().value ?? null;
}

/** Signs in by a link; makes the account where there is none. Throws AppError where the link is not good (any more). */
export async function redeemLink(shell: AccountShell, token: string, origin: Origin): Promise<OpenedSession> {
  const now = shell.clock.now();
  return await shell.db.transaction().execute(async (tx) => {
    const taken = await takeToken(tx, 'link', digestOf(token), now);
    if (taken === null || taken.person === null) {
      throw new AppError('unauthenticated', 'This link does not sign in: it was used, or its time is over.', {
        help: 'Ask an administrator for a new one, or run `signalbox people link` on the machine of the server.',
      });
    }
    requirePerson(shell, taken.person);
    const { roles } = taken.data as { roles: Role[] };
    const known = await findAccount(tx, taken.person);
    if (known !== null && known.closed_at !== null) throw closed(taken.person);
    if (known === null) {
      await insertAccount(tx, taken.person, roles, now);
      const act = { at: now, actor: `person:${taken.person}`, person: taken.person, act: 'account_made' };
      await insertAct(tx, { ...act, detail: { roles } });
    }
    return await openSession({ ...shell, db: tx }, taken.person, 'link', origin);
  });
}

/** Opens a session of a person who has proved who they are. Beyond limits.sessionsMax the longest unused ends. */
export async function openSession(
  shell: Pick<Shell, 'clock' | 'project'> & { readonly db: Parameters<typeof insertSession>[0] },
  person: string,
  proof: string,
  { address, agent }: Origin,
): Promise<OpenedSession> {
  const now = shell.clock.now();
  requirePerson(shell, person);
  const open = await listSessions(shell.db, person, now);
  for (const { id } of open.slice(limits.sessionsMax - 1)) await deleteSessions(shell.db, person, { id });
  const token = tokenText('session', randomBytes(32));
  const row = await insertSession(shell.db, {
    digest: digestOf(token),
    person,
    proof,
    address,
    agent: agent.slice(0, 300),
    created_at: now,
    seen_at: now,
    expires_at: sessionEnd(now, now, shell.project().signIn.idleMs),
  });
  const detail = { session: row.id, proof, address };
  await insertAct(shell.db, { at: now, actor: `person:${person}`, person, act: 'signed_in', detail });
  return { id: row.id, token, person, expiresAt: row.expires_at };
}

/** Ends what somebody has signed in with, and sign-ins that wait for their code: what they began with is good no more. */
export async function endSignIns(
  tx: Tx,
  person: string,
  which: { readonly except: number | null },
): Promise<void> {
  await revokeTokens(tx, 'second_step', person);
  await deleteSessions(tx, person, which);
}

/** A session ends when it is not used for so long, and in any case limits.sessionMs after its beginning. */
export function sessionEnd(createdAt: Date, seenAt: Date, idleMs: number): Date {
  return new Date(Math.min(createdAt.getTime() + limits.sessionMs, seenAt.getTime() + idleMs));
}

function requirePerson({ project }: Pick<Shell, 'project'>, person: string): void {
  const { people } = project();
  if (people.has(person)) return;
  const meant = suggest(person, [...people.keys()]);
  throw new AppError('not_found', `There is no person "${person}" in signalbox.yaml.`, {
    help:
      meant === null
        ? `People: ${[...people.keys()].join(', ')}. Whoever is to sign in stands there first.`
        : `Did you mean ${meant}?`,
  });
}

function closed(person: string): AppError {
  return new AppError('forbidden', `The account of person:${person} is closed.`, {
    help: 'An administrator can open it again.',
  });
}
