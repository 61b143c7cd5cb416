import { limits } from '../limits.ts';
import { parseDuration } from '../workflow/duration.ts';
import type { SchemeText } from '../workflow/verify-schema.ts';
import { type TemplatePart, templateParts } from './template.ts';

/** A place in a request that holds a text. Header names are lower-case; a field is named by its JSON pointer. */
export interface Place {
  /** `element`: the `k=…` element of the signature's own list. */
  readonly from: 'header' | 'query' | 'field' | 'form' | 'element';
  readonly name: string;
}

export type Algorithm = NonNullable<SchemeText['algorithm']>;
export type SignatureEncoding = NonNullable<NonNullable<SchemeText['signature']>['encoding']>;

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
  readonly signedHeaders: {
    readonly place: Place;
    readonly separator: string;
    readonly each: string;
    readonly join: string;
  } | null;
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
  const kind = kindOf(algorithm);
  const { signature = {}, timestamp, body_digest: digest, signed_headers: listed } = text;
  return {
    algorithm,
    key: {
      encoding: text.key?.encoding ?? (kind === 'public-key' ? 'pem' : 'text'),
      prefix: text.key?.prefix ?? '',
    },
    signature: {
      places: placesOf(signature),
      encoding: signature.encoding ?? encodingOf(algorithm),
      prefix: signature.prefix ?? '',
      separator: signature.separator ?? null,
      format: signature.format ?? 'der',
    },
    signs: kind === 'token' ? [] : templateParts(text.signs ?? '{body}'),
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
            each: listed.each ?? '{value}',
            join: listed.join ?? '',
          },
    urlPort: text.url_port ?? 'as-is',
    username: text.username ?? null,
    trustedProxies: text.trusted_proxies ?? [],
  };
}

function encodingOf(algorithm: Algorithm): SignatureEncoding {
  if (algorithm === 'basic') return 'base64';
  return kindOf(algorithm) === 'token' ? 'text' : 'hex';
}

/** `token`: the request carries the key itself. */
export function kindOf(algorithm: Algorithm): 'mac' | 'digest' | 'public-key' | 'token' {
  if (algorithm.startsWith('hmac-')) return 'mac';
  if (algorithm.startsWith('sha')) return 'digest';
  return algorithm === 'token' || algorithm === 'basic' || algorithm === 'proxy' ? 'token' : 'public-key';
}

/** A preset with some of its parts written anew: mappings part by part, and a place as a whole. */
export function overridden<T extends object>(preset: T, written: T): T {
  const merged: Record<string, unknown> = Object.fromEntries(Object.entries(preset));
  for (const [key, value] of Object.entries(written)) {
    const before = merged[key];
    merged[key] =
      isMapping(before) && isMapping(value)
        ? { ...(placeKeys.some((each) => each in value) ? withoutPlace(before) : before), ...value }
        : value;
  }
  return merged as T;
}

/** The parts that name a place; one of them stands where a place does. */
export const placeKeys = ['header', 'headers', 'query', 'field', 'form', 'element'] as const;

type PlaceText = { readonly [key in (typeof placeKeys)[number]]?: string | readonly string[] | undefined };

function placesOf(text: PlaceText): Place[] {
  if (Array.isArray(text.headers))
    return text.headers.map((name) => ({ from: 'header', name: String(name).toLowerCase() }));
  for (const from of ['header', 'query', 'field', 'form', 'element'] as const) {
    const name = text[from];
    if (typeof name === 'string') return [{ from, name: from === 'header' ? name.toLowerCase() : name }];
  }
  return [];
}

export function placeOf(text: PlaceText): Place {
  return placesOf(text)[0] ?? { from: 'header', name: '' };
}

/** How a sentence calls a place. */
export function placeText({ from, name }: Place): string {
  return {
    header: `header ${name}`,
    query: `query parameter ${name}`,
    field: `field ${name} of the body`,
    form: `form field ${name}`,
    element: `element ${name}= of the signature`,
  }[from];
}

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
