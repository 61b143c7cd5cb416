import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * The cookies of a sign-in: for this site alone, unread by scripts, and sent over https alone where the page came by it.
 * Cookies do not tell ports apart, so that over http the name does: two servers on one machine do not sign each other out.
 */
type Which = 'session' | 'step';

function nameOf(which: Which, host: string, secure: boolean): string {
  const name = which === 'session' ? 'signalbox' : 'signalbox-step';
  if (secure) return `__Host-${name}`;
  return `${name}-${/:(\d+)$/.exec(host)?.[1] ?? '80'}`;
}

export function sessionToken(request: FastifyRequest): string | null {
  return read(request, 'session');
}

export function stepToken(request: FastifyRequest): string | null {
  return read(request, 'step');
}

/** Either name is read: whether a page came by https, only the request that sets the cookie has to know. */
function read(request: FastifyRequest, which: Which): string | null {
  const cookies = new Map(
    (request.headers.cookie ?? '').split(';').map((pair) => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
    }),
  );
  const host = request.headers.host ?? '';
  return cookies.get(nameOf(which, host, true)) ?? cookies.get(nameOf(which, host, false)) ?? null;
}

export function setCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  which: Which,
  value: string,
  seconds: number,
): void {
  const secure = cameByHttps(request);
  const name = nameOf(which, request.headers.host ?? '', secure);
  const parts = [`${name}=${value}`, 'Path=/', 'HttpOnly', 'SameSite=Strict', `Max-Age=${seconds}`];
  if (secure) parts.push('Secure');
  const before = reply.getHeader('set-cookie');
  const all = [...(Array.isArray(before) ? before : before === undefined ? [] : [String(before)])];
  reply.header('set-cookie', [...all, parts.join('; ')]);
}

export function dropCookie(request: FastifyRequest, reply: FastifyReply, which: Which): void {
  setCookie(request, reply, which, '', 0);
}

/** The browser says so itself: pages name their origin with every request that changes something. */
function cameByHttps(request: FastifyRequest): boolean {
  return request.headers.origin?.startsWith('https:') === true || request.protocol === 'https';
}
