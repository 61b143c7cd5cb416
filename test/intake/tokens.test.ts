import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifyBy } from '../../src/intake/presets.ts';
import type { SignedRequest } from '../../src/intake/request.ts';
import { signedAs } from '../../src/intake/sign.ts';
import { verifyRequest } from '../../src/intake/signature.ts';
import { verifyToken } from '../../src/intake/token/worker.ts';
import { limits } from '../../src/limits.ts';
import type { SchemeText } from '../../src/workflow/verify-schema.ts';
import { type KeysServer, startKeysServer } from '../support/keys-server.ts';
import {
  body,
  type Clocked,
  clocked,
  jwk,
  now,
  pairs,
  pem,
  postOf,
  seconds,
  token,
  verifyOf,
} from '../support/tokens.ts';

/** Requests that carry a token are taken for their source's when it is signed as the project says, and not otherwise. */

const { rsa, p256, ed25519 } = pairs;
const fresh = { iat: seconds, exp: seconds + 60 };
const bearer = { signature: { header: 'authorization', prefix: 'Bearer ' } };
const bound = { body_hash: { sha256: '{body}' } };

let shell: Clocked;
let keys: KeysServer;
beforeAll(async () => {
  keys = await startKeysServer();
});
afterAll(() => keys.close());
beforeEach(() => {
  shell = clocked();
  keys.reset();
});

async function verdict(
  text: SchemeText,
  request: SignedRequest,
  secrets: readonly string[] = [],
): Promise<string> {
  const found = await verifyToken(shell, verifyOf(text).signature, request, secrets, shell.at);
  return found.authentic ? 'authentic' : found.reason;
}

const carried = (given: string) => postOf({ authorization: `Bearer ${given}` });

describe('the algorithm is the project’s, never the token’s', () => {
  const secret = 'a-shared-secret';
  const algorithms = [
    ['jwt-hs256', 'HS256', secret, secret],
    ['jwt-hs384', 'HS384', secret, secret],
    ['jwt-hs512', 'HS512', secret, secret],
    ['jwt-rs256', 'RS256', rsa.privateKey, pem(rsa.publicKey)],
    ['jwt-ps256', 'PS256', rsa.privateKey, pem(rsa.publicKey)],
    ['jwt-es256', 'ES256', p256.privateKey, pem(p256.publicKey)],
    ['jwt-eddsa', 'EdDSA', ed25519.privateKey, pem(ed25519.publicKey)],
    ['jwt-eddsa', 'Ed25519', ed25519.privateKey, pem(ed25519.publicKey)],
  ] as const;

  test.each(algorithms)('%s takes %s', async (algorithm, alg, key, check) => {
    expect(await verdict({ algorithm, ...bearer }, carried(token(alg, key, fresh)), [check])).toBe(
      'authentic',
    );
    expect(await verdict({ algorithm, ...bearer }, carried(token(alg, key, fresh)), ['other', check])).toBe(
      'authentic',
    );
  });

  const pairsOfTwo = algorithms.flatMap((one) =>
    algorithms.filter(([name]) => name !== one[0]).map((other) => [one[0], other[1], one, other] as const),
  );
  test.each(pairsOfTwo)('%s does not take %s', async (algorithm, alg, [, , , check], [, , key]) => {
    const made = carried(token(alg, key, fresh));
    expect(await verdict({ algorithm, ...bearer }, made, [check])).toBe('malformed_signature');
  });

  test.each(algorithms)('%s takes none', async (algorithm, _alg, _key, check) => {
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    for (const alg of ['none', 'None', 'NONE', '', null, 7]) {
      for (const end of ['', 'AAAA']) {
        const made = carried(`${part({ alg })}.${part(fresh)}.${end}`);
        expect(await verdict({ algorithm, ...bearer }, made, [check]), `${alg}`).toBe('malformed_signature');
      }
    }
  });

  test('a public key is no shared secret, in whichever place it stands', async () => {
    const known = pem(rsa.publicKey);
    const made = carried(token('HS256', known, fresh));
    expect(await verdict({ algorithm: 'jwt-rs256', ...bearer }, made, [known])).toBe('malformed_signature');
    // Somebody put the public key where the secret of an HMAC belongs.
    expect(await verdict({ algorithm: 'jwt-hs256', ...bearer }, made, [known])).toBe('no_secret');
  });

  test('the synchronous path takes no token', () => {
    const verify = verifyOf({ algorithm: 'jwt-hs256', ...bearer });
    expect(verifyRequest(verify, carried(token('HS256', secret, fresh)), [secret], now)).toMatchObject({
      reason: 'no_secret',
    });
  });

  test.each([
    [{ crit: ['exp'], exp: 1 }, 'a critical header'],
    [{ b64: false, crit: ['b64'] }, 'a payload that is not encoded'],
  ])('%j is refused (%s)', async (header, _why) => {
    const made = carried(token('HS256', secret, fresh, header));
    expect(await verdict({ algorithm: 'jwt-hs256', ...bearer }, made, [secret])).toBe('malformed_signature');
  });

  test('a key that a token brings along counts for nothing', async () => {
    const own = { jwk: jwk(rsa.publicKey), jku: `${keys.url}/own`, x5u: `${keys.url}/own` };
    const made = carried(token('RS256', rsa.privateKey, fresh, own));
    const other = pem(pairs.p256.publicKey);
    expect(await verdict({ algorithm: 'jwt-rs256', ...bearer }, made, [other])).toBe('no_secret');
    expect(keys.asked).toEqual([]);
  });
});

