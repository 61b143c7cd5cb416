import { createHmac, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limits } from '../limits.ts';
import type { Verify } from '../workflow/project.ts';
import type { SchemeText } from '../workflow/verify-schema.ts';
import { type PresetName, presets, verifyBy } from './presets.ts';
import type { SignedRequest } from './request.ts';
import { schemeOf, takesTime } from './schemes.ts';
import { signedAs } from './sign.ts';
import { verifyRequest } from './signature.ts';

const now = new Date('2026-11-23T10:00:00.000Z');
const later = (ms: number) => new Date(now.getTime() + ms);
const json: SignedRequest = {
  method: 'POST',
  url: 'https://hooks.example.com/in/form?a=1&b=2',
  headers: { 'content-type': 'application/json' },
  body: Buffer.from('{"lead":"é","at":[1,2]}'),
  address: '10.0.0.7',
};
const form: SignedRequest = {
  ...json,
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: Buffer.from('To=%2B1&From=Ada+L&Body=h%C3%A9'),
};

const keyPair = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const shared = { check: 'c2VjcmV0LW9mLXRoaXMtdGVzdA==', sign: 'c2VjcmV0LW9mLXRoaXMtdGVzdA==' };
const pair = {
  check: keyPair.publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
  sign: keyPair.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
};

interface Case {
  readonly name: string;
  readonly verify: Exclude<Verify, { scheme: 'none' }>;
  readonly secret: { readonly check: string; readonly sign: string };
  readonly request: SignedRequest;
}

function custom(text: SchemeText): Exclude<Verify, { scheme: 'none' }> {
  return { scheme: 'custom', secrets: [], signature: schemeOf(text) };
}

// What takes time to prove, test/intake/tokens.test.ts and certificates.test.ts show.
const names = (Object.keys(presets) as PresetName[]).filter((name) => !takesTime(verifyBy(name, [])));
const cases: readonly Case[] = [
  ...names.map((name) => ({
    name,
    verify: verifyBy(name, []) as Case['verify'],
    secret: name === 'sendgrid' ? pair : shared,
    request: name === 'twilio' ? form : json,
  })),
  {
    name: 'twilio with JSON',
    verify: verifyBy('twilio', []) as Case['verify'],
    secret: shared,
    request: json,
  },
  {
    name: 'every part at once',
    verify: custom({
      algorithm: 'hmac-sha512',
      key: { encoding: 'base64' },
      signature: { header: 'x-sums', prefix: 'v1=', separator: ';', encoding: 'base64url' },
      signs: '{method}|{target}|{timestamp}|{id}|{signed_headers}|{body_sha256}',
      timestamp: { element: 'at', unit: 'rfc3339' },
      id: { field: '/id' },
      signed_headers: { element: 'h', separator: ' ', each: '{name}={value}', join: '\n' },
      body_digest: { header: 'digest', algorithm: 'sha512', encoding: 'base64', prefix: 'SHA-512=' },
    }),
    secret: shared,
    request: json,
  },
];
const table = cases.map((each) => [each.name, each] as const);
const stripe = cases.find(({ name }) => name === 'stripe') as Case;
const standardWebhooks = cases.find(({ name }) => name === 'standard-webhooks') as Case;
const timed = table.filter(([, { verify }]) => verify.signature.timestamp !== null);
const carriesSecret = ['token', 'basic', 'proxy'];
const signing = table.filter(([, { verify }]) => !carriesSecret.includes(verify.signature.algorithm));

const signed = ({ verify, request, secret }: Case, at = now) =>
  signedAs(verify, request, secret.sign, at, 'msg_1');

function judge(
  { verify, secret }: Pick<Case, 'verify' | 'secret'>,
  request: SignedRequest,
  secrets: readonly string[] = [secret.check],
  at = now,
): string {
  const found = verifyRequest(verify, request, secrets, at);
  return found.authentic ? 'authentic' : found.reason;
}

test.each<[apartMs: number, judged: string, reason: string]>([
  [limits.signatureToleranceMs, 'authentic', 'as far as a time may lie back where nothing is said'],
  [limits.signatureToleranceMs + 1, 'too_old', 'further'],
  [-limits.signatureToleranceMs, 'authentic', 'as far ahead'],
  [-limits.signatureToleranceMs - 1, 'too_new', 'further'],
])('a signature %i ms old is %s: %s', (apartMs, expected) => {
  const verify = custom({
    signature: { header: 'x-sum' },
    signs: '{timestamp}.{body}',
    timestamp: { header: 'x-at' },
  });
  const each = { name: '', verify, secret: shared, request: json };
  expect(judge(each, signed(each), undefined, later(apartMs))).toBe(expected);
});

