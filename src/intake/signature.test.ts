import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limits } from '../limits.ts';
import type { Verify } from '../workflow/project.ts';
import { type SignedVerify, schemeOf } from './schemes.ts';
import { signRequest, verifyRequest } from './signature.ts';

const shared = { secrets: [], toleranceMs: limits.signatureToleranceMs } as const;
const hmac: SignedVerify = {
  ...shared,
  scheme: 'hmac',
  header: 'x-sum',
  algorithm: 'sha512',
  encoding: 'base64',
  prefix: 'sum=',
  timestampHeader: 'x-sum-time',
  separator: '|',
};
const timed: readonly SignedVerify[] = [
  { ...shared, scheme: 'standard-webhooks' },
  { ...shared, scheme: 'stripe' },
  { ...shared, scheme: 'slack' },
  hmac,
];
const untimed: readonly SignedVerify[] = [
  { ...shared, scheme: 'github' },
  { ...hmac, algorithm: 'sha1', encoding: 'hex', prefix: '', timestampHeader: null },
];
const every: readonly Verify[] = [...timed, ...untimed, { scheme: 'bearer', secrets: [] }];
const [standardWebhooks, stripe] = timed as [SignedVerify, SignedVerify];
const [github] = untimed as [SignedVerify];
const bearer: Verify = { scheme: 'bearer', secrets: [] };

const secret = 'c2VjcmV0LW9mLXRoaXMtdGVzdA==';
const now = new Date('2026-11-23T10:00:00.000Z');
const later = (ms: number) => new Date(now.getTime() + ms);
const body = Buffer.from('{"lead":"é"}');
const sign = (verify: Verify, by = secret) => signRequest(verify, body, by, now, 'msg_1');
const reasonOf = (found: ReturnType<typeof verifyRequest>) => (found.authentic ? 'authentic' : found.reason);
const judge = (verify: Verify, headers: Record<string, string>, secrets: string[] = [secret], at = now) =>
  reasonOf(verifyRequest(verify, { headers, body }, secrets, at));

describe.each(every.map((verify) => [verify.scheme, verify] as const))('%s', (_scheme, verify) => {
  test('what was signed is authentic, under any of several secrets', () => {
    expect(judge(verify, sign(verify))).toBe('authentic');
    expect(judge(verify, sign(verify), ['', 'bmV3', secret])).toBe('authentic');
    expect(judge(verify, sign(verify), ['bmV3', 'b2xk'])).toBe('wrong_signature');
  });

  test('without a secret nothing is', () => {
    expect(judge(verify, sign(verify), [])).toBe('no_secret');
    expect(judge(verify, sign(verify), [''])).toBe('no_secret');
  });

  test('each header that it needs is missed', () => {
    const headers = sign(verify);
    for (const name of Object.keys(headers)) {
      expect(judge(verify, { ...headers, [name]: '' }), name).toBe('missing_signature');
    }
    expect(judge(verify, {})).toBe('missing_signature');
  });

  test('no garbage makes it throw', () => {
    const latin1 = fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('latin1'));
    const names = [...Object.keys(sign(verify)), 'constructor', '__proto__'];
    const headers = fc.dictionary(fc.constantFrom(...names), latin1);
    fc.assert(
      fc.property(headers, fc.uint8Array(), fc.array(fc.string()), (garbage, bytes, secrets) => {
        expect(verifyRequest(verify, { headers: garbage, body: bytes }, secrets, now).authentic).toBe(false);
      }),
    );
  });
});

describe.each([...timed, ...untimed].map((verify) => [verify.scheme, verify] as const))(
  '%s',
  (_scheme, verify) => {
    test('any one bit flipped in body, signature, time or id refuses', () => {
      const headers = sign(verify);
      const places = [...Object.keys(headers), null];
      fc.assert(
        fc.property(fc.constantFrom(...places), fc.nat(), (place, bit) => {
          const flipped =
            place === null
              ? { headers, body: flip(body, bit) }
              : {
                  headers: {
                    ...headers,
                    [place]: flip(Buffer.from(headers[place] ?? ''), bit).toString('latin1'),
                  },
                  body,
                };
          expect(verifyRequest(verify, flipped, [secret], now).authentic).toBe(false);
        }),
        { numRuns: 500 },
      );
    });

    test('its own header is not kept', () => {
      const found = verifyRequest(verify, { headers: sign(verify), body }, [secret], now);
      expect(found).toEqual({ authentic: true, secretHeaders: [schemeOf(verify).header] });
    });
  },
);

