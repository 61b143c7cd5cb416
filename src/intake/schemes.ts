import { limits } from '../limits.ts';
import { parseDuration } from '../workflow/duration.ts';
import type { Verify } from '../workflow/project.ts';
import type { SchemeText } from '../workflow/verify-schema.ts';
import type { SignatureEncoding } from './encoded.ts';
import { type Expected, expectedOf } from './expected.ts';
import { type FetchedKeys, fetchedKeysOf } from './fetched-keys.ts';
import { type Place, placeKeys, placeOf, placesOf } from './place.ts';
import { type TemplatePart, templateParts } from './template.ts';

export type Algorithm = NonNullable<SchemeText['algorithm']>;

/** How parts of a request that are signed by name are written. */
export interface Listed {
  /** Each, with its `{name}` and `{value}`. */
  readonly each: string;
  /** What stands between them. */
  readonly join: string;
}

/** How one kind of sender proves itself, complete. docs/reference/signatures.md tells what each part means. */
export interface SignatureScheme {
  readonly algorithm: Algorithm;
  readonly key: { readonly encoding: 'text' | 'base64' | 'hex' | 'pem'; readonly prefix: string };
  readonly signature: {
    /** Where signatures may stand; at least one. */
    readonly places: readonly Place[];
    readonly encoding: SignatureEncoding;
    /** Text before each signature. Elements with another prefix (other versions, other pairs) are passed over. */
    readonly prefix: string;
    /** What stands between the elements of a list; null: it is one. */
    readonly separator: string | null;
    /** How an ECDSA signature holds its two numbers. */
    readonly format: 'der' | 'raw';
  };
  /** What is signed, in this order. */
  readonly signs: readonly TemplatePart[];
  readonly timestamp: { readonly place: Place; readonly unit: 's' | 'ms' | 'rfc3339' } | null;
  readonly toleranceMs: number;
  /** Where the sender's own id of the request stands. */
  readonly id: Place | null;
  /** Whether an id may come again only with the same body, for limits.idempotencyKeyMs. */
  readonly idOnce: boolean;
  /** A digest of the body that stands in the request, where the body itself is not signed. */
  readonly bodyDigest: {
    readonly place: Place;
    readonly algorithm: 'sha256' | 'sha512';
    readonly encoding: SignatureEncoding;
    readonly prefix: string;
  } | null;
  /** A list, in the request, of the headers that are signed. */
  readonly signedHeaders: (Listed & { readonly place: Place; readonly separator: string }) | null;
  /** Fields of the JSON body, by their pointers, that `{signed_fields}` stands for. */
  readonly signedFields: (Listed & { readonly fields: readonly string[] }) | null;
  /** What the claims of a token must be. */
  readonly claims: readonly Expected[];
  /** What fields of the JSON body must be. */
  readonly expect: readonly Expected[];
  /** Null: the secrets hold the keys. */
  readonly keys: FetchedKeys | null;
  /** `either`: the address is tried with its port and without. */
  readonly urlPort: 'as-is' | 'either';
  /** basic: the name before the secret; null: the secret holds `name:password`. */
  readonly username: string | null;
  /** proxy: addresses that may say who the client is, as CIDR blocks. */
  readonly trustedProxies: readonly string[];
}

/** Fills in what a scheme leaves out. `text` has been checked: what is missing all the same is empty. */
export function schemeOf(text: SchemeText): SignatureScheme {
  const algorithm = text.algorithm ?? 'hmac-sha256';
  const { signature = {}, timestamp, body_digest: digest } = text;
  const { signed_headers: listed, signed_fields: fields } = text;
  return {
    algorithm,
    key: {
      encoding: text.key?.encoding ?? (isShared(algorithm) ? 'text' : 'pem'),
      prefix: text.key?.prefix ?? '',
    },
    signature: {
      places: placesOf(signature),
      encoding: signature.encoding ?? encodingOf(algorithm),
      prefix: signature.prefix ?? '',
      separator: signature.separator ?? null,
      format: signature.format ?? 'der',
    },
    signs: isCarried(algorithm) ? [] : templateParts(text.signs ?? '{body}'),
    timestamp: timestamp === undefined ? null : { place: placeOf(timestamp), unit: timestamp.unit ?? 's' },
    toleranceMs: msOf(text.tolerance) ?? limits.signatureToleranceMs,
    id: text.id === undefined ? null : placeOf(text.id),
    idOnce: text.id?.once === true,
    bodyDigest:
      digest === undefined
        ? null
        : {
            place: placeOf(digest),
            algorithm: digest.algorithm ?? 'sha256',
            encoding: digest.encoding ?? 'hex',
            prefix: digest.prefix ?? '',
          },
    signedHeaders:
      listed === undefined
        ? null
        : {
            place: placeOf(listed),
            separator: listed.separator ?? ',',
            ...listedOf(listed),
          },
    signedFields: fields === undefined ? null : { fields: fields.fields ?? [], ...listedOf(fields) },
    claims: expectedOf(text.claims),
    expect: expectedOf(text.expect),
    keys: text.keys === undefined ? null : fetchedKeysOf(text.keys),
    urlPort: text.url_port ?? 'as-is',
    username: text.username ?? null,
    trustedProxies: text.trusted_proxies ?? [],
  };
}