test.each<[names: number, judged: string, reason: string]>([
  [limits.signedHeadersMax, 'authentic', 'as many headers as may be listed as signed'],
  [limits.signedHeadersMax + 1, 'wrong_signature', 'one more, and none of them counts'],
])('a request that lists %i headers as signed is %s: %s', (count, expected) => {
  const names = Array.from({ length: count }, (_, index) => `h${index}`);
  const values = Object.fromEntries(names.map((name) => [name, `value of ${name}`]));
  const verify = custom({
    signature: { header: 'x-sum' },
    signs: '{signed_headers}',
    signed_headers: { header: 'x-list', separator: ',', each: '{value}', join: '|' },
  });
  const headers = { 'x-list': names.join(','), ...values };
  const sum = createHmac('sha256', shared.sign).update(Object.values(values).join('|')).digest('hex');
  const request = { ...json, headers: { ...headers, 'x-sum': sum } };
  expect(judge({ verify, secret: shared }, request)).toBe(expected);
});

describe.each(table)('%s', (_name, each) => {
  test('what was signed is authentic, under any of several secrets', () => {
    expect(judge(each, signed(each))).toBe('authentic');
    expect(judge(each, signed(each), ['', 'bmV3', each.secret.check])).toBe('authentic');
    if (each.secret === shared) expect(judge(each, signed(each), ['bmV3', 'b2xk'])).toBe('wrong_signature');
  });

  test('without a secret nothing is', () => {
    expect(judge(each, signed(each), [])).toBe('no_secret');
    expect(judge(each, signed(each), [''])).toBe('no_secret');
  });

  test('each header that it adds is missed', () => {
    const request = signed(each);
    for (const name of Object.keys(request.headers).filter((added) => !(added in json.headers))) {
      expect(judge(each, withHeader(request, name, '')), name).toBe(
        name === 'digest' ? 'authentic' : 'missing_signature',
      );
    }
    expect(judge(each, each.request)).toBe('missing_signature');
  });

  test('no garbage makes it throw', () => {
    const latin1 = fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('latin1'));
    const all = [...Object.keys(signed(each).headers), 'constructor', '__proto__'];
    const headers = fc.dictionary(fc.constantFrom(...all), latin1);
    const secrets = fc.array(fc.oneof(fc.string(), fc.constant(each.secret.check)));
    fc.assert(
      fc.property(headers, fc.uint8Array(), latin1, secrets, (garbage, body, query, keys) => {
        const request = { ...json, url: `${json.url}${query}`, headers: garbage, body };
        expect(verifyRequest(each.verify, request, keys, now).authentic).toBe(false);
      }),
    );
  });
});

