import { createHmac, hash, timingSafeEqual, verify as verifyWith } from 'node:crypto';
import { BlockList, isIPv6 } from 'node:net';
import { limits } from '../limits.ts';
import type { Verify } from '../workflow/project.ts';
import { decoded, encoded, encodings, type SignatureEncoding, unpadded } from './encoded.ts';
import { unexpected } from './expected.ts';
import { type Key, keysOf } from './keys.ts';
import { type Place, placeText } from './place.ts';
import { isForm, type Reading, readingOf, type SignedRequest } from './request.ts';
import { kindOf, type SignatureScheme } from './schemes.ts';
import { hasVariable } from './template.ts';
import { instantOf, unitText } from './timestamp.ts';

// node:crypto and not the package `standardwebhooks`: that takes neither a clock nor several secrets nor raw bytes.

export type RefusalReason =
  | 'missing_signature'
  | 'malformed_signature'
  | 'wrong_signature'
  | 'wrong_digest'
  | 'wrong_claim'
  | 'wrong_value'
  | 'untrusted_keys'
  | 'too_old'
  | 'too_new'
  | 'untrusted_proxy'
  | 'replayed'
  | 'no_secret';

export interface Refusal {
  readonly authentic: false;
  readonly reason: RefusalReason;
  /** One sentence for who sent it. */
  readonly message: string;
}

/** Whether a request proves its sender. */
export type Authenticity =
  | {
      readonly authentic: true;
      /** Headers that must not be kept with the trigger. */
      readonly secretHeaders: readonly string[];
      /** The sender's own id of the request, where its scheme has one. */
      readonly id: string | null;
    }
  | Refusal;

/**
 * Checks that a request comes from who holds one of the secrets, and lately. Never throws.
 *
 * Every secret is valid, so that one can be rotated; an empty one never is. What a shared secret makes is compared as
 * text in constant time. The time may lie `toleranceMs` from `now` in either direction, edges included.
 */
export function verifyRequest(
  verify: Verify,
  request: SignedRequest,
  secrets: readonly string[],
  now: Date,
): Authenticity {
  if (verify.scheme === 'none') return { authentic: true, secretHeaders: [], id: null };
  const { signature: scheme } = verify;
  // Tokens are checked elsewhere (token/worker.ts), and never taken here.
  const keys = kindOf(scheme.algorithm) === 'jwt' ? [] : keysOf(scheme, secrets);
  if (keys.length === 0) {
    return refused('no_secret', 'This source has no usable secret to check requests with.');
  }
  const reading = readingOf(request, scheme);
  return (
    proxyProblem(scheme, request) ??
    missingProblem(scheme, reading) ??
    signatureProblem(scheme, request, reading, keys) ??
    digestProblem(scheme, request, reading) ??
    valueProblem(scheme, request, reading) ??
    timeProblem(scheme, reading, now) ?? {
      authentic: true,
      secretHeaders: secretHeadersOf(scheme),
      id: scheme.id === null ? null : reading.at(scheme.id),
    }
  );
}

/** Headers that carry the signature. */
export function secretHeadersOf({ signature }: SignatureScheme): string[] {
  return signature.places.flatMap(({ from, name }) => (from === 'header' ? [name] : []));
}

export function refused(reason: RefusalReason, message: string): Refusal {
  return { authentic: false, reason, message };
}

/** Whoever else can reach us could write what only the proxy should. */
function proxyProblem(
  { algorithm, trustedProxies }: SignatureScheme,
  { address }: SignedRequest,
): Refusal | null {
  if (algorithm !== 'proxy') return null;
  const trusted = new BlockList();
  for (const block of trustedProxies) {
    const [net = '', bits] = block.split('/');
    trusted.addSubnet(net, Number(bits ?? (isIPv6(net) ? 128 : 32)), isIPv6(net) ? 'ipv6' : 'ipv4');
  }
  const from = address?.replace(/^::ffff:(?=\d+\.)/i, '') ?? '';
  if (from !== '' && trusted.check(from, isIPv6(from) ? 'ipv6' : 'ipv4')) return null;
  return refused('untrusted_proxy', 'This source is believed only behind its trusted proxies.');
}

