import type { CompactJWSHeaderParameters, KeyInput } from 'jose';
import { limits } from '../../limits.ts';
import type { Shell } from '../../shell.ts';
import { type Claims, claimsProblem } from '../claims.ts';
import { decoded } from '../encoded.ts';
import { valueAt } from '../expected.ts';
import { type KeySet, keySetOf } from '../fetching/worker.ts';
import { keysOf } from '../keys.ts';
import { parseJson } from '../parse.ts';
import { type Place, placeText } from '../place.ts';
import { type Reading, readingOf, type SignedRequest, scalarText } from '../request.ts';
import { isTokenBody, type SignatureScheme, tokenAlgorithms } from '../schemes.ts';
import {
  type Authenticity,
  missing,
  type Refusal,
  refused,
  secretHeadersOf,
  valueProblem,
  withoutPrefixes,
} from '../signature.ts';

type TokenShell = Pick<Shell, 'clock' | 'log'>;

interface Asked {
  readonly shell: TokenShell;
  readonly scheme: SignatureScheme;
  readonly request: SignedRequest;
  readonly reading: Reading;
  readonly secrets: readonly string[];
  readonly now: Date;
}

/** A token whose signature was right. */
interface Proved {
  readonly claims: Claims;
}

/**
 * Checks that a request carries a token of its source: signed as the scheme says, never as the token does, with claims
 * as they must be, and in time. Never throws. What concerns keys that cannot be had is `no_secret`.
 */
export async function verifyToken(
  shell: TokenShell,
  scheme: SignatureScheme,
  request: SignedRequest,
  secrets: readonly string[],
  now: Date,
): Promise<Authenticity> {
  const reading = readingOf(request, scheme);
  const { places, prefix } = scheme.signature;
  if (reading.elements.length === 0) return missing(...places);
  const isBody = isTokenBody(scheme.signature);
  const charsMax = isBody ? Number.POSITIVE_INFINITY : limits.jwtCharsMax;
  const tokens = withoutPrefixes(scheme, reading)
    .map((token) => (isBody ? token.trim() : token))
    .filter((token) => token.length <= charsMax && compact.test(token));
  if (tokens.length === 0 || tokens.length > limits.signaturesMax) {
    const where = places.map(placeText).join(' or ');
    const bound = isBody ? '' : ` of at most ${limits.jwtCharsMax} characters`;
    return refused(
      'malformed_signature',
      `The ${where} needs ${scheme.signature.separator === null ? 'one token' : `1 to ${limits.signaturesMax} tokens`}${bound} in the form ${prefix}<header>.<claims>.<signature>.`,
    );
  }
  const asked = { shell, scheme, request, reading, secrets, now };
  let told: Refusal | null = null;
  for (const token of tokens) {
    const found = await judged(asked, token);
    if (found.authentic) return found;
    // Of several the one is told that came closest.
    if (told === null || told.reason === 'wrong_signature') told = found;
  }
  return told ?? wrongSignature;
}

const compact = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

const wrongSignature = refused(
  'wrong_signature',
  'The signature of the token is not right under any key of this source.',
);

async function judged(asked: Asked, token: string): Promise<Authenticity> {
  const { scheme, request, reading, now } = asked;
  const proved = await proof(asked, token);
  if ('reason' in proved) return proved;
  const { claims } = proved;
  const id = idOf(scheme.id, claims, reading);
  return (
    claimsProblem(scheme, claims, reading, request, now) ??
    valueProblem(scheme, request, reading) ??
    (id === '' && scheme.id !== null ? missing(scheme.id) : null) ?? {
      authentic: true,
      secretHeaders: secretHeadersOf(scheme),
      id,
    }
  );
}

function idOf(place: Place | null, claims: Claims, reading: Reading): string | null {
  if (place === null) return null;
  return place.from === 'claim' ? scalarText(valueAt(claims, place.name)) : reading.at(place);
}

