import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createKeeper, Unfetched, type Wanted } from '../../src/intake/fetching/keeper/worker.ts';
import { verifyToken } from '../../src/intake/token/worker.ts';
import { limits } from '../../src/limits.ts';
import { type KeysServer, startKeysServer } from '../support/keys-server.ts';
import {
  type Clocked,
  clocked,
  jwk,
  now,
  pairs,
  postOf,
  seconds,
  token,
  verifyOf,
} from '../support/tokens.ts';

/** Keys that are fetched: what a sender publishes is believed, and nobody can make us ask without end. */

const { rsa, p256 } = pairs;
const claims = { iat: seconds, exp: seconds + 10 * 86_400 };
let shell: Clocked;
let keys: KeysServer;
let names = 0;
beforeAll(async () => {
  keys = await startKeysServer();
});
afterAll(() => keys.close());
beforeEach(() => {
  shell = clocked();
  keys.reset();
});

const later = (ms: number) => {
  shell.at = new Date(shell.at.getTime() + ms);
};

/** A source with a key set of its own: `publish` says what stands in it. */
function source(more: object = { allow_private: true }) {
  names += 1;
  const path = `/keys/${names}`;
  const verify = verifyOf({
    algorithm: 'jwt-rs256',
    signature: { header: 'x-token' },
    keys: { url: `${keys.url}${path}`, ...more },
  });
  return {
    publish: (...all: unknown[]) => keys.pages.set(path, JSON.stringify({ keys: all })),
    page: (text: string) => keys.pages.set(path, text),
    asked: () => keys.asked.filter((each) => each === path).length,
    async verdict(given: string) {
      const request = postOf({ 'x-token': given });
      const found = await verifyToken(shell, verify.signature, request, [], shell.at);
      return found.authentic ? 'authentic' : found.reason;
    },
  };
}

const signed = (kid: string | undefined, key = rsa.privateKey, alg = 'RS256') =>
  token(alg, key, claims, kid === undefined ? {} : { kid });
const one = jwk(rsa.publicKey, { kid: 'one' });
const another = jwk(
  (await import('node:crypto')).generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey,
  {
    kid: 'another',
  },
);

describe('a key set', () => {
  test('is asked for once, whoever waits for it', async () => {
    const own = source();
    own.publish(another, one);
    const open = Promise.withResolvers<void>();
    keys.gate = open.promise;
    const all = Promise.all(Array.from({ length: 20 }, () => own.verdict(signed('one'))));
    open.resolve();
    expect(new Set(await all)).toEqual(new Set(['authentic']));
    expect(own.asked()).toBe(1);
  });

  test('that is slow stands in the way of no other', async () => {
    const [slow, quick] = [source(), source()];
    slow.publish(one);
    quick.publish(one);
    expect(await quick.verdict(signed('one'))).toBe('authentic');
    const open = Promise.withResolvers<void>();
    keys.gate = open.promise;
    const waiting = slow.verdict(signed('one'));
    expect(await quick.verdict(signed('one'))).toBe('authentic');
    open.resolve();
    expect(await waiting).toBe('authentic');
  });

  test.each([
    [jwk(rsa.publicKey, { kid: 'one', use: 'sig', alg: 'RS256' }), 'authentic', 'made for it'],
    [jwk(rsa.publicKey, { kid: 'one', use: 'enc' }), 'wrong_signature', 'for encryption'],
    [jwk(rsa.publicKey, { kid: 'one', alg: 'PS256' }), 'wrong_signature', 'for another algorithm'],
    [jwk(p256.publicKey, { kid: 'one' }), 'wrong_signature', 'of another type'],
    [{ kty: 'oct', kid: 'one', k: 'c2VjcmV0' }, 'wrong_signature', 'a shared secret'],
    [{ kty: 'RSA', kid: 'one' }, 'wrong_signature', 'half a key'],
    [7, 'wrong_signature', 'no key'],
  ])('%#: %s', async (key, expected, why) => {
    const own = source();
    own.publish(key);
    expect(await own.verdict(signed('one')), why).toBe(expected);
  });

  test('without names: whichever of its keys is right', async () => {
    const own = source();
    own.publish(jwk(pairs.p256.publicKey), { ...another, kid: undefined }, jwk(rsa.publicKey));
    expect(await own.verdict(signed(undefined))).toBe('authentic');
  });

  test('takes part up to its last key that counts', async () => {
    const own = source();
    const filler = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ ...another, kid: `k${index}` }));
    own.publish(...filler(limits.keySetKeysMax - 1), one);
    expect(await own.verdict(signed('one'))).toBe('authentic');
    const long = source();
    long.publish(...filler(limits.keySetKeysMax), one);
    expect(await long.verdict(signed('one'))).toBe('wrong_signature');
  });

  test('the name of a key, at the edge of its length', async () => {
    const own = source();
    const kid = 'k'.repeat(limits.keyNameCharsMax);
    own.publish({ ...one, kid });
    expect(await own.verdict(signed(kid))).toBe('authentic');
    expect(await own.verdict(signed(`${kid}k`))).toBe('malformed_signature');
    expect(await own.verdict(token('RS256', rsa.privateKey, claims, { kid: 7 }))).toBe('malformed_signature');
    expect(own.asked()).toBe(1);
  });

  test('at a private address is asked for only where that is allowed', async () => {
    const own = source({});
    own.publish(one);
    expect(await own.verdict(signed('one'))).toBe('no_secret');
    expect(keys.asked).toEqual([]);
    expect(shell.lines.join('\n')).toContain('not public');
  });
});

