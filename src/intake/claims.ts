import { unexpected } from './expected.ts';
import type { Reading, SignedRequest } from './request.ts';
import { isTokenBody, type SignatureScheme } from './schemes.ts';
import { type Refusal, refused } from './signature.ts';
import { hasVariable } from './template.ts';

/** The claims of a token whose signature was right. */
export type Claims = Readonly<Record<string, unknown>>;

/**
 * What is wrong with the claims of a token; null where nothing is. Times (RFC 7519, 4.1.4 to 4.1.6) may lie
 * `toleranceMs` from `now`, edges included; a token that does not say when it ends is believed for that long after `iat`,
 * and one without any time only where it proves the body.
 */
export function claimsProblem(
  scheme: SignatureScheme,
  claims: Claims,
  reading: Reading,
  { url }: SignedRequest,
  now: Date,
): Refusal | null {
  const found = unexpected(scheme.claims, claims, reading, url);
  if (found === null) return timeProblem(scheme, claims, now);
  return 'digest' in found.is
    ? refused(
        'wrong_digest',
        `The request is not the one whose digest stands in the claim ${found.at} of the token.`,
      )
    : refused('wrong_claim', `The claim ${found.at} of the token is not what this source expects.`);
}

function timeProblem(scheme: SignatureScheme, claims: Claims, now: Date): Refusal | null {
  const { toleranceMs } = scheme;
  const [exp, nbf, iat] = [msOf(claims.exp), msOf(claims.nbf), msOf(claims.iat)];
  if (exp === null || nbf === null || iat === null) {
    return refused(
      'malformed_signature',
      'The times exp, nbf and iat of a token are numbers of Unix seconds.',
    );
  }
  const allowed = `${toleranceMs / 1000} s are allowed; sign again, or set the clock.`;
  const end = exp ?? iat;
  if (end === undefined && !isBound(scheme)) {
    return refused('wrong_claim', 'A token has to say when it ends (exp) or when it was made (iat).');
  }
  if (end !== undefined && now.getTime() - end > toleranceMs) {
    const since = `${Math.round((now.getTime() - end) / 1000)} s ago`;
    return refused('too_old', `The token ${exp === undefined ? 'was made' : 'ended'} ${since}; ${allowed}`);
  }
  const begin = Math.max(nbf ?? Number.NEGATIVE_INFINITY, iat ?? Number.NEGATIVE_INFINITY);
  if (begin - now.getTime() <= toleranceMs) return null;
  return refused(
    'too_new',
    `The token begins in ${Math.round((begin - now.getTime()) / 1000)} s; ${allowed}`,
  );
}

/** Whether a token proves the body, and so as much as a signature of it without a time. */
function isBound({ claims, signature }: SignatureScheme): boolean {
  return (
    isTokenBody(signature) ||
    claims.some(({ is }) => 'digest' in is && hasVariable(is.of, 'body', 'body_sha256'))
  );
}

/** Undefined: it is not there; null: it is no time. */
function msOf(value: unknown): number | null | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'number' && Number.isFinite(value) ? value * 1000 : null;
}
