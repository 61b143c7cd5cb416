import { X509Certificate } from 'node:crypto';
import type { JWK, LocalJWKSet } from 'jose';
import { resolvePointer } from '../../contract/pointer.ts';
import { exchange } from '../../handoff/connectors/exchange.ts';
import { broken } from '../../handoff/connectors/outcome.ts';
import { limits } from '../../limits.ts';
import type { Shell } from '../../shell.ts';
import { type FetchedKeys, keyRequest } from '../fetched-keys.ts';
import { parseJson } from '../parse.ts';
import { createBuckets, perMinute } from '../rate-limit.ts';
import { createKeeper, type Kept, Unfetched } from './keeper/worker.ts';

/** Keys (JWK) that were fetched. */
export interface KeySet {
  readonly find: LocalJWKSet;
  /** Names of the keys. */
  readonly names: ReadonlySet<string>;
}

export interface Certificate {
  readonly pem: string;
  readonly from: Date;
  readonly until: Date;
}

type FetchShell = Pick<Shell, 'clock' | 'log'>;

const keySets = createKeeper<KeySet>();
const certificates = createKeeper<Certificate>();

/** So much may be fetched for one source: whoever may ask it to be checked could name ever new keys. */
const fetches = createBuckets<FetchedKeys>();
const fetchesLimit = perMinute(limits.keyFetchesPerMinute);

/**
 * The key set of a source. `fits`: whether it will do; one that will not is fetched anew, though not too soon after the
 * last time. Gives what there is, or why there is nothing.
 */
export async function keySetOf(
  shell: FetchShell,
  keys: Extract<FetchedKeys, { kind: 'set' | 'named' }>,
  about: { readonly kid: string; readonly secret: string; readonly username: string },
  fits: (set: KeySet) => boolean,
): Promise<Kept<KeySet>> {
  const name = keys.kind === 'set' ? keys.url : `${keys.url}\n${keyRequest(keys, { ...about, secret: '' })}`;
  return await keySets.take(shell, {
    name: `${keys.allowPrivate} ${name}`,
    fits,
    isFresh: (_, ageMs) => ageMs <= limits.keysFreshMs,
    mayFetch: (now) => fetches.draw(keys, fetchesLimit, now).allowed,
    fetch: async () => {
      const url = new URL(keys.url);
      const text = await fetchText(
        url,
        keys.allowPrivate,
        keys.kind === 'set' ? null : keyRequest(keys, about),
      );
      const answer = parseJson(Buffer.from(text));
      if (!answer.ok) throw new Unfetched(`${url.host} answered with what is no JSON`);
      return await keySet(keys.kind === 'set' ? keysIn(answer.value) : keyIn(answer.value, keys));
    },
  });
}

/** The certificate at an address. */
export async function certificateAt(
  shell: FetchShell,
  keys: Extract<FetchedKeys, { kind: 'certificate' }>,
  url: URL,
): Promise<Kept<Certificate>> {
  return await certificates.take(shell, {
    name: `${keys.allowPrivate} ${url.href}`,
    fits: ({ until }) => shell.clock.now() <= until,
    isFresh: () => true,
    mayFetch: (now) => fetches.draw(keys, fetchesLimit, now).allowed,
    fetch: async () => certificateIn(await fetchText(url, keys.allowPrivate, null)),
  });
}

/** The text at an address. Throws Unfetched: only 200 is an answer. `post`: JSON that is posted. */
export async function fetchText(url: URL, allowPrivate: boolean, post: string | null): Promise<string> {
  const reached = await exchange({
    method: post === null ? 'GET' : 'POST',
    url,
    headers: post === null ? {} : { 'content-type': 'application/json' },
    body: post,
    allowPrivate,
    ca: [],
    connectMs: limits.keyFetchMs,
    headersMs: limits.keyFetchMs,
    bodyMs: limits.keyFetchMs,
    timeoutMs: limits.keyFetchMs,
  });
  if (!reached.ok) {
    const { error, sent } = reached;
    throw new Unfetched(broken(url.host, url.host, error, { sent, timeoutMs: limits.keyFetchMs }).detail);
  }
  const { status, text, tooLong } = reached.answer;
  if (status === 200 && !tooLong) return text;
  throw new Unfetched(tooLong ? `the answer of ${url.host} is too long` : `${url.host} answered ${status}`);
}

function keysIn(value: unknown): JWK[] {
  const keys = resolvePointer(value, '/keys');
  if (!Array.isArray(keys)) throw new Unfetched('the answer has no list of `keys`');
  return keys.filter(isKey).slice(0, limits.keySetKeysMax);
}

function keyIn(value: unknown, { key, withdrawn }: Extract<FetchedKeys, { kind: 'named' }>): JWK[] {
  const found = resolvePointer(value, key);
  if (!isKey(found)) throw new Unfetched(`the answer has no key at ${key}`);
  const counts = withdrawn === null || (resolvePointer(value, withdrawn) ?? null) === null;
  return counts ? [found] : [];
}

async function keySet(keys: JWK[]): Promise<KeySet> {
  // Read when the first source needs it: most need none.
  const { createLocalJWKSet } = await import('jose');
  const names = keys.flatMap(({ kid }) => (typeof kid === 'string' ? [kid] : []));
  return { find: createLocalJWKSet({ keys }), names: new Set(names) };
}

function isKey(value: unknown): value is JWK {
  return typeof value === 'object' && value !== null && 'kty' in value && typeof value.kty === 'string';
}

function certificateIn(text: string): Certificate {
  try {
    const certificate = new X509Certificate(text);
    return {
      pem: certificate.toString(),
      from: certificate.validFromDate,
      until: certificate.validToDate,
    };
  } catch {
    throw new Unfetched('the answer is no certificate');
  }
}
