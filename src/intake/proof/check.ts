import type { SecretRef, Verify } from '../../workflow/project.ts';
import { keyOf } from '../keys.ts';
import { placeText } from '../place.ts';
import { readingOf, type SignedRequest } from '../request.ts';
import { isCarried, type SignatureScheme } from '../schemes.ts';
import { type Authenticity, type RefusalReason, verifyRequest } from '../signature.ts';
import type { TemplatePart } from '../template.ts';
import { instantOf, unitText } from '../timestamp.ts';

/** A secret's place with its values: several while it rotates. */
export interface HeldSecret {
  /** `keys`: the address where they were fetched. */
  readonly ref: SecretRef | { readonly keys: string };
  readonly values: readonly string[];
}

/**
 * What a request proves, told to who has to find out why it was refused. It never holds a secret, nor what the right
 * signature would have been, nor anything measured of a secret: whoever may ask could sign with that. Of a secret it says
 * what intake says to a stranger, whether it fits; and where it lies.
 */
export interface ProofReport {
  readonly authentic: boolean;
  readonly reason: RefusalReason | null;
  readonly message: string;
  /** Whether the signature is right, whatever its time. */
  readonly holds: boolean;
  readonly matched: { readonly place: string; readonly number: number; readonly of: number } | null;
  readonly secrets: readonly { readonly place: string; readonly values: number; readonly usable: number }[];
  readonly places: readonly { readonly place: string; readonly found: boolean }[];
  /** Null: the request carries the secret itself, or a token. */
  readonly signed: { readonly template: string; readonly parts: readonly SignedPart[] } | null;
  readonly time: SignatureTime | null;
}

export interface SignedPart {
  readonly part: string;
  /** Of the part as it stands in this request; null: of a secret nothing is told. */
  readonly bytes: number | null;
}

export interface SignatureTime {
  readonly place: string;
  readonly unit: string;
  /** Null: it is missing, or not written so. */
  readonly at: Date | null;
  readonly ageMs: number | null;
  readonly toleranceMs: number;
  readonly within: boolean;
}

/** Checks a request as intake does, and says of each part what was found. Pure. */
export function checkProof(
  verify: Verify,
  request: SignedRequest,
  secrets: readonly HeldSecret[],
  now: Date,
): ProofReport {
  if (verify.scheme === 'none') return unproved;
  const { signature: scheme } = verify;
  const reading = readingOf(request, scheme);
  const values = secrets.flatMap((secret) => secret.values);
  const found = verifyRequest(verify, request, values, now);
  const time = timeOf(scheme, reading.at, now);
  // As of its own time, so that an old request still tells whether its signature is right.
  const then = time?.at ?? now;
  const holds = (value: string) => verifyRequest(verify, request, [value], then).authentic;
  const matched = secrets.flatMap(({ ref, values: own }) => {
    const index = own.findIndex(holds);
    return index === -1 ? [] : [{ place: secretPlace(ref), number: index + 1, of: own.length }];
  });
  return reported(scheme, request, secrets, { found, matched: matched[0] ?? null, time });
}

/** What was found, as it is told. */
export function reported(
  scheme: SignatureScheme,
  request: SignedRequest,
  secrets: readonly HeldSecret[],
  { found, matched, time }: Pick<ProofReport, 'matched' | 'time'> & { readonly found: Authenticity },
): ProofReport {
  const reading = readingOf(request, scheme);
  return {
    authentic: found.authentic,
    reason: found.authentic ? null : found.reason,
    message: found.authentic ? 'The request proves that this source sent it.' : found.message,
    holds: matched !== null,
    matched,
    secrets: secrets.map(({ ref, values: own }) => ({
      place: secretPlace(ref),
      values: own.length,
      usable: 'keys' in ref ? own.length : own.filter((value) => keyOf(scheme, value) !== null).length,
    })),
    places: scheme.signature.places.map((place) => ({
      place: placeText(place),
      found: reading.at(place) !== '',
    })),
    signed: isCarried(scheme.algorithm) ? null : signedOf(scheme, request, reading.fill),
    time,
  };
}

const unproved: ProofReport = {
  authentic: true,
  reason: null,
  message: 'This source proves nothing: whatever comes to its address is taken.',
  holds: true,
  matched: null,
  secrets: [],
  places: [],
  signed: null,
  time: null,
};

type Fill = ReturnType<typeof readingOf>['fill'];

function signedOf(scheme: SignatureScheme, request: SignedRequest, fill: Fill): ProofReport['signed'] {
  const bytesOf = (part: TemplatePart) =>
    'name' in part && part.name === 'secret' ? null : fill([part], { url: request.url, secret: '' }).length;
  return {
    template: scheme.signs.map(partText).join(''),
    parts: scheme.signs.map((part) => ({ part: partText(part), bytes: bytesOf(part) })),
  };
}

function partText(part: TemplatePart): string {
  if ('text' in part) return part.text;
  return `{${part.name}${part.optional ? '?' : ''}${part.of === '' ? '' : `:${part.of}`}}`;
}

function timeOf(
  { timestamp, toleranceMs }: SignatureScheme,
  at: ReturnType<typeof readingOf>['at'],
  now: Date,
): SignatureTime | null {
  if (timestamp === null) return null;
  const instant = instantOf(at(timestamp.place), timestamp.unit);
  const ageMs = instant === null ? null : now.getTime() - instant;
  return {
    place: placeText(timestamp.place),
    unit: unitText[timestamp.unit],
    at: instant === null ? null : new Date(instant),
    ageMs,
    toleranceMs,
    within: ageMs !== null && Math.abs(ageMs) <= toleranceMs,
  };
}

/** Where a secret lies, never what it is. */
export function secretPlace(ref: HeldSecret['ref']): string {
  if ('keys' in ref) return `keys at ${ref.keys}`;
  return 'env' in ref ? `environment variable ${ref.env}` : `file ${ref.file}`;
}
