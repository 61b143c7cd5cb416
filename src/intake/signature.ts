import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Verify } from '../workflow/project.ts';
import { type SignatureScheme, schemeOf } from './schemes.ts';

// node:crypto and not the package `standardwebhooks`: that takes neither a clock nor several secrets nor raw bytes.

/** What a signature is checked over. Header names are lower-case. */
export interface SignedRequest {
  readonly headers: Readonly<Record<string, string>>;
  /** The raw bytes, as they came. */
  readonly body: Uint8Array;
}

type RefusalReason =
  | 'missing_signature'
  | 'malformed_signature'
  | 'wrong_signature'
  | 'too_old'
  | 'too_new'
  | 'no_secret';

/** Whether a request proves its sender; `message` is one sentence for who sent it. */
export type Authenticity =
  | { readonly authentic: true; readonly secretHeaders: readonly string[] }
  | { readonly authentic: false; readonly reason: RefusalReason; readonly message: string };

/**
 * Checks that a request comes from who holds one of the secrets, and lately. Never throws.
 *
 * Every secret is valid, so that one can be rotated; an empty one never is. Signatures are compared as text in
 * constant time (hex is lower-case). The time may lie `toleranceMs` from `now` in either direction, edges included.
 * `secretHeaders` must not be kept with the trigger.
 */
export function verifyRequest(
  verify: Verify,
  request: SignedRequest,
  secrets: readonly string[],
  now: Date,
): Authenticity {
  if (verify.scheme === 'none') return { authentic: true, secretHeaders: [] };
  if (verify.scheme === 'bearer') return verifyBearer(request, secrets);
  const scheme = schemeOf(verify);
  const keys = secrets.map((secret) => keyOf(scheme, secret));
  return verifySignature(scheme, request, keys, verify.toleranceMs, now);
}

/**
 * The headers that a sender sets on a request with this body; `id` names the request where the scheme has ids.
 * Throws AppError('invalid_project') for a secret that is empty.
 */
export function signRequest(
  verify: Verify,
  body: Uint8Array,
  secret: string,
  now: Date,
  id: string,
): Record<string, string> {
  if (verify.scheme === 'none') return {};
  if (secret === '') throw new AppError('invalid_project', 'The secret to sign with is empty.');
  if (verify.scheme === 'bearer') return { authorization: `Bearer ${secret}` };
  const scheme = schemeOf(verify);
  const time = String(Math.floor(now.getTime() / 1000));
  const headers: Record<string, string> = {};
  for (const name of signedHeaders(scheme)) headers[name] = id;
  if (scheme.time !== null && 'header' in scheme.time) headers[scheme.time.header] = time;
  const elements = [`${scheme.prefix}${sign(scheme, { headers, body }, keyOf(scheme, secret), time)}`];
  if (scheme.time !== null && 'prefix' in scheme.time) elements.unshift(`${scheme.time.prefix}${time}`);
  headers[scheme.header] = elements.join(scheme.separator ?? '');
  return headers;
}

function verifyBearer(request: SignedRequest, secrets: readonly string[]): Authenticity {
  if (!secrets.some((secret) => secret !== '')) return noSecret;
  const header = headerOf(request, 'authorization');
  if (header === '') return refused('missing_signature', 'The header authorization is missing.');
  const token = /^bearer +(\S+)$/i.exec(header)?.[1];
  if (token === undefined) {
    return refused('malformed_signature', 'The header authorization is not of the form "Bearer <token>".');
  }
  if (!secrets.some((secret) => secret !== '' && same(token, secret))) {
    return refused('wrong_signature', 'The bearer token is not one of this source.');
  }
  return { authentic: true, secretHeaders: ['authorization'] };
}