/** The signature, its time, the id, and every part that is signed must be there. */
function missingProblem(scheme: SignatureScheme, reading: Reading): Refusal | null {
  const { places } = scheme.signature;
  if (reading.elements.length === 0) return missing(...places);
  const signed = scheme.signs.flatMap((part) =>
    'text' in part || part.optional ? [] : (reading.placeOf(part) ?? []),
  );
  const needed = [...(scheme.timestamp === null ? [] : [scheme.timestamp.place]), ...signed];
  if (scheme.id !== null) needed.push(scheme.id);
  const absent = needed.find((place) => reading.at(place) === '');
  if (absent === undefined) return null;
  return absent.from === 'element'
    ? refused('malformed_signature', `The ${listText(places)} needs exactly one element ${absent.name}=…`)
    : missing(absent);
}

export function missing(...places: readonly Place[]): Refusal {
  return refused('missing_signature', `The ${listText(places)} is missing.`);
}

function listText(places: readonly Place[]): string {
  return places.map(placeText).join(' or ');
}

function signatureProblem(
  scheme: SignatureScheme,
  request: SignedRequest,
  reading: Reading,
  keys: readonly Key[],
): Refusal | null {
  const { places, encoding, prefix } = scheme.signature;
  const given = withoutPrefixes(scheme, reading).filter((text) => encodings[encoding].shape.test(text));
  if (given.length === 0 || given.length > limits.signaturesMax) {
    const form = `${prefix}<${encodings[encoding].name}>`;
    return refused(
      'malformed_signature',
      `The ${listText(places)} needs 1 to ${limits.signaturesMax} signatures of the form ${form}.`,
    );
  }
  const { timestamp } = scheme;
  if (timestamp !== null && instantOf(reading.at(timestamp.place), timestamp.unit) === null) {
    return refused('malformed_signature', `The time of the signature is not in ${unitText[timestamp.unit]}.`);
  }
  const right = keys.some((key) =>
    urlsOf(request.url, scheme.urlPort).some((url) => {
      const signed = reading.fill(scheme.signs, { url, secret: key.secret ?? '' });
      return matcher(scheme, key, signed)(given);
    }),
  );
  if (right) return null;
  return refused(
    'wrong_signature',
    kindOf(scheme.algorithm) === 'token'
      ? 'The secret is not one of this source.'
      : 'The signature does not match this request under any secret of this source.',
  );
}

/** The elements with the prefix that signatures have, without it. */
export function withoutPrefixes(
  { signature: { places, prefix } }: SignatureScheme,
  { elements }: Reading,
): string[] {
  // The name of an authentication scheme has no case (RFC 9110, section 11.1).
  const anyCase = places.some(({ name }) => name === 'authorization');
  return elements.map((element) => withoutPrefix(element, prefix, anyCase)).filter((text) => text !== null);
}

function withoutPrefix(element: string, prefix: string, anyCase: boolean): string | null {
  const start = element.slice(0, prefix.length);
  if (!anyCase) return start === prefix ? element.slice(prefix.length) : null;
  return start.toLowerCase() === prefix.toLowerCase() ? element.slice(prefix.length).trimStart() : null;
}

/** Says whether one of the given signatures is right for these bytes. */
function matcher(scheme: SignatureScheme, key: Key, signed: Buffer): (given: readonly string[]) => boolean {
  const { encoding } = scheme.signature;
  if (key.public === null) {
    const right = encodedProof(scheme, key, signed);
    const isSame = kindOf(scheme.algorithm) === 'token' ? sameSecret : same;
    return (given) => given.some((text) => isSame(text, right, encoding));
  }
  const dsaEncoding = scheme.signature.format === 'raw' ? 'ieee-p1363' : 'der';
  const digest = digestOf(scheme.algorithm);
  return (given) =>
    given.some((text) => {
      const bytes = decoded(text, encoding);
      return bytes !== null && verifyWith(digest, signed, { key: key.public, dsaEncoding }, bytes);
    });
}

/** The hash that a public key signs; null: it has its own. */
export function digestOf(algorithm: SignatureScheme['algorithm']): 'sha1' | 'sha256' | null {
  if (algorithm === 'ed25519') return null;
  return algorithm === 'rsa-sha1' ? 'sha1' : 'sha256';
}