/** Who signed a token, and what stands in it. */
async function proof(asked: Asked, token: string): Promise<Proved | Refusal> {
  const { decodeProtectedHeader } = await import('jose');
  let header: CompactJWSHeaderParameters;
  try {
    header = decodeProtectedHeader(token) as CompactJWSHeaderParameters;
  } catch {
    return refused('malformed_signature', 'The header of the token is no JSON.');
  }
  const { algorithm } = asked.scheme;
  const names = tokenAlgorithms[algorithm] ?? [];
  if (!names.includes(header.alg)) {
    return refused('malformed_signature', `The token has to be signed with ${names.join(' or ')}.`);
  }
  // No extension is known here, and one that is critical changes what the token means (RFC 7515, 4.1.11).
  if (header.crit !== undefined || header.b64 !== undefined) {
    return refused('malformed_signature', 'The token has a critical header that is not known here.');
  }
  // One signature has one form, so that no bit of it is free.
  if (decoded(token.slice(token.lastIndexOf('.') + 1), 'base64url') === null) return wrongSignature;
  const payload = await signedPayload(asked, token, header);
  if ('reason' in payload) return payload;
  const parsed = parseJson(payload.bytes);
  const claims = parsed.ok ? parsed.value : null;
  if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) {
    return refused('malformed_signature', 'What the token holds is no JSON object with one meaning.');
  }
  return { claims: claims as Claims };
}

type Signed = { readonly bytes: Uint8Array };

async function signedPayload(
  asked: Asked,
  token: string,
  header: CompactJWSHeaderParameters,
): Promise<Signed | Refusal> {
  const { scheme, secrets } = asked;
  if (scheme.keys !== null) return await byFetchedKeys(asked, token, header);
  const keys = keysOf(scheme, secrets).map((key) => key.public ?? key.secret);
  if (keys.length === 0) return refused('no_secret', 'This source has no usable key to check tokens with.');
  return (await firstFitting(scheme, token, keys)) ?? wrongSignature;
}

async function byFetchedKeys(
  { shell, scheme, secrets }: Asked,
  token: string,
  header: CompactJWSHeaderParameters,
): Promise<Signed | Refusal> {
  const { keys } = scheme;
  if (keys === null || keys.kind === 'certificate') return wrongSignature;
  const kid = header.kid ?? null;
  if (kid !== null && (typeof kid !== 'string' || kid === '' || kid.length > limits.keyNameCharsMax)) {
    return refused(
      'malformed_signature',
      `The name of the key (kid) has 1 to ${limits.keyNameCharsMax} characters.`,
    );
  }
  if (kid === null && keys.kind === 'named') {
    return refused('malformed_signature', 'The token does not name its key (kid).');
  }
  const about = { kid: kid ?? '', secret: secrets[0] ?? '', username: scheme.username ?? '' };
  let tried: KeySet | null = null;
  // A token that names no key may be signed with one that is new: then the keys are asked for once more.
  for (;;) {
    const before: KeySet | null = tried;
    const fits = (set: KeySet) =>
      kid === null ? set !== before : keys.kind === 'named' || set.names.has(kid);
    const { value, problem } = await keySetOf(shell, keys, about, fits);
    if (value !== null && value !== before) {
      const right = await firstFitting(scheme, token, await candidates(value, header));
      if (right !== null) return right;
    }
    const isKnown = value !== null && kid !== null && fits(value);
    if (problem !== null && !isKnown) {
      return refused('no_secret', `The keys of this source cannot be had at present: ${problem}.`);
    }
    if (kid !== null || value === null || value === before) return wrongSignature;
    tried = value;
  }
}

/** The keys of a set that a token of this header may be signed with. */
async function candidates({ find }: KeySet, header: CompactJWSHeaderParameters): Promise<KeyInput[]> {
  const { errors } = await import('jose');
  try {
    return [await find(header)];
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) return [];
    const found: KeyInput[] = [];
    for await (const key of error) {
      if (found.push(key) >= limits.signaturesMax) break;
    }
    return found;
  }
}

/** What is signed, where one of the keys is right. */
async function firstFitting(
  { algorithm }: SignatureScheme,
  token: string,
  keys: readonly KeyInput[],
): Promise<Signed | null> {
  const { compactVerify } = await import('jose');
  const algorithms = [...(tokenAlgorithms[algorithm] ?? [])];
  for (const key of keys) {
    try {
      const { payload } = await compactVerify(token, key, { algorithms });
      return { bytes: payload };
    } catch {
      // Another key may be right.
    }
  }
  return null;
}