function listedOf({ each = '{value}', join = '' }: { [part in keyof Listed]?: string | undefined }): Listed {
  return { each, join };
}

function encodingOf(algorithm: Algorithm): SignatureEncoding {
  if (algorithm === 'basic') return 'base64';
  return isCarried(algorithm) ? 'text' : 'hex';
}

/** Whether the request carries what proves it, a secret or a token, and no template says what is signed. */
export function isCarried(algorithm: Algorithm): boolean {
  return ['token', 'jwt'].includes(kindOf(algorithm));
}

/** Whether both sides have the same key. */
export function isShared(algorithm: Algorithm): boolean {
  return algorithm.startsWith('jwt-hs') || !['public-key', 'jwt'].includes(kindOf(algorithm));
}

/** `token`: the request carries the key itself; `jwt`: a JSON Web Token. */
export function kindOf(algorithm: Algorithm): 'mac' | 'digest' | 'public-key' | 'token' | 'jwt' {
  if (algorithm.startsWith('jwt-')) return 'jwt';
  if (algorithm.startsWith('hmac-')) return 'mac';
  if (algorithm.startsWith('sha')) return 'digest';
  return algorithm === 'token' || algorithm === 'basic' || algorithm === 'proxy' ? 'token' : 'public-key';
}

/** What each algorithm of tokens is called in one, as we write it first; the only names that a token may have. */
export const tokenAlgorithms: Readonly<Partial<Record<Algorithm, readonly string[]>>> = {
  'jwt-hs256': ['HS256'],
  'jwt-hs384': ['HS384'],
  'jwt-hs512': ['HS512'],
  'jwt-rs256': ['RS256'],
  'jwt-ps256': ['PS256'],
  'jwt-es256': ['ES256'],
  'jwt-eddsa': ['EdDSA', 'Ed25519'],
};

/** Whether a proof cannot be judged at once: keys are fetched, or tokens checked by what works beside us. */
export function takesTime(verify: Verify): boolean {
  if (verify.scheme === 'none') return false;
  const { keys, algorithm } = verify.signature;
  return keys !== null || kindOf(algorithm) === 'jwt';
}

/** Whether the whole body is a token, and the trigger what stands in it. */
export function isTokenBody({ places }: SignatureScheme['signature']): boolean {
  return places.some(({ from }) => from === 'body');
}

/** A preset with some of its parts written anew: mappings part by part, and a place as a whole. */
export function overridden<T extends object>(preset: T, written: T): T {
  const merged: Record<string, unknown> = Object.fromEntries(Object.entries(preset));
  for (const [key, value] of Object.entries(written)) {
    const before = merged[key];
    merged[key] =
      isMapping(before) && isMapping(value)
        ? {
            ...(!named.includes(key) && placeKeys.some((each) => each in value)
              ? withoutPlace(before)
              : before),
            ...value,
          }
        : value;
  }
  return merged as T;
}

/** Mappings whose keys are names of the sender's. */
const named = ['claims', 'expect', 'json'];

function withoutPlace(text: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(text).filter(([key]) => !placeKeys.some((each) => each === key)));
}

function msOf(duration: string | undefined): number | null {
  if (duration === undefined) return null;
  const parsed = parseDuration(duration);
  return 'ms' in parsed ? parsed.ms : 0;
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
