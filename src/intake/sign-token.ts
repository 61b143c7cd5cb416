import { constants, createHmac, createPrivateKey, sign as signWith } from 'node:crypto';
import { tokensOf } from '../contract/pointer.ts';
import { expectedText } from './expected.ts';
import type { Key } from './keys.ts';
import { parseJson } from './parse.ts';
import type { Reading, SignedRequest } from './request.ts';
import { isTokenBody, type SignatureScheme, tokenAlgorithms } from './schemes.ts';

/** How long a token that we make is good. */
const lifeSeconds = 300;

/**
 * A token as the sender of a scheme makes it: with the claims that are expected, and times. Where it is the whole body,
 * what the body says is among its claims. `pem`: the private key, where there is one. Throws what node:crypto does.
 */
export function signedToken(
  scheme: SignatureScheme,
  { request, reading, now, id }: Making,
  { key, pem }: { readonly key: Key | null; readonly pem: string },
): string {
  const iat = Math.floor(now.getTime() / 1000);
  const claims: Claims = { ...ownClaims(scheme, request), iat, exp: iat + lifeSeconds };
  for (const { at, is } of scheme.claims) put(claims, at, expectedText(is, reading, request.url));
  if (scheme.id?.from === 'claim') put(claims, scheme.id.name, id);
  const algorithm = scheme.algorithm.slice('jwt-'.length);
  const header = { alg: tokenAlgorithms[scheme.algorithm]?.[0], typ: 'JWT' };
  const signed = [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${signed}.${signatureOf(algorithm, signed, key, pem)}`;
}

interface Making {
  readonly request: SignedRequest;
  readonly reading: Reading;
  readonly now: Date;
  readonly id: string;
}

type Claims = Record<string, unknown>;

function ownClaims({ signature }: SignatureScheme, { body }: SignedRequest): Claims {
  if (!isTokenBody(signature)) return {};
  const parsed = parseJson(body);
  return parsed.ok && isMapping(parsed.value) ? parsed.value : {};
}

function put(claims: Claims, at: string, value: unknown): void {
  const path = at.startsWith('/') ? tokensOf(at) : [at];
  const last = path.pop() ?? '';
  let inner = claims;
  for (const name of path) {
    const next = inner[name];
    const made = isMapping(next) ? next : {};
    inner[name] = made;
    inner = made;
  }
  inner[last] = value;
}

function isMapping(value: unknown): value is Claims {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function signatureOf(algorithm: string, signed: string, key: Key | null, pem: string): string {
  if (algorithm.startsWith('hs')) {
    return createHmac(`sha${algorithm.slice(2)}`, key?.secret ?? '')
      .update(signed)
      .digest('base64url');
  }
  const privateKey = createPrivateKey(pem);
  return signWith(algorithm === 'eddsa' ? null : 'sha256', Buffer.from(signed), {
    key: privateKey,
    dsaEncoding: 'ieee-p1363',
    ...(algorithm === 'ps256' && {
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
    }),
  }).toString('base64url');
}