/** `verifyRequest` for one scheme, with the keys' own bytes. */
export function verifySignature(
  scheme: SignatureScheme,
  request: SignedRequest,
  keys: readonly Uint8Array[],
  toleranceMs: number,
  now: Date,
): Authenticity {
  const usable = keys.filter((key) => key.length > 0);
  if (usable.length === 0) return noSecret;
  const missing = neededHeaders(scheme).find((name) => headerOf(request, name) === '');
  if (missing !== undefined) return refused('missing_signature', `The header ${missing} is missing.`);

  const header = headerOf(request, scheme.header);
  const elements = scheme.separator === null ? [header] : header.split(scheme.separator);
  const given = withPrefix(elements, scheme.prefix).filter((text) => shapes[scheme.encoding].test(text));
  if (given.length === 0 || given.length > limits.signaturesMax) {
    const form = `${scheme.prefix}<${scheme.encoding === 'hex' ? 'lower-case hex' : 'base64'}>`;
    return refused(
      'malformed_signature',
      `The header ${scheme.header} needs 1 to ${limits.signaturesMax} signatures of the form ${form}.`,
    );
  }

  const times = timesOf(scheme, request, elements);
  const at = times.length === 1 ? instantOf(times[0] ?? '') : null;
  if (scheme.time !== null && at === null) {
    return refused('malformed_signature', 'The time of the signature is not in Unix seconds or RFC 3339.');
  }

  const right = usable.map((key) => sign(scheme, request, key, times[0] ?? ''));
  if (!right.some((signature) => given.some((text) => same(text, signature)))) {
    return refused(
      'wrong_signature',
      'The signature does not match these bytes under any secret of this source.',
    );
  }
  const apartMs = at === null ? 0 : now.getTime() - at;
  const apart = `The signature's time is ${Math.round(Math.abs(apartMs) / 1000)} s`;
  const allowed = `at most ${toleranceMs / 1000} s are allowed; sign again, or set the clock.`;
  if (apartMs > toleranceMs) return refused('too_old', `${apart} behind ours; ${allowed}`);
  if (apartMs < -toleranceMs) return refused('too_new', `${apart} ahead of ours; ${allowed}`);
  return { authentic: true, secretHeaders: [scheme.header] };
}

function refused(reason: RefusalReason, message: string): Authenticity {
  return { authentic: false, reason, message };
}

const noSecret = refused('no_secret', 'This source has no secret to check requests with.');

/** Every header that the scheme reads, the signature's own first. */
function neededHeaders(scheme: SignatureScheme): string[] {
  const time = scheme.time !== null && 'header' in scheme.time ? [scheme.time.header] : [];
  return [scheme.header, ...time, ...signedHeaders(scheme)];
}

function signedHeaders(scheme: SignatureScheme): string[] {
  return scheme.signed.flatMap((part) => (typeof part === 'object' && 'header' in part ? [part.header] : []));
}

/** `` where it is missing: an empty header proves as little. */
function headerOf(request: SignedRequest, name: string): string {
  return Object.hasOwn(request.headers, name) ? (request.headers[name] ?? '') : '';
}

function withPrefix(elements: readonly string[], prefix: string): string[] {
  return elements
    .filter((element) => element.startsWith(prefix))
    .map((element) => element.slice(prefix.length));
}

/** Every text that claims to be the time; anything but one is refused. */
function timesOf(scheme: SignatureScheme, request: SignedRequest, elements: readonly string[]): string[] {
  if (scheme.time === null) return [];
  if ('header' in scheme.time) return [headerOf(request, scheme.time.header)];
  return withPrefix(elements, scheme.time.prefix);
}

/** Unix seconds, Unix milliseconds (13 digits) or RFC 3339, in ms; null for anything else. */
function instantOf(text: string): number | null {
  if (/^[0-9]{1,10}$/.test(text)) return Number(text) * 1000;
  if (/^[0-9]{13}$/.test(text)) return Number(text);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.test(text)) return null;
  const instant = Date.parse(text);
  return Number.isNaN(instant) ? null : instant;
}

const shapes = { hex: /^(?:[0-9a-f]{2})+$/, base64: /^[A-Za-z0-9+/]*={0,2}$/ } as const;

function sign(scheme: SignatureScheme, request: SignedRequest, key: Uint8Array, time: string): string {
  const hmac = createHmac(scheme.algorithm, key);
  for (const part of scheme.signed) {
    if (part === 'body') hmac.update(request.body);
    else if (part === 'time') hmac.update(time);
    else hmac.update('text' in part ? part.text : headerOf(request, part.header));
  }
  return hmac.digest(scheme.encoding);
}

function keyOf(scheme: SignatureScheme, secret: string): Uint8Array {
  return scheme.key === 'text' ? Buffer.from(secret) : Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
}

/** Compares digests, which are of equal length whatever was given, in a time that tells nothing. */
function same(given: string, right: string): boolean {
  return timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', right, 'buffer'));
}