describe('while keys rotate', () => {
  test('a new one is found by the token that names it, and the old one counts until it is gone', async () => {
    const own = source();
    own.publish(another);
    expect(await own.verdict(signed('one'))).toBe('wrong_signature');
    own.publish(another, one);
    later(limits.keysGapMs);
    expect(await own.verdict(signed('one'))).toBe('authentic');
    own.publish(another);
    later(limits.keysFreshMs + 1);
    // The first that finds it old is not kept waiting; what it set off tells the next.
    expect(await own.verdict(signed('one'))).toBe('authentic');
    await expect.poll(() => own.verdict(signed('one'))).toBe('wrong_signature');
  });

  test('a new one without a name is found too', async () => {
    const own = source();
    own.publish({ ...another, kid: undefined });
    expect(await own.verdict(signed(undefined))).toBe('wrong_signature');
    own.publish(jwk(rsa.publicKey));
    later(limits.keysGapMs);
    expect(await own.verdict(signed(undefined))).toBe('authentic');
  });

  test('a storm of unknown names asks once in a gap', async () => {
    const own = source();
    own.publish(one);
    expect(await own.verdict(signed('one'))).toBe('authentic');
    const storm = async () =>
      await Promise.all(Array.from({ length: 50 }, (_, index) => own.verdict(signed(`unknown-${index}`))));
    later(limits.keysGapMs - 1);
    expect(new Set(await storm())).toEqual(new Set(['wrong_signature']));
    expect(own.asked()).toBe(1);
    later(1);
    expect(new Set(await storm())).toEqual(new Set(['wrong_signature']));
    expect(own.asked()).toBe(2);
    expect(await own.verdict(signed('one'))).toBe('authentic');
  });

  test('what is fresh, at the edge', async () => {
    const own = source();
    own.publish(one);
    await own.verdict(signed('one'));
    later(limits.keysFreshMs);
    expect(await own.verdict(signed('one'))).toBe('authentic');
    expect(own.asked()).toBe(1);
    later(1);
    expect(await own.verdict(signed('one'))).toBe('authentic');
    await expect.poll(() => own.asked()).toBe(2);
  });
});

describe('while their address is down', () => {
  test('known keys count until their edge, and others are no fault of the sender', async () => {
    const own = source();
    own.publish(one);
    expect(await own.verdict(signed('one'))).toBe('authentic');
    keys.isDown = true;
    later(limits.keysKeptMs);
    expect(await own.verdict(signed('one'))).toBe('authentic');
    await expect.poll(() => own.asked()).toBe(2);
    later(limits.keysGapMs);
    expect(await own.verdict(signed('another'))).toBe('no_secret');
    expect(await own.verdict(signed('one'))).toBe('no_secret');
    keys.isDown = false;
    later(limits.keysGapMs);
    expect(await own.verdict(signed('one'))).toBe('authentic');
  });

  test.each([
    ['<html>', 'no JSON'],
    ['[]', 'no list of keys'],
    ['{"keys":{}}', 'keys that are no list'],
    ['{"keys":[],"keys":[]}', 'JSON with two meanings'],
    [`{"keys":[],"x":"${'x'.repeat(limits.responseBytesMax)}"}`, 'too much'],
  ])('%#: an answer that is %s', async (text, why) => {
    const own = source();
    own.page(text);
    expect(await own.verdict(signed('one')), why).toBe('no_secret');
    expect(await own.verdict(signed('one'))).toBe('no_secret');
    expect(own.asked()).toBe(1);
  });
});

