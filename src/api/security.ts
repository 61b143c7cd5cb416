import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors.ts';
import type { Project } from '../workflow/project.ts';
import { suggest } from '../workflow/suggest.ts';

/**
 * Refuses what another web page sends: a name that only points here (DNS rebinding), or a foreign origin.
 * A server that listens beyond this machine cannot know its names; there key and session alone protect. `publicUrl`: what
 * people and senders call it, where a proxy stands before it.
 */
export function refuseForeign(request: FastifyRequest, boundHost: string, publicUrl: string | null): void {
  const host = hostName(request.headers.host ?? '');
  const publicHost = publicUrl === null ? null : originHost(publicUrl);
  const isOwn = isLoopback(host) || request.headers.host === publicHost;
  if (isLoopback(boundHost) && !isOwn) {
    throw new AppError('forbidden', `This server answers to localhost, not to "${host}".`, {
      help: 'Use http://localhost with its port; behind a proxy, name what it is called in sign_in.url or server.public_url.',
    });
  }
  const { origin } = request.headers;
  if (origin === undefined) return;
  const from = originHost(origin);
  if (from === null || (from !== request.headers.host && from !== publicHost)) {
    throw new AppError('forbidden', `Pages of ${origin} may not use this server.`, {
      help: 'Only pages that this server serves itself may.',
    });
  }
}

/**
 * Refuses a request with a cookie that no page of this server has made: the cookie is sent by the browser, whoever asks it
 * to. Pages name their origin with what changes something, which refuseForeign has looked at; else the browser says so.
 */
export function requireOwnPage(request: FastifyRequest): void {
  const site = request.headers['sec-fetch-site'];
  const changesNothing = request.method === 'GET' || request.method === 'HEAD';
  const isOwn = changesNothing
    ? site === undefined || site === 'same-origin' || site === 'none'
    : request.headers.origin !== undefined || site === 'same-origin';
  if (isOwn) return;
  throw new AppError('forbidden', 'Only pages of this server may use your session.', {
    help: 'Programs send `Authorization: Bearer <key>` with an API key.',
  });
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

export function isLoopback(name: string): boolean {
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

/**
 * Who acts, for the record: the person who has signed in or whose key it is. With the local key the person named by
 * `Signalbox-Actor`, who must be in the project, or `local`.
 */
export function actorOf(request: FastifyRequest, project: Project): string {
  const named = request.headers['signalbox-actor'];
  const own = request.caller?.person;
  if (own !== undefined && own !== null) {
    if (named === undefined || named === `person:${own}`) return `person:${own}`;
    throw new AppError('forbidden', `You act as person:${own}, not as "${String(named)}".`, {
      help: 'Leave Signalbox-Actor out; the local key alone acts for others.',
    });
  }
  if (named === undefined) return 'local';
  if (typeof named === 'string' && named.startsWith('person:') && project.people.has(named.slice(7)))
    return named;
  const people = [...project.people.keys()].map((key) => `person:${key}`);
  const meant = suggest(String(named), people);
  throw new AppError('bad_request', `Signalbox-Actor names "${String(named)}", who is not in this project.`, {
    help: meant === null ? `People: ${people.join(', ') || 'none'}.` : `Did you mean ${meant}?`,
  });
}