describe.each(signing)('%s', (_name, each) => {
  test('any one bit flipped in body, signature, time or id refuses', () => {
    const request = signed(each);
    const places = [...Object.keys(request.headers).filter((name) => name !== 'content-type'), null];
    const { verify } = each;
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.nat(), (place, bit) => {
        const flipped =
          place === null
            ? { ...request, body: flip(request.body, bit) }
            : withHeader(
                request,
                place,
                flip(Buffer.from(request.headers[place] ?? ''), bit).toString('latin1'),
              );
        fc.pre(place !== null || !sameForm(request, flipped));
        expect(verifyRequest(verify, flipped, [each.secret.check], now).authentic).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});

describe.each(timed)('%s', (_name, each) => {
  test('the edges of the time', () => {
    const { toleranceMs } = each.verify.signature;
    const at = (ms: number) => judge(each, signed(each), [each.secret.check], later(ms));
    expect([at(toleranceMs), at(toleranceMs + 1)]).toEqual(['authentic', 'too_old']);
    expect([at(-toleranceMs), at(-toleranceMs - 1)]).toEqual(['authentic', 'too_new']);
  });
});

describe('several signatures in one header', () => {
  const ours = signed(standardWebhooks).headers['webhook-signature'] ?? '';
  const foreign =
    signedAs(standardWebhooks.verify, json, 'b3RoZXI=', now, 'msg_1').headers['webhook-signature'] ?? '';
  const [t = '', v1 = ''] = (signed(stripe).headers['stripe-signature'] ?? '').split(',');
  const hex = '0'.repeat(64);
  const many = (count: number) => Array(count).fill(ours).join(' ');
  test.each([
    [standardWebhooks, `${foreign} ${ours}`, 'authentic', 'the second is ours'],
    [standardWebhooks, `v2,${ours.slice(3)}`, 'malformed_signature', 'of a version that we do not know'],
    [standardWebhooks, `v1a,zzz ${ours}`, 'authentic', 'other versions are passed over'],
    [standardWebhooks, `${foreign} ${foreign}`, 'wrong_signature', 'none is ours'],
    [standardWebhooks, many(limits.signaturesMax), 'authentic', 'as many as may be'],
    [standardWebhooks, many(limits.signaturesMax + 1), 'malformed_signature', 'one too many'],
    [stripe, `${t},v1=${hex},${v1},v0=${hex}`, 'authentic', 'the second v1 is ours'],
    [stripe, `${t}, ${v1}`, 'authentic', 'with space after the comma'],
    [stripe, `${t},v0=${hex}`, 'malformed_signature', 'no v1'],
    [stripe, `${t},${t},${v1}`, 'malformed_signature', 'two times: which one was signed is unclear'],
    [stripe, `t=,${v1}`, 'malformed_signature', 'no time'],
  ] as const)('$0.name %1$s: $2, $3', (each, header, reason, _why) => {
    const name = each === stripe ? 'stripe-signature' : 'webhook-signature';
    expect(judge(each, withHeader(signed(each), name, header))).toBe(reason);
  });
});

describe('the rest', () => {
  const token = 'c2VjcmV0';
  const github = verifyBy('github', []) as Case['verify'];
  const bearer = verifyBy('bearer', []) as Case['verify'];
  test.each([
    [github, 'x-hub-signature-256', `SHA256=${'a'.repeat(64)}`, 'malformed_signature', 'the prefix is exact'],
    [github, 'x-hub-signature-256', `sha256=${'A'.repeat(64)}`, 'malformed_signature', 'hex is lower-case'],
    [github, 'x-hub-signature-256', 'sha256=', 'malformed_signature', 'empty'],
    [bearer, 'authorization', `bearer  ${token}`, 'authentic', 'the scheme has no case (RFC 9110)'],
    [bearer, 'authorization', `Basic ${token}`, 'malformed_signature', 'another scheme'],
    [bearer, 'authorization', 'Bearer', 'malformed_signature', 'no token'],
    [bearer, 'authorization', `Bearer ${token}x`, 'wrong_signature', 'another length'],
  ] as const)('$0.scheme $2: $3, $4', (verify, name, value, reason, _why) => {
    const found = verifyRequest(verify, withHeader(json, name, value), [token], now);
    expect(found.authentic ? 'authentic' : found.reason).toBe(reason);
  });

  test('none proves nothing, and takes anything', () => {
    expect(verifyRequest({ scheme: 'none' }, json, [], now)).toMatchObject({ authentic: true });
    expect(signedAs({ scheme: 'none' }, json, '', now, '')).toBe(json);
  });

  test('headers with a signature or a secret are named, to be left out of the record', () => {
    expect(verifyRequest(stripe.verify, signed(stripe), [shared.check], now)).toEqual({
      authentic: true,
      secretHeaders: ['stripe-signature'],
      id: null,
    });
    expect(
      verifyRequest(standardWebhooks.verify, signed(standardWebhooks), [shared.check], now),
    ).toMatchObject({ id: 'msg_1' });
  });

  test('a Standard Webhooks secret is the same with and without whsec_', () => {
    const { verify, request } = standardWebhooks;
    const prefixed = signedAs(verify, request, `whsec_${shared.sign}`, now, 'msg_1');
    expect(prefixed).toEqual(signed(standardWebhooks));
    expect(judge(standardWebhooks, prefixed, ['whsec_'])).toBe('no_secret');
  });

  test.each(table)('nothing is signed with an empty secret: %s', (_name, { verify, request }) => {
    expect(() => signedAs(verify, request, '', now, '')).toThrow('empty');
  });

  test.each([
    ['s', '1795428000', 'authentic'],
    ['s', '1795428000000', 'malformed_signature'],
    ['s', '-1', 'malformed_signature'],
    ['s', '1e9', 'malformed_signature'],
    ['ms', '1795428000000', 'authentic'],
    ['ms', '1795428000', 'too_old'],
    ['rfc3339', '2026-11-23T10:00:00Z', 'authentic'],
    ['rfc3339', '2026-11-23T11:00:00.000+01:00', 'authentic'],
    ['rfc3339', '2026-11-23 10:00:00', 'malformed_signature'],
    ['rfc3339', '2026-13-45T10:00:00Z', 'malformed_signature'],
  ] as const)('a time in %s, %s: %s', (unit, time, reason) => {
    const text: SchemeText = { signature: { header: 'x-sum' }, timestamp: { header: 'x-time', unit } };
    const each = { verify: custom({ ...text, signs: '{timestamp}|{body}' }), secret: shared };
    // Signed by a scheme without a time over the same bytes.
    const bytes = Buffer.concat([Buffer.from(`${time}|`), json.body]);
    const bare = custom({ signature: { header: 'x-sum' } });
    const { headers } = signedAs(bare, { ...json, body: bytes }, shared.sign, now, '');
    expect(judge(each, { ...json, headers: { ...headers, 'x-time': time } })).toBe(reason);
  });
});

function withHeader(request: SignedRequest, name: string, value: string): SignedRequest {
  return { ...request, headers: { ...request.headers, [name]: value } };
}

/** A space may be written as `+` or `%20`, and hex digits have no case: another spelling of the same form is no change. */
function sameForm(one: SignedRequest, other: SignedRequest): boolean {
  if (one.headers['content-type'] !== form.headers['content-type']) return false;
  const fields = ({ body }: SignedRequest) =>
    JSON.stringify([...new URLSearchParams(Buffer.from(body).toString())].sort());
  return fields(one) === fields(other);
}

function flip(bytes: Uint8Array, bit: number): Buffer {
  const flipped = Buffer.from(bytes);
  const at = bit % (flipped.length * 8);
  flipped[at >> 3] = (flipped[at >> 3] ?? 0) ^ (1 << (at & 7));
  return flipped;
}