test.each(timed.map((verify) => [verify.scheme, verify] as const))(
  '%s: the edges of the time',
  (_scheme, verify) => {
    const { toleranceMs } = shared;
    const at = (ms: number) => judge(verify, sign(verify), [secret], later(ms));
    expect([at(toleranceMs), at(toleranceMs + 1)]).toEqual(['authentic', 'too_old']);
    expect([at(-toleranceMs), at(-toleranceMs - 1)]).toEqual(['authentic', 'too_new']);
  },
);

describe('several signatures in one header', () => {
  const [own = '', foreign = ''] = [secret, 'b3RoZXI='].map(
    (by) => sign(standardWebhooks, by)['webhook-signature'],
  );
  const [t = '', v1 = ''] = (sign(stripe)['stripe-signature'] ?? '').split(',');
  const hex = '0'.repeat(64);
  test.each([
    [standardWebhooks, `${foreign} ${own}`, 'authentic', 'the second is ours'],
    [standardWebhooks, `v2,${own.slice(3)}`, 'malformed_signature', 'of a version that we do not know'],
    [standardWebhooks, `v1a,zzz ${own}`, 'authentic', 'other versions are passed over'],
    [standardWebhooks, `${foreign} ${foreign}`, 'wrong_signature', 'none is ours'],
    [standardWebhooks, Array(limits.signaturesMax).fill(own).join(' '), 'authentic', 'as many as may be'],
    [
      standardWebhooks,
      Array(limits.signaturesMax + 1)
        .fill(own)
        .join(' '),
      'malformed_signature',
      'one too many',
    ],
    [stripe, `${t},v1=${hex},${v1},v0=${hex}`, 'authentic', 'the second v1 is ours'],
    [stripe, `${t},v0=${hex}`, 'malformed_signature', 'no v1'],
    [stripe, `${t},${t},${v1}`, 'malformed_signature', 'two times: which one was signed is unclear'],
    [stripe, `t=,${v1}`, 'malformed_signature', 'no time'],
  ] as const)('%o %s: %s, %s', (verify, header, reason, _why) => {
    expect(judge(verify, { ...sign(verify), [schemeOf(verify).header]: header })).toBe(reason);
  });
});

describe('the rest', () => {
  test.each([
    [
      github,
      { 'x-hub-signature-256': `SHA256=${'a'.repeat(64)}` },
      'malformed_signature',
      'the prefix is exact',
    ],
    [
      github,
      { 'x-hub-signature-256': `sha256=${'A'.repeat(64)}` },
      'malformed_signature',
      'hex is lower-case',
    ],
    [github, { 'x-hub-signature-256': 'sha256=' }, 'malformed_signature', 'empty'],
    [bearer, { authorization: `bearer  ${secret}` }, 'authentic', 'the scheme has no case (RFC 9110)'],
    [bearer, { authorization: `Basic ${secret}` }, 'malformed_signature', 'another scheme'],
    [bearer, { authorization: 'Bearer' }, 'malformed_signature', 'no token'],
    [bearer, { authorization: `Bearer ${secret}x` }, 'wrong_signature', 'another length'],
    [{ scheme: 'none' }, {}, 'authentic', 'nothing to prove'],
  ] as const)('%o %o: %s, %s', (verify, headers, reason, _why) => {
    expect(judge(verify as Verify, headers)).toBe(reason);
  });

  test('a Standard Webhooks secret is the same with and without whsec_', () => {
    expect(sign(standardWebhooks, `whsec_${secret}`)).toEqual(sign(standardWebhooks));
    expect(judge(standardWebhooks, sign(standardWebhooks), ['whsec_'])).toBe('no_secret');
  });

  test.each([github, bearer])('nothing is signed with an empty secret: %o', (verify) => {
    expect(() => sign(verify, '')).toThrow('empty');
  });

  test.each([
    ['2026-11-23T10:00:00Z', 'authentic'],
    ['2026-11-23T11:00:00.000+01:00', 'authentic'],
    [String(now.getTime()), 'authentic'],
    ['2026-11-23 10:00:00', 'malformed_signature'],
    ['2026-13-45T10:00:00Z', 'malformed_signature'],
    ['-1', 'malformed_signature'],
    ['1e9', 'malformed_signature'],
  ])('hmac: the time may be %s: %s', (time, reason) => {
    // Signed without a scheme's time and with it as the first part: the same bytes.
    const bytes = Buffer.concat([Buffer.from(`${time}|`), body]);
    const signed = signRequest({ ...hmac, timestampHeader: null }, bytes, secret, now, '');
    expect(judge(hmac, { ...signed, 'x-sum-time': time })).toBe(reason);
  });
});

function flip(bytes: Uint8Array, bit: number): Buffer {
  const flipped = Buffer.from(bytes);
  const at = bit % (flipped.length * 8);
  flipped[at >> 3] = (flipped[at >> 3] ?? 0) ^ (1 << (at & 7));
  return flipped;
}