/** What the holder of a shared secret sends. */
export function encodedProof(
  { algorithm, signature }: SignatureScheme,
  key: SharedKey,
  signed: Buffer,
): string {
  const kind = kindOf(algorithm);
  if (kind === 'token') return encoded(key.secret, signature.encoding);
  if (kind === 'digest') return encoded(hash(algorithm, signed, 'buffer'), signature.encoding);
  const mac = createHmac(algorithm.slice('hmac-'.length), key.mac).update(signed);
  // As text at once: bytes between would cost a third of it all.
  return signature.encoding === 'hex' || signature.encoding === 'base64'
    ? mac.digest(signature.encoding)
    : encoded(mac.digest(), signature.encoding);
}

type SharedKey = Extract<Key, { readonly public: null }>;

/** The address as it may have been signed. Twilio leaves the port away or keeps it, as the product pleases. */
function urlsOf(url: string, port: SignatureScheme['urlPort']): string[] {
  if (port === 'as-is') return [url];
  const [, protocol, host, given, rest] =
    /^(https?):\/\/([^/?#:]+|\[[^\]]*\])(?::(\d+))?(.*)$/is.exec(url) ?? [];
  if (protocol === undefined) return [url];
  const usual = protocol.toLowerCase() === 'https' ? '443' : '80';
  return [`${protocol}://${host}${rest}`, `${protocol}://${host}:${given ?? usual}${rest}`];
}

/** A body that is not signed itself must be the one whose digest is. */
function digestProblem(scheme: SignatureScheme, request: SignedRequest, reading: Reading): Refusal | null {
  const { bodyDigest: digest, signs } = scheme;
  if (digest === null) return null;
  const given = reading.at(digest.place);
  const signed = hasVariable(signs, 'body', 'body_sha256') || (hasVariable(signs, 'form') && isForm(request));
  if (given === '') return signed || request.body.length === 0 ? null : missing(digest.place);
  const right = encoded(hash(digest.algorithm, request.body, 'buffer'), digest.encoding);
  return given.startsWith(digest.prefix) && same(given.slice(digest.prefix.length), right, digest.encoding)
    ? null
    : refused(
        'wrong_digest',
        `The body is not the one whose digest stands in the ${placeText(digest.place)}.`,
      );
}

/** Fields of the body that hold something else than they must. */
export function valueProblem(
  { expect }: SignatureScheme,
  { url }: SignedRequest,
  reading: Reading,
): Refusal | null {
  if (expect.length === 0) return null;
  const found = unexpected(expect, reading.json(), reading, url);
  return found === null
    ? null
    : refused(
        'wrong_value',
        `The field ${found.at} of the body does not hold what this source expects there.`,
      );
}

function timeProblem(
  { timestamp, toleranceMs }: SignatureScheme,
  reading: Reading,
  now: Date,
): Refusal | null {
  const at = timestamp === null ? null : instantOf(reading.at(timestamp.place), timestamp.unit);
  if (at === null) return null;
  const apartMs = now.getTime() - at;
  const apart = `The signature's time is ${Math.round(Math.abs(apartMs) / 1000)} s`;
  const allowed = `at most ${toleranceMs / 1000} s are allowed; sign again, or set the clock.`;
  if (apartMs > toleranceMs) return refused('too_old', `${apart} behind ours; ${allowed}`);
  if (apartMs < -toleranceMs) return refused('too_new', `${apart} ahead of ours; ${allowed}`);
  return null;
}

/** Compares in a time that tells nothing but whether the lengths differ: that of a digest is no secret. */
function same(given: string, right: string, encoding: SignatureEncoding): boolean {
  const [one, other] = [Buffer.from(unpadded(given, encoding)), Buffer.from(right)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** The same for secrets, by digests, which are of equal length whatever was given. */
function sameSecret(given: string, right: string, encoding: SignatureEncoding): boolean {
  return timingSafeEqual(
    hash('sha256', unpadded(given, encoding), 'buffer'),
    hash('sha256', right, 'buffer'),
  );
}
