import { timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { findKey, touchKey } from '../account/key/store.ts';
import { findSession, type Session, touchSession } from '../account/session/store.ts';
import { digestOf, isKeyText } from '../account/token.ts';
import { sessionEnd } from '../account/worker.ts';
import type { Role } from '../db/schema-accounts.ts';
import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Shell } from '../shell.ts';
import { sessionToken } from './cookie.ts';
import { type Right, rights, rightsOfRoles } from './rights.ts';
import { isLoopback, requireOwnPage } from './security.ts';

/** Who makes a request, and what they may. */
export interface Caller {
  readonly by: 'local' | 'session' | 'key';
  /** Key of `people`; null: the local key, which is nobody's. */
  readonly person: string | null;
  readonly roles: readonly Role[];
  readonly rights: ReadonlySet<Right>;
  /** Rights that the role `owner` has for what is theirs. */
  readonly rightsAsOwner: ReadonlySet<Right>;
  readonly session: Session | null;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Null where the route needs none. */
    caller: Caller | null;
  }
}

type CallerShell = Pick<Shell, 'db' | 'clock' | 'project'>;

/**
 * Who a request proves to come from; throws AppError `unauthenticated` where it proves nobody. `attended`: somebody has asked, so
 * that a session is used; else a page asks by itself.
 */
export async function callerOf(
  shell: CallerShell,
  request: FastifyRequest,
  localKey: string,
  attended: boolean,
): Promise<Caller> {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const shown = /^Bearer (\S+)$/i.exec(authorization)?.[1];
    if (shown === undefined) throw unproved('The request shows no key.');
    return isKeyText(shown) ? await byKey(shell, shown) : byLocalKey(request, shown, localKey);
  }
  const token = sessionToken(request);
  if (token === null) throw unproved('The request shows no key.');
  requireOwnPage(request);
  return await bySession(shell, token, attended);
}

/** The key of the machine: whoever can read it there can do everything, and from nowhere else. */
function byLocalKey(request: FastifyRequest, shown: string, localKey: string): Caller {
  if (!timingSafeEqual(digestOf(shown), digestOf(localKey))) {
    throw unproved('The key is not the one of this server.');
  }
  if (!fromThisMachine(request)) {
    throw new AppError('unauthenticated', 'The local key is good on the machine of the server alone.', {
      help: 'Make an API key (console: your account, Keys; or `signalbox people key`) and use that one.',
    });
  }
  const all = new Set(rights);
  return {
    by: 'local',
    person: null,
    roles: ['administrator'],
    rights: all,
    rightsAsOwner: all,
    session: null,
  };
}

/** What a proxy passes on is not of this machine, though the proxy is. */
function fromThisMachine(request: FastifyRequest): boolean {
  const passedOn = request.headers['x-forwarded-for'] ?? request.headers.forwarded;
  return passedOn === undefined && isLoopback((request.socket.remoteAddress ?? '').replace(/^::ffff:/, ''));
}

async function byKey(shell: CallerShell, shown: string): Promise<Caller> {
  const now = shell.clock.now();
  const key = await findKey(shell.db, digestOf(shown), now);
  if (key === null) throw unproved('The key is not known, was revoked, or its time is over.');
  requireKnown(shell, key.person);
  if (key.used_at === null || now.getTime() - key.used_at.getTime() >= limits.sessionSeenMs) {
    await touchKey(shell.db, key.id, now);
  }
  const scoped = (held: ReadonlySet<Right>) =>
    new Set([...held].filter((right) => key.scopes.includes(right)));
  return {
    by: 'key',
    person: key.person,
    roles: key.roles,
    rights: scoped(rightsOfRoles(key.roles)),
    rightsAsOwner: scoped(asOwner(key.roles)),
    session: null,
  };
}

async function bySession(shell: CallerShell, token: string, attended: boolean): Promise<Caller> {
  const now = shell.clock.now();
  const session = await findSession(shell.db, digestOf(token), now);
  if (session === null) throw unproved('You are signed out: the session was ended, or its time is over.');
  requireKnown(shell, session.person);
  if (attended && now.getTime() - session.seen_at.getTime() >= limits.sessionSeenMs) {
    const end = sessionEnd(session.created_at, now, shell.project().signIn.idleMs);
    await touchSession(shell.db, session.id, now, end);
  }
  const { roles, person } = session;
  return {
    by: 'session',
    person,
    roles,
    rights: rightsOfRoles(roles),
    rightsAsOwner: asOwner(roles),
    session,
  };
}

function asOwner(roles: readonly Role[]): Set<Right> {
  return new Set<Right>(roles.includes('owner') ? ['work', 'deploy'] : []);
}

/** Who is taken out of the project is out. */
function requireKnown({ project }: CallerShell, person: string): void {
  if (!project().people.has(person)) throw unproved(`person:${person} is no longer in this project.`);
}

function unproved(message: string): AppError {
  return new AppError('unauthenticated', message, {
    help: 'Sign in; or send `Authorization: Bearer <key>` with an API key, or on the machine of the server the one in .signalbox/server.json.',
  });
}
