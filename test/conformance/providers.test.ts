import { hash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { SignedRequest } from '../../src/intake/request.ts';
import { verifyRequest } from '../../src/intake/signature.ts';
import { base64, body, mac, millis, now, type Provider, providers, url } from '../support/providers.ts';
import { sourceOf } from '../support/verify.ts';

/** Providers that the product does not know, as data: what each sends is authentic, and nothing else is. */

const carriers: readonly Provider[] = [
  {
    name: 'Telegram',
    yaml: 'verify: { scheme: custom, secret: { env: S }, algorithm: token, signature: { header: x-telegram-bot-api-secret-token } }',
    sent: { headers: { 'x-telegram-bot-api-secret-token': 's3cret' } },
  },
  {
    name: 'Okta',
    yaml: 'verify: { scheme: custom, secret: { env: S }, algorithm: token, signature: { header: Authorization } }',
    sent: { headers: { authorization: 's3cret' } },
  },
  {
    name: 'Google Ads',
    yaml: 'verify: { scheme: custom, secret: { env: S }, algorithm: token, signature: { field: /google_key } }',
    sent: { body: '{"google_key":"s3cret"}' },
  },
  {
    name: 'a token in the address',
    yaml: 'verify: { scheme: custom, secret: { env: S }, algorithm: token, signature: { query: token } }',
    sent: { url: `${url}?token=s3cret` },
  },
  {
    name: 'basic with its own name',
    yaml: 'verify: { scheme: basic, username: adyen, secret: { env: S } }',
    sent: { headers: { authorization: `Basic ${Buffer.from('adyen:s3cret').toString('base64')}` } },
  },
  {
    name: 'basic with both in the secret',
    secret: 'a:b',
    yaml: 'verify: { scheme: basic, secret: { env: S } }',
    sent: { headers: { authorization: `basic ${Buffer.from('a:b').toString('base64')}` } },
  },
  {
    name: 'mutual TLS',
    yaml: 'verify: { scheme: custom, algorithm: proxy, secret: { env: S }, signature: { header: x-client-cert-fingerprint }, trusted_proxies: [10.0.0.0/8, "fd00::/8"] }',
    sent: { headers: { 'x-client-cert-fingerprint': 's3cret' }, address: '::ffff:10.1.2.3' },
  },
];

function requestOf({ sent }: Provider, text = sent.body ?? body): SignedRequest {
  const headers = { 'content-type': 'application/json', ...sent.headers };
  return { method: 'POST', url, address: null, ...sent, headers, body: Buffer.from(text) };
}

function verdict({ yaml, secret = 's3cret' }: Provider, request: SignedRequest, secrets = [secret]): string {
  const { verify } = sourceOf(yaml);
  if (verify === null) throw new Error('no verify');
  const found = verifyRequest(verify, request, secrets, now);
  return found.authentic ? 'authentic' : found.reason;
}

describe.each([...providers, ...carriers].map((each) => [each.name, each] as const))('%s', (_name, each) => {
  test('what it sends is authentic', () => {
    expect(verdict(each, requestOf(each))).toBe('authentic');
  });
  test('what another sends is not', () => {
    const other = each.secret === undefined || each.secret === 'a:b' ? 'another' : '';
    expect(verdict(each, requestOf(each), [other])).toBe(other === '' ? 'no_secret' : 'wrong_signature');
  });
});

test.each(providers.map((each) => [each.name, each] as const))(
  '%s: another body is refused',
  (_name, each) => {
    const forged = requestOf(each, each.forged ?? body.replace('12.5', '92.5'));
    expect(verdict(each, forged)).toBeOneOf(['wrong_signature', 'wrong_digest']);
  },
);

test.each([null, '192.0.2.1', 'fe80::1', 'rubbish'])(
  'the certificate that %s tells of is not believed',
  (address) => {
    const tls = carriers.find(({ name }) => name === 'mutual TLS') as Provider;
    expect(verdict(tls, { ...requestOf(tls), address })).toBe('untrusted_proxy');
  },
);

describe('addresses', () => {
  const twilio: Provider = {
    name: 'Twilio',
    yaml: 'verify: { scheme: twilio, secret: { env: S } }',
    sent: {},
  };
  const signedOver = (address: string, text = body): SignedRequest => ({
    ...requestOf(twilio, text),
    url: `${url}?bodySHA256=${hash('sha256', body)}`,
    headers: {
      'content-type': 'application/json',
      'x-twilio-signature': mac('sha1', 's3cret', address).digest('base64'),
    },
  });
  const query = `/in/meta-ads?bodySHA256=${hash('sha256', body)}`;
  test.each([
    [signedOver(`https://hooks.example.com${query}`), 'authentic', 'as it was called'],
    [signedOver(`https://hooks.example.com:443${query}`), 'authentic', 'with the port that it has'],
    [signedOver(`https://hooks.example.com:8443${query}`), 'wrong_signature', 'with another port'],
    [signedOver(`http://hooks.example.com${query}`), 'wrong_signature', 'with another protocol'],
    [signedOver(`https://hooks.example.com${query}`, '{}'), 'wrong_digest', 'with another body'],
    [{ ...signedOver(url), url }, 'missing_signature', 'a JSON body without its digest'],
  ] as const)('%#: %s, %s', (request, reason, _why) => {
    expect(verdict(twilio, request)).toBe(reason);
  });

  test('HubSpot decodes some of the address before it signs', () => {
    const text = `POST${url}?to=a@b:c&x=%20${body}${millis}`;
    const request = {
      ...requestOf(twilio),
      url: `${url}?to=a%40b%3ac&x=%20`,
      headers: { 'x-hubspot-request-timestamp': millis, 'x-hubspot-signature-v3': base64(text) },
    };
    expect(verdict({ ...twilio, yaml: 'verify: { scheme: hubspot-v3, secret: { env: S } }' }, request)).toBe(
      'authentic',
    );
  });
});
