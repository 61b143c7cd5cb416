import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors.ts';
import type { Project } from '../workflow/project.ts';
import { suggest } from '../workflow/suggest.ts';

/** A check that a request does show the local key, in time that does not depend on where it is wrong. */
export function keyCheck(key: string): (request: FastifyRequest) => void {
  const expected = digest(key);
  return (request) => {
    const shown = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (shown !== undefined && timingSafeEqual(digest(shown), expected)) return;
    throw new AppError(
      'unauthenticated',
      shown === undefined ? 'The request shows no key.' : 'The key is not the one of this server.',
      {
        help: 'Send `Authorization: Bearer <key>`; the key stands in .signalbox/server.json of the project.',
      },
    );
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/**
 * Refuses what another web page sends: a name that only points here (DNS rebinding), or a foreign origin.
 * A server that listens beyond this machine cannot know its names; there the key alone protects.
 */
export function refuseForeign(request: FastifyRequest, boundHost: string): void {
  const host = hostName(request.headers.host ?? '');
  if (isLoopback(boundHost) && !isLoopback(host)) {
    throw new AppError('forbidden', `This server answers to localhost, not to "${host}".`, {
      help: 'Use http://localhost with its port; a proxy before it has to send `Host: localhost`.',
    });
  }
  const { origin } = request.headers;
  if (origin !== undefined && originHost(origin) !== request.headers.host) {
    throw new AppError('forbidden', `Pages of ${origin} may not use this server.`, {
      help: 'Only pages that this server serves itself may.',
    });
  }
}

function hostName(host: string): string {
  return host
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase();
}

function originHost(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}

function isLoopback(name: string): boolean {
  return (
    name === 'localhost' || name.endsWith('.localhost') || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name)
  );
}

/** The headers of every answer: nothing is cached, sniffed, framed or run. */
export function secureHeaders(reply: FastifyReply): void {
  reply.headers({
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
  });
}

/** Who acts, for the record: the person named by `Signalbox-Actor`, who must be in the project, or `local`. */
export function actorOf(request: FastifyRequest, project: Project): string {
  const actor = request.headers['signalbox-actor'];
  if (actor === undefined) return 'local';
  if (typeof actor === 'string' && actor.startsWith('person:') && project.people.has(actor.slice(7)))
    return actor;
  const people = [...project.people.keys()].map((key) => `person:${key}`);
  const meant = suggest(String(actor), people);
  throw new AppError('bad_request', `Signalbox-Actor names "${String(actor)}", who is not in this project.`, {
    help: meant === null ? `People: ${people.join(', ') || 'none'}.` : `Did you mean ${meant}?`,
  });
}