describe('where a token stands', () => {
  const secret = 's3cret';
  const made = token('HS256', secret, fresh);
  const algorithm = 'jwt-hs256';
  const inBody = JSON.stringify({ event: { token: made } });
  test.each([
    [{ signature: { header: 'x-token' } }, postOf({ 'x-token': made }), 'authentic', 'a header of its own'],
    [bearer, postOf({ authorization: `bearer ${made}` }), 'authentic', 'a scheme’s name has no case'],
    [bearer, postOf({ authorization: made }), 'malformed_signature', 'the scheme’s name is missing'],
    [
      { signature: { query: 't' } },
      postOf({}, body, `https://a.example/in/x?t=${made}`),
      'authentic',
      'query',
    ],
    [{ signature: { field: '/event/token' } }, postOf({}, inBody), 'authentic', 'a field of the body'],
    [{ signature: { body: 'whole' } }, postOf({}, `${made}\n`), 'authentic', 'the whole body'],
    [{ signature: { body: 'whole' } }, postOf({}, '{"a":1}'), 'malformed_signature', 'a body that is none'],
    [{ signature: { body: 'whole' } }, postOf({}, ''), 'missing_signature', 'no body'],
    [{ signature: { field: '/t' } }, postOf({}, 'no JSON'), 'missing_signature', 'a body that is no JSON'],
    [bearer, postOf({}), 'missing_signature', 'nothing'],
    [bearer, postOf({ authorization: 'Bearer x.y' }), 'malformed_signature', 'two parts'],
    [
      bearer,
      postOf({ authorization: `Bearer ${made}, Bearer ${made}` }),
      'malformed_signature',
      'two headers',
    ],
    [bearer, postOf({ authorization: 'Bearer e30.e30.e30' }), 'malformed_signature', 'no algorithm'],
    [
      bearer,
      postOf({ authorization: 'Bearer YQ.e30.e30' }),
      'malformed_signature',
      'a header that is no JSON',
    ],
  ] as const)('%#: %j → %s', async (place, request, expected, why) => {
    expect(await verdict({ algorithm, ...place } as SchemeText, request, [secret]), why).toBe(expected);
  });

  test.each([
    ['[1]', 'a list'],
    ['"text"', 'a text'],
    ['null', 'null'],
    ['{"iat":1,"iat":2}', 'a key twice'],
    ['{', 'no JSON'],
  ])('claims of %s are none (%s)', async (claims, _why) => {
    const raw = Buffer.from(claims).toString('base64url');
    const { createHmac } = await import('node:crypto');
    const signed = `${Buffer.from('{"alg":"HS256"}').toString('base64url')}.${raw}`;
    const whole = `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
    expect(await verdict({ algorithm, ...bearer }, carried(whole), [secret])).toBe('malformed_signature');
  });

  test('several in a list: one that is right is enough, and the reason is of the one that came closest', async () => {
    const list: SchemeText = { algorithm, signature: { header: 'x-tokens', separator: ',' } };
    const wrong = token('HS256', 'other', fresh);
    const late = token('HS256', secret, { iat: seconds - 900, exp: seconds - 600 });
    const found = async (...all: string[]) =>
      await verdict(list, postOf({ 'x-tokens': all.join(', ') }), [secret]);
    expect(await found(wrong, made)).toBe('authentic');
    expect(await found(wrong, late, wrong)).toBe('too_old');
    expect(await found(...Array(limits.signaturesMax).fill(wrong))).toBe('wrong_signature');
    expect(await found(...Array(limits.signaturesMax).fill(wrong), made)).toBe('malformed_signature');
  });

  test('the edge of its length', async () => {
    const sized = (chars: number) => {
      const plain = token('HS256', secret, { ...fresh, pad: '' }).length;
      // Three bytes are four characters.
      return token('HS256', secret, { ...fresh, pad: 'x'.repeat(Math.floor(((chars - plain) * 3) / 4)) });
    };
    const fits = sized(limits.jwtCharsMax);
    const over = sized(limits.jwtCharsMax + 4);
    expect(fits.length).toBeLessThanOrEqual(limits.jwtCharsMax);
    expect(over.length).toBeGreaterThan(limits.jwtCharsMax);
    const at = { algorithm, signature: { header: 'x-token' } } as const;
    expect(await verdict(at, postOf({ 'x-token': fits }), [secret])).toBe('authentic');
    expect(await verdict(at, postOf({ 'x-token': over }), [secret])).toBe('malformed_signature');
    expect(await verdict({ algorithm, signature: { body: 'whole' } }, postOf({}, over), [secret])).toBe(
      'authentic',
    );
  });
});

describe('claims', () => {
  const secret = 's3cret';
  const found = async (text: SchemeText, claims: object, request = carried('')) =>
    await verdict(
      { algorithm: 'jwt-hs256', ...bearer, ...text },
      { ...request, headers: { ...request.headers, ...carried(token('HS256', secret, claims)).headers } },
      [secret],
    );

  test.each([
    [{ iss: 'a' }, { iss: 'a' }, 'authentic', 'the value'],
    [{ iss: 'a' }, { iss: 'A' }, 'wrong_claim', 'another'],
    [{ iss: 'a' }, {}, 'wrong_claim', 'none'],
    [{ iss: ['a', 'b'] }, { iss: 'b' }, 'authentic', 'one of several'],
    [{ aud: 'a' }, { aud: ['x', 'a'] }, 'authentic', 'an audience of several'],
    [{ aud: 'a' }, { aud: ['x'] }, 'wrong_claim', 'an audience without us'],
    [{ aud: 'a' }, { aud: { a: 1 } }, 'wrong_claim', 'a mapping'],
    [{ aud: [] }, { aud: 'a' }, 'wrong_claim', 'nothing is right'],
    [{ ok: true }, { ok: true }, 'authentic', 'a boolean'],
    [{ ok: true }, { ok: false }, 'wrong_claim', 'the other boolean'],
    [{ v: 2 }, { v: '2' }, 'authentic', 'as text'],
    [{ jti: { present: true } }, { jti: 'x' }, 'authentic', 'it is there'],
    [{ jti: { present: true } }, { jti: '' }, 'wrong_claim', 'an empty one is not'],
    [{ '/a/b': 'c' }, { a: { b: 'c' } }, 'authentic', 'a deeper one'],
    [{ 'https://a.example/c': 'd' }, { 'https://a.example/c': 'd' }, 'authentic', 'a name with slashes'],
    [{ __proto__: 'x', toString: { present: true } }, {}, 'wrong_claim', 'what objects inherit is no claim'],
  ])('%j of %j: %s (%s)', async (claims, given, expected, _why) => {
    expect(await found({ claims }, { ...fresh, ...given })).toBe(expected);
  });

  const tolerance = limits.signatureToleranceMs / 1000;
  test.each([
    [{ exp: seconds - tolerance }, 'authentic', 'ended, at the edge'],
    [{ exp: seconds - tolerance - 0.001 }, 'too_old', 'beyond the edge'],
    [{ exp: seconds + 10, nbf: seconds + tolerance }, 'authentic', 'begins, at the edge'],
    [{ exp: seconds + 900, nbf: seconds + tolerance + 0.001 }, 'too_new', 'begins beyond it'],
    [{ exp: seconds + 900, iat: seconds + tolerance + 0.001 }, 'too_new', 'made in the future'],
    [{ iat: seconds - tolerance }, 'authentic', 'no end: as long as the tolerance'],
    [{ iat: seconds - tolerance - 0.001 }, 'too_old', 'no end: no longer'],
    [{ exp: seconds + 900, iat: seconds - 86_400 }, 'authentic', 'an old one that has not ended'],
    [{}, 'wrong_claim', 'no time at all'],
    [{ exp: 'soon' }, 'malformed_signature', 'a time that is none'],
    [{ exp: null, iat: seconds }, 'malformed_signature', 'null is no time'],
  ])('%j: %s (%s)', async (claims, expected, _why) => {
    expect(await found({}, claims)).toBe(expected);
  });

  test('a token that proves the body needs no time, as a signature of it needs none', async () => {
    const { createHash } = await import('node:crypto');
    const sha256 = createHash('sha256').update(body).digest('hex');
    const claims = { iss: 'netlify', sha256: { sha256: '{body}' } };
    expect(await found({ claims }, { iss: 'netlify', sha256 })).toBe('authentic');
    expect(await found({ claims }, { iss: 'netlify', sha256, exp: seconds - 900 })).toBe('too_old');
    const url = { url_hash: { sha256: '{url}' } };
    const other = createHash('sha256').update('https://a.example').digest('hex');
    expect(await found({ claims: url }, { url_hash: other })).not.toBe('authentic');
  });

  const digest = async (encoding: 'hex' | 'base64' | 'base64url') => {
    const { createHash } = await import('node:crypto');
    return createHash('sha256').update(body).digest(encoding);
  };
  test.each(['hex', 'base64', 'base64url'] as const)('a digest of the body in %s', async (encoding) => {
    const claims = { body_hash: { sha256: '{body}', encoding } };
    const right = { ...fresh, body_hash: await digest(encoding) };
    expect(await found({ claims }, right)).toBe('authentic');
    expect(await found({ claims }, right, postOf({}, `${body} `))).toBe('wrong_digest');
    expect(await found({ claims }, fresh)).toBe('wrong_digest');
  });

  test('the id is a claim, and has to be there', async () => {
    const text: SchemeText = { algorithm: 'jwt-hs256', ...bearer, id: { claim: 'jti' } };
    const id = async (claims: object) =>
      await verifyToken(
        shell,
        verifyOf(text).signature,
        carried(token('HS256', secret, claims)),
        [secret],
        now,
      );
    expect(await id({ ...fresh, jti: 'one' })).toMatchObject({ authentic: true, id: 'one' });
    expect(await id(fresh)).toMatchObject({ reason: 'missing_signature' });
  });

  test('fields of the body are held against what is expected too', async () => {
    const expect_ = { expect: { '/id': ['evt_1', 'evt_2'] } };
    expect(await found(expect_, fresh)).toBe('authentic');
    expect(await found({ expect: { '/id': 'evt_3' } }, fresh)).toBe('wrong_value');
  });
});

describe('what `send` makes is taken', () => {
  const rows = [
    ['jwt-hs256', 's3cret', 's3cret'],
    ['jwt-hs512', 's3cret', 's3cret'],
    ...(['jwt-rs256', 'jwt-ps256'] as const).map((name) => [name, pem(rsa.publicKey), pkcs8(rsa)] as const),
    ['jwt-es256', pem(p256.publicKey), pkcs8(p256)],
    ['jwt-eddsa', pem(ed25519.publicKey), pkcs8(ed25519)],
  ] as const;
  const claims = { ...bound, iss: ['a', 'b'], aud: 'us', '/deep/er': true, jti: { present: true } };

  test.each(rows)('%s', async (algorithm, check, sign) => {
    const text: SchemeText = { algorithm, ...bearer, claims, id: { claim: 'jti' } };
    const request = signedAs(verifyOf(text), postOf({}), sign, now, 'id-1');
    expect(await verdict(text, request, [check])).toBe('authentic');
    shell.at = new Date(now.getTime() + 3_600_000);
    expect(await verdict(text, request, [check])).toBe('too_old');
  });

  test('as the whole body, with what the body said', async () => {
    const text: SchemeText = { algorithm: 'jwt-hs256', signature: { body: 'whole' } };
    const request = signedAs(verifyOf(text), postOf({}), 's3cret', now, 'id-1');
    expect(await verdict(text, request, ['s3cret'])).toBe('authentic');
    expect(
      JSON.parse(Buffer.from(request.body.toString().split('.')[1] ?? '', 'base64url').toString()),
    ).toMatchObject({
      id: 'evt_1',
    });
  });

  test('keys that are elsewhere sign nothing here', () => {
    expect(() => signedAs(verifyBy('google-pubsub', []), postOf({}), '', now, '')).toThrow('only its sender');
    expect(() => signedAs(verifyBy('aws-sns', []), postOf({}), '', now, '')).toThrow('only its sender');
    expect(() => signedAs(verifyBy('vonage', []), postOf({}), pem(rsa.publicKey), now, '')).toThrow(
      'not written as',
    );
  });

  test.each(rows)('%s: any one bit flipped in body or token refuses', async (algorithm, check, sign) => {
    const text: SchemeText = { algorithm, signature: { header: 'x-token' }, claims };
    const request = signedAs(verifyOf(text), postOf({}), sign, now, 'id-1');
    const made = request.headers['x-token'] ?? '';
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.nat(), async (inBody, bit) => {
        const flipped = inBody
          ? { ...request, body: flip(Buffer.from(request.body), bit) }
          : {
              ...request,
              headers: { ...request.headers, 'x-token': flip(Buffer.from(made), bit).toString('latin1') },
            };
        expect(await verdict(text, flipped, [check])).not.toBe('authentic');
      }),
      { numRuns: 300 },
    );
  });

  test('no rubbish makes it throw', async () => {
    const rubbish = fc.oneof(
      fc.string(),
      fc.stringMatching(/^[A-Za-z0-9_-]{0,9}\.[A-Za-z0-9_-]{0,9}\.[A-Za-z0-9_-]{0,9}$/),
    );
    await fc.assert(
      fc.asyncProperty(rubbish, fc.constantFrom(...rows), async (given, [algorithm, check]) => {
        expect(await verdict({ algorithm, ...bearer }, carried(given), [check])).not.toBe('authentic');
      }),
    );
  });
});

function pkcs8({ privateKey }: (typeof pairs)[keyof typeof pairs]): string {
  return privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}

function flip(bytes: Buffer, bit: number): Buffer {
  const at = bit % (bytes.length * 8);
  const flipped = Buffer.from(bytes);
  flipped.writeUInt8(flipped.readUInt8(at >> 3) ^ (1 << (at & 7)), at >> 3);
  return flipped;
}
