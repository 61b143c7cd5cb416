import { hash, sign } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { SignedRequest } from '../../src/intake/request.ts';
import { body, jwk, pairs, pem, seconds, token } from './tokens.ts';

/**
 * Senders of signed tokens, and those whose certificate is fetched, each as YAML from its own documentation. `KEYS` in it
 * stands for the server that serves `pages`; `signing` is the key of `test/support/certificates/signing.pem`.
 */
export interface TokenProvider {
  readonly name: string;
  readonly yaml: string;
  readonly secret?: string;
  readonly pages?: Readonly<Record<string, string | ((posted: string) => string)>>;
  readonly sent: (about: { readonly keys: string; readonly signing: string }) => Partial<SignedRequest> & {
    readonly headers?: Readonly<Record<string, string>>;
  };
  /** Whether the token says nothing of the body. */
  readonly bodyIsFree?: true;
}

const { rsa, p256 } = pairs;
const times = { iat: seconds, exp: seconds + 300 };
const keySet = (key: object) => JSON.stringify({ keys: [key] });
const rsaSet = { '/jwks': keySet(jwk(rsa.publicKey, { kid: 'k1', use: 'sig' })) };
const sha256 = hash('sha256', body);
const bearer = (made: string) => ({ authorization: `Bearer ${made}` });

export const tokenProviders: readonly TokenProvider[] = [
  {
    name: 'Google Pub/Sub',
    yaml: 'verify: { scheme: google-pubsub, claims: { aud: "https://hooks.example.com", email: push@example.iam.gserviceaccount.com }, keys: { url: KEYS/jwks, allow_private: true } }',
    pages: rsaSet,
    sent: () => ({
      headers: bearer(
        token(
          'RS256',
          rsa.privateKey,
          {
            ...times,
            iss: 'https://accounts.google.com',
            aud: 'https://hooks.example.com',
            email: 'push@example.iam.gserviceaccount.com',
            email_verified: true,
          },
          { kid: 'k1' },
        ),
      ),
    }),
    bodyIsFree: true,
  },
  {
    name: 'Plaid',
    yaml: 'verify: { scheme: plaid, username: client, secret: { env: S }, keys: { url: KEYS/webhook_verification_key/get, allow_private: true } }',
    pages: {
      '/webhook_verification_key/get': (posted) => {
        const { client_id: client, secret, key_id: kid } = JSON.parse(posted);
        const known = client === 'client' && secret === 's3cret' && kid === 'k1';
        return JSON.stringify(known ? { key: jwk(p256.publicKey, { kid, expired_at: null }) } : {});
      },
    },
    sent: () => ({
      headers: {
        'plaid-verification': token(
          'ES256',
          p256.privateKey,
          { iat: seconds, request_body_sha256: sha256 },
          { kid: 'k1' },
        ),
      },
    }),
  },
  {
    name: 'Vonage',
    yaml: 'verify: { scheme: vonage, secret: { env: S } }',
    sent: () => ({
      headers: bearer(
        token('HS256', 's3cret', {
          iat: seconds,
          jti: 'j1',
          iss: 'Vonage',
          api_key: 'a',
          payload_hash: sha256,
        }),
      ),
    }),
  },
  {
    name: 'Atlassian Connect',
    yaml: 'verify: { scheme: custom, algorithm: jwt-hs256, secret: { env: S }, signature: { header: authorization, prefix: "JWT " }, claims: { iss: tenant-1, qsh: { sha256: "{method}&/in/meta-ads&{sorted_query}" } } }',
    sent: () => ({
      url: 'https://hooks.example.com/in/meta-ads?b=2&a=1',
      headers: {
        authorization: `JWT ${token('HS256', 's3cret', { ...times, iss: 'tenant-1', qsh: hash('sha256', 'POST&/in/meta-ads&a=1&b=2') })}`,
      },
    }),
    bodyIsFree: true,
  },
  {
    name: 'MessageBird',
    yaml: 'verify: { scheme: custom, algorithm: jwt-hs256, secret: { env: S }, signature: { header: messagebird-signature-jwt }, claims: { iss: MessageBird, url_hash: { sha256: "{url}" }, payload_hash: { sha256: "{body}" } }, id: { claim: jti } }',
    sent: () => ({
      headers: {
        'messagebird-signature-jwt': token('HS256', 's3cret', {
          ...times,
          iss: 'MessageBird',
          jti: 'j1',
          url_hash: hash('sha256', 'https://hooks.example.com/in/meta-ads'),
          payload_hash: sha256,
        }),
      },
    }),
  },
  {
    name: 'a security event token (RFC 8417) as the whole body',
    yaml: 'verify: { scheme: custom, algorithm: jwt-rs256, signature: { body: whole }, claims: { iss: https://idp.example.com, aud: us }, id: { claim: jti }, keys: { url: KEYS/jwks, allow_private: true } }',
    pages: rsaSet,
    sent: () => ({
      headers: { 'content-type': 'application/secevent+jwt' },
      body: Buffer.from(
        token(
          'RS256',
          rsa.privateKey,
          { iat: seconds, iss: 'https://idp.example.com', aud: ['us'], jti: 'j1', events: {} },
          { kid: 'k1', typ: 'secevent+jwt' },
        ),
      ),
    }),
  },
  {
    name: 'a token in a field of the body, by a public key',
    secret: pem(rsa.publicKey),
    yaml: 'verify: { scheme: custom, algorithm: jwt-ps256, secret: { env: S }, signature: { field: /proof }, claims: { sub: "7" } }',
    sent: () => ({
      body: Buffer.from(
        JSON.stringify({ a: 12.5, proof: token('PS256', rsa.privateKey, { ...times, sub: '7' }) }),
      ),
    }),
    bodyIsFree: true,
  },
  {
    name: 'PayPal',
    yaml: "verify: { scheme: custom, algorithm: rsa-sha256, signature: { header: paypal-transmission-sig, encoding: base64 }, timestamp: { header: paypal-transmission-time, unit: rfc3339 }, id: { header: paypal-transmission-id, once: true }, signs: '{id}|{timestamp}|WH-1|{body_crc32}', keys: { certificate: { header: paypal-cert-url }, host: '127\\.0\\.0\\.1', allow_private: true } }",
    sent: ({ keys, signing }) => {
      const time = '2026-11-23T10:00:00Z';
      return {
        headers: {
          'paypal-transmission-id': 't1',
          'paypal-transmission-time': time,
          'paypal-cert-url': `${keys}/signing.pem`,
          'paypal-transmission-sig': sign(
            'sha256',
            Buffer.from(`t1|${time}|WH-1|${crc32(body)}`),
            signing,
          ).toString('base64'),
        },
      };
    },
  },
];
