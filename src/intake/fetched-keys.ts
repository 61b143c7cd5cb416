import { linearRegExp } from '../contract/linear-regexp.ts';
import type { ChallengeText } from '../workflow/challenge-schema.ts';
import type { SchemeText } from '../workflow/verify-schema.ts';
import { type Place, placeOf } from './place.ts';

/** Where public keys are fetched that a source's signatures are checked with. */
export type FetchedKeys = {
  /** Addresses that are not public, and plain http. */
  readonly allowPrivate: boolean;
} & (
  | {
      /** `set`: all keys at once (JWKS). */
      readonly kind: 'set';
      readonly url: string;
    }
  | {
      /** `named`: one at a time, by the name that a token gives. */
      readonly kind: 'named';
      readonly url: string;
      /** What is posted, with `{kid}`, `{secret}` and `{username}` in its texts. */
      readonly json: Readonly<Record<string, unknown>>;
      /** Where in the answer the key stands, and what says that it counts no more. */
      readonly key: string;
      readonly withdrawn: string | null;
    }
  | {
      /** `certificate`: at an address that the request names. */
      readonly kind: 'certificate';
      readonly place: Place;
      readonly host: string;
    }
);

/** An address that a request names, and the hosts that it may be at. */
export interface NamedAddress {
  readonly place: Place;
  readonly host: string;
  readonly allowPrivate: boolean;
}

/** Fills in what `keys` leaves out. `text` has been checked. */
export function fetchedKeysOf(text: NonNullable<SchemeText['keys']>): FetchedKeys {
  const allowPrivate = text.allow_private === true;
  if (text.certificate !== undefined) {
    return { kind: 'certificate', allowPrivate, place: placeOf(text.certificate), host: text.host ?? '' };
  }
  const url = text.url ?? '';
  if (text.json === undefined) return { kind: 'set', allowPrivate, url };
  return {
    kind: 'named',
    allowPrivate,
    url,
    json: text.json,
    key: text.key ?? '',
    withdrawn: text.withdrawn ?? null,
  };
}

export function namedAddressOf(text: NonNullable<ChallengeText['visit']>): NamedAddress {
  return { place: placeOf(text), host: text.host ?? '', allowPrivate: text.allow_private === true };
}

/**
 * The address that a request names, where it may be fetched: https at its usual port, without a name and a password,
 * and a host that the pattern fits from its first to its last character. Null for any other.
 */
export function believedAddress(
  text: string,
  { host, allowPrivate }: Omit<NamedAddress, 'place'>,
): URL | null {
  const url = text.length <= addressCharsMax && URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.username !== '' || url.password !== '') return null;
  if (!allowPrivate && (url.protocol !== 'https:' || url.port !== '')) return null;
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return null;
  url.hash = '';
  return isHostOf(host, url.hostname) ? url : null;
}

const addressCharsMax = 2_000;

/** Throws Error where the pattern is none. */
export function hostPattern(host: string): ReturnType<typeof linearRegExp> {
  return linearRegExp(`^(?:${host})$`);
}

function isHostOf(host: string, name: string): boolean {
  try {
    return host !== '' && hostPattern(host).test(name);
  } catch {
    return false;
  }
}

/** What is posted to be told of one key. */
export function keyRequest(
  { json }: Extract<FetchedKeys, { kind: 'named' }>,
  values: { readonly kid: string; readonly secret: string; readonly username: string },
): string {
  const fill = (value: unknown): unknown => {
    if (typeof value === 'string') {
      return value.replace(/\{(kid|secret|username)\}/g, (_, name: keyof typeof values) => values[name]);
    }
    if (Array.isArray(value)) return value.map(fill);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fill(each)]));
  };
  return JSON.stringify(fill(json));
}