describe('keys that are asked for one by one', () => {
  const named = (path: string) =>
    verifyOf({
      algorithm: 'jwt-es256',
      signature: { header: 'x-token' },
      username: 'me',
      keys: {
        url: `${keys.url}${path}`,
        json: { who: '{username}', secret: '{secret}', key: ['{kid}'], n: 1 },
        key: '/key',
        withdrawn: '/key/expired_at',
        allow_private: true,
      },
    });
  const verdict = async (path: string, kid: string | undefined) => {
    const given = token('ES256', p256.privateKey, claims, kid === undefined ? {} : { kid });
    const scheme = named(path).signature;
    const found = await verifyToken(shell, scheme, postOf({ 'x-token': given }), ['s3cret'], shell.at);
    return found.authentic ? 'authentic' : found.reason;
  };

  test('each by its name, with our credential; one that is withdrawn counts no more', async () => {
    const posted: unknown[] = [];
    const known: Record<string, object> = {
      good: jwk(p256.publicKey, { kid: 'good', expired_at: null }),
      old: jwk(p256.publicKey, { kid: 'old', expired_at: 1_600_000_000 }),
    };
    keys.pages.set('/named', (text) => {
      posted.push(JSON.parse(text));
      return JSON.stringify({ key: known[JSON.parse(text).key[0]] ?? null });
    });
    expect(await verdict('/named', 'good')).toBe('authentic');
    expect(await verdict('/named', 'good')).toBe('authentic');
    expect(await verdict('/named', 'old')).toBe('wrong_signature');
    expect(await verdict('/named', 'none')).toBe('no_secret');
    expect(await verdict('/named', undefined)).toBe('malformed_signature');
    expect(posted[0]).toEqual({ who: 'me', secret: 's3cret', key: ['good'], n: 1 });
    expect(keys.asked).toHaveLength(3);
    expect(shell.lines.join('\n')).not.toContain('s3cret');
  });

  test('ever new names make us ask so often in a minute, and known ones still count', async () => {
    keys.pages.set('/many', (text) =>
      JSON.stringify({ key: jwk(p256.publicKey, { kid: JSON.parse(text).key[0] }) }),
    );
    const scheme = named('/many').signature;
    const ask = async (kid: string) => {
      const given = token('ES256', p256.privateKey, claims, { kid });
      const found = await verifyToken(shell, scheme, postOf({ 'x-token': given }), ['s'], shell.at);
      return found.authentic ? 'authentic' : found.reason;
    };
    const max = limits.keyFetchesPerMinute;
    const found: string[] = [];
    for (let index = 0; index <= max; index += 1) found.push(await ask(`k${index}`));
    expect(found).toEqual([...Array(max).fill('authentic'), 'no_secret']);
    expect(keys.asked).toHaveLength(max);
    expect(await ask('k0')).toBe('authentic');
    later(60_000 / max);
    expect(await ask(`k${max}`)).toBe('authentic');
  });
});

describe('what is kept', () => {
  const wanted = (name: string, fetch: () => Promise<string>): Wanted<string> => ({
    name,
    fits: () => true,
    isFresh: () => true,
    mayFetch: () => true,
    fetch,
  });

  test('is bounded, and those asked for last stay', async () => {
    const keeper = createKeeper<string>();
    const fetched: string[] = [];
    const take = async (name: string) =>
      await keeper.take(
        shell,
        wanted(name, async () => {
          fetched.push(name);
          return name;
        }),
      );
    for (let index = 0; index < limits.fetchedKeysMax; index += 1) await take(`n${index}`);
    await take('n0');
    expect(fetched).toHaveLength(limits.fetchedKeysMax);
    await take('one more');
    await take('n0');
    expect(fetched).toHaveLength(limits.fetchedKeysMax + 1);
    await take('n1');
    expect(fetched.slice(limits.fetchedKeysMax)).toEqual(['one more', 'n1']);
  });

  test('so many are fetched at once, and one more is told so', async () => {
    const keeper = createKeeper<string>();
    const open = Promise.withResolvers<string>();
    const under = Array.from({ length: limits.keyFetchesInFlightMax }, (_, index) =>
      keeper.take(
        shell,
        wanted(`w${index}`, () => open.promise),
      ),
    );
    const more = await keeper.take(
      shell,
      wanted('more', async () => 'never'),
    );
    expect(more).toEqual({ value: null, problem: 'too much is being fetched' });
    open.resolve('value');
    expect((await Promise.all(under)).every(({ value }) => value === 'value')).toBe(true);
    expect(
      await keeper.take(
        shell,
        wanted('more', async () => 'now'),
      ),
    ).toMatchObject({ value: 'now' });
  });

  test('a failure is told to all who ask within the gap', async () => {
    const keeper = createKeeper<string>();
    let asked = 0;
    const failing = wanted('x', async () => {
      asked += 1;
      throw new Unfetched('it is away');
    });
    expect(await keeper.take(shell, failing)).toEqual({ value: null, problem: 'it is away' });
    later(limits.keysGapMs - 1);
    expect(await keeper.take(shell, failing)).toEqual({ value: null, problem: 'it is away' });
    expect(asked).toBe(1);
    later(1);
    await keeper.take(shell, failing);
    expect(asked).toBe(2);
    expect(now.getTime()).toBeLessThan(shell.at.getTime());
  });
});

test(
  'an address that never answers is waited for no longer than its bound',
  async () => {
    const own = source();
    own.publish(one);
    const open = Promise.withResolvers<void>();
    keys.gate = open.promise;
    const began = performance.now();
    expect(await own.verdict(signed('one'))).toBe('no_secret');
    const tookMs = performance.now() - began;
    open.resolve();
    expect(tookMs).toBeGreaterThanOrEqual(limits.keyFetchMs - 50);
    expect(tookMs).toBeLessThan(limits.keyFetchMs + 2_000);
  },
  limits.keyFetchMs + 10_000,
);
