import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { limits } from '../limits.ts';
import type { ChallengeText } from '../workflow/challenge-schema.ts';
import { type NamedAddress, namedAddressOf } from './fetched-keys.ts';
import { type Place, placeOf, placeText } from './place.ts';
import { type Reading, readingOf, type SignedRequest } from './request.ts';
import { type TemplatePart, templateParts } from './template.ts';

/** The question that a system asks before it sends anything, and our answer. */
export interface Challenge {
  readonly method: 'GET' | 'HEAD' | 'POST';
  /** By what it is known. `equals` null: something must stand there. */
  readonly when: readonly { readonly place: Place; readonly equals: string | null }[];
  /** Whether it must be signed as a trigger is. */
  readonly signed: boolean;
  /** Where the token stands that must be one of its secrets. */
  readonly token: Place | null;
  /** What `{signature}` in the answer is. */
  readonly signature: {
    readonly algorithm: 'hmac-sha1' | 'hmac-sha256' | 'hmac-sha512';
    readonly signs: readonly TemplatePart[];
    readonly encoding: 'hex' | 'base64';
  } | null;
  /** An address that is visited before the answer. */
  readonly visit: NamedAddress | null;
  /** Headers of the answer: names and templates. */
  readonly headers: Readonly<Record<string, string>>;
  /** A text is a template; in JSON every text is one. */
  readonly answer: { readonly text: string } | { readonly json: unknown };
}

export type ChallengeAnswer =
  | {
      readonly kind: 'answered';
      readonly contentType: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    }
  | ChallengeRefusal;

export interface ChallengeRefusal {
  readonly kind: 'refused';
  readonly reason: 'wrong_token' | 'malformed_challenge';
  readonly message: string;
}

/** Fills in what a handshake leaves out. `text` has been checked. */
export function challengeOf(text: ChallengeText): Challenge {
  const method = text.method ?? 'POST';
  return {
    method,
    when: (text.when ?? []).map((each) => ({ place: placeOf(each), equals: each.equals ?? null })),
    signed: text.signed ?? method === 'POST',
    token: text.token === undefined ? null : placeOf(text.token),
    signature:
      text.signature === undefined
        ? null
        : {
            algorithm: text.signature.algorithm ?? 'hmac-sha256',
            signs: templateParts(text.signature.signs ?? ''),
            encoding: text.signature.encoding ?? 'hex',
          },
    visit: text.visit === undefined ? null : namedAddressOf(text.visit),
    headers: text.headers ?? {},
    answer: text.json === undefined ? { text: text.text ?? '' } : { json: text.json },
  };
}

/** Whether this request is the handshake, and no trigger. Never throws. */
export function isChallenge(challenge: Challenge, request: SignedRequest): boolean {
  if (request.method !== challenge.method) return false;
  const reading = readingOf(request, null);
  return challenge.when.every(({ place, equals }) =>
    equals === null ? reading.at(place) !== '' : reading.at(place) === equals,
  );
}

/**
 * Answers a handshake. Never throws; what is taken from the question is bounded, and answered as JSON or plain text.
 * What `{signature}` signs may hold only characters of a token, so that nobody has a trigger signed by asking.
 */
export function answerChallenge(
  challenge: Challenge,
  request: SignedRequest,
  secrets: readonly string[],
): ChallengeAnswer {
  const reading = readingOf(request, null);
  const { token, answer, headers } = challenge;
  if (token !== null && !secrets.some((secret) => same(reading.at(token), secret))) {
    return refused('wrong_token', `The ${placeText(token)} is not the token that was agreed.`);
  }
  const signature = signatureOf(challenge, reading, request.url, secrets[0] ?? '');
  if (signature === null) {
    return refused('malformed_challenge', 'What is to be signed is no token of letters, digits and +/=_-.');
  }
  const fill = (template: string) => {
    const parts = templateParts(template);
    if (missingIn(parts, reading)) throw new Missing();
    return reading.fill(parts, { url: request.url, secret: '', signature }).toString();
  };
  try {
    const body = 'text' in answer ? fill(answer.text) : JSON.stringify(filled(answer.json, fill));
    if (body.length > limits.challengeCharsMax) {
      return refused(
        'malformed_challenge',
        `The answer would be longer than ${limits.challengeCharsMax} characters.`,
      );
    }
    const written = Object.entries(headers).map(([name, template]) => [name, fill(template)] as const);
    if (
      !written.every(([, value]) => /^[\x21-\x7e]+$/.test(value) && value.length <= limits.challengeCharsMax)
    ) {
      return refused('malformed_challenge', 'A header of the answer would hold more than letters and signs.');
    }
    return {
      kind: 'answered',
      headers: Object.fromEntries(written),
      contentType: 'text' in answer ? 'text/plain; charset=utf-8' : 'application/json',
      body,
    };
  } catch (error) {
    if (!(error instanceof Missing)) throw error;
    return refused('malformed_challenge', 'A part of the handshake that the answer needs is missing.');
  }
}

class Missing extends Error {}

function missingIn(parts: readonly TemplatePart[], reading: Reading): boolean {
  return parts.some((part) => {
    const place = 'text' in part || part.optional ? null : reading.placeOf(part);
    return place !== null && reading.at(place) === '';
  });
}

/** Every text in a JSON value with the request's parts in it. */
function filled(value: unknown, fill: (template: string) => string): unknown {
  if (typeof value === 'string') return fill(value);
  if (Array.isArray(value)) return value.map((each) => filled(each, fill));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, filled(each, fill)]));
}

/** `` where the handshake has none; null where what it would sign is no token. */
function signatureOf({ signature }: Challenge, reading: Reading, url: string, secret: string): string | null {
  if (signature === null) return '';
  const signed = reading.fill(signature.signs, { url, secret: '' });
  if (secret === '' || !/^[A-Za-z0-9+/=_-]{1,500}$/.test(signed.toString())) return null;
  return createHmac(signature.algorithm.slice('hmac-'.length), secret)
    .update(signed)
    .digest(signature.encoding);
}

export function refused(reason: ChallengeRefusal['reason'], message: string): ChallengeRefusal {
  return { kind: 'refused', reason, message };
}

/** In a time that tells nothing; an empty secret is never right. */
function same(given: string, secret: string): boolean {
  return secret !== '' && timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', secret, 'buffer'));
}
