import { createHmac, generateKeyPairSync, hash, sign } from 'node:crypto';
import type { SignedRequest } from '../../src/intake/request.ts';

/**
 * Providers without a preset, each as YAML from its own documentation, and signed here as that says, by a few lines of
 * node:crypto that share nothing with the product.
 */

export const now = new Date('2026-11-23T10:00:00.000Z');
const seconds = String(now.getTime() / 1000);
export const millis = String(now.getTime());
export const url = 'https://hooks.example.com/in/meta-ads';
export const body = '{"id":"evt_1","amount":12.5,"name":"é"}';
export const mac = (algorithm: string, key: string | Buffer, text: string) =>
  createHmac(algorithm, key).update(text);
const hex = (text: string, key: string | Buffer = 's3cret') => mac('sha256', key, text).digest('hex');
export const base64 = (text: string, key: string | Buffer = 's3cret') =>
  mac('sha256', key, text).digest('base64');

const ed25519 = generateKeyPairSync('ed25519');
const p256 = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const bareEd25519 = ed25519.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
const barePoint = p256.publicKey.export({ format: 'der', type: 'spki' }).subarray(-65);

export interface Provider {
  readonly name: string;
  readonly yaml: string;
  readonly secret?: string;
  /** What the provider sends over a JSON POST of `body` to `url`. */
  readonly sent: Partial<Omit<SignedRequest, 'body'>> & { readonly body?: string };
  /** Another body, where the usual change of one is no change to what is signed. */
  readonly forged?: string;
}

const headerHmac = (header: string, more = '') =>
  `verify: { scheme: custom, secret: { env: S }, algorithm: hmac-sha256, signature: { header: ${header}${more} } }`;

const adyen = (value: number) =>
  JSON.stringify({
    notificationItems: [
      {
        NotificationRequestItem: {
          pspReference: 'P1',
          amount: { value, currency: 'EUR' },
          success: 'true',
          additionalData: { hmacSignature: base64('P1::1130:EUR:true', Buffer.from('44aa', 'hex')) },
        },
      },
    ],
  });
const item = '/notificationItems/0/NotificationRequestItem';

export const providers: readonly Provider[] = [
  {
    name: 'Linear',
    yaml: headerHmac('linear-signature'),
    sent: { headers: { 'linear-signature': hex(body) } },
  },
  {
    name: 'Dropbox',
    yaml: headerHmac('X-Dropbox-Signature'),
    sent: { headers: { 'x-dropbox-signature': hex(body) } },
  },
  {
    name: 'Razorpay',
    yaml: headerHmac('x-razorpay-signature'),
    sent: { headers: { 'x-razorpay-signature': hex(body) } },
  },
  {
    name: 'Coinbase Commerce',
    yaml: headerHmac('x-cc-webhook-signature'),
    sent: { headers: { 'x-cc-webhook-signature': hex(body) } },
  },
  {
    name: 'Sentry',
    yaml: headerHmac('sentry-hook-signature'),
    sent: { headers: { 'sentry-hook-signature': hex(body) } },
  },
  {
    name: 'Bitbucket',
    yaml: 'verify: { scheme: github, secret: { env: S }, signature: { header: x-hub-signature } }',
    sent: { headers: { 'x-hub-signature': `sha256=${hex(body)}` } },
  },
  {
    name: 'Xero',
    yaml: headerHmac('x-xero-signature', ', encoding: base64'),
    sent: { headers: { 'x-xero-signature': base64(body) } },
  },
  {
    name: 'WooCommerce',
    yaml: headerHmac('x-wc-webhook-signature', ', encoding: base64'),
    sent: { headers: { 'x-wc-webhook-signature': base64(body) } },
  },
  {
    name: 'Airtable',
    secret: Buffer.from('s3cret').toString('base64'),
    yaml: 'verify: { scheme: custom, secret: { env: S }, algorithm: hmac-sha256, key: { encoding: base64 }, signature: { header: x-airtable-content-mac, prefix: hmac-sha256= } }',
    sent: { headers: { 'x-airtable-content-mac': `hmac-sha256=${hex(body)}` } },
  },
  {
    name: 'Vercel',
    yaml: 'verify: { scheme: hmac, secret: { env: S }, header: x-vercel-signature, algorithm: sha1 }',
    sent: { headers: { 'x-vercel-signature': mac('sha1', 's3cret', body).digest('hex') } },
  },
  {
    name: 'Paystack',
    yaml: 'verify: { scheme: hmac, secret: { env: S }, header: x-paystack-signature, algorithm: sha512 }',
    sent: { headers: { 'x-paystack-signature': mac('sha512', 's3cret', body).digest('hex') } },
  },
  {
    name: 'Authorize.net',
    secret: Buffer.from('s3cret').toString('hex'),
    yaml: 'verify: { scheme: custom, secret: { env: S }, algorithm: hmac-sha512, key: { encoding: hex }, signature: { header: x-anet-signature, prefix: sha512=, encoding: hex-upper } }',
    sent: {
      headers: { 'x-anet-signature': `sha512=${mac('sha512', 's3cret', body).digest('hex').toUpperCase()}` },
    },
  },
  {
    name: 'Paddle, while its secret rotates',
    yaml: "verify: { scheme: custom, secret: { env: S }, algorithm: hmac-sha256, signature: { header: paddle-signature, separator: ';', prefix: h1= }, timestamp: { element: ts }, signs: '{timestamp}:{body}' }",
    sent: {
      headers: { 'paddle-signature': `ts=${seconds};h1=${hex('other')};h1=${hex(`${seconds}:${body}`)}` },
    },
  },
  {
    name: 'Svix',
    secret: `whsec_${Buffer.from('s3cret').toString('base64')}`,
    yaml: 'verify: { scheme: standard-webhooks, secret: { env: S }, signature: { header: svix-signature }, timestamp: { header: svix-timestamp }, id: { header: svix-id } }',
    sent: {
      headers: {
        'svix-id': 'm1',
        'svix-timestamp': seconds,
        'svix-signature': `v1,AAAA v1,${base64(`m1.${seconds}.${body}`)}`,
      },
    },
  },
  {
    name: 'Zoom',
    yaml: 'verify: { scheme: slack, secret: { env: S }, signature: { header: x-zm-signature }, timestamp: { header: x-zm-request-timestamp } }\nchallenge: { scheme: zoom }',
    sent: {
      headers: { 'x-zm-request-timestamp': seconds, 'x-zm-signature': `v0=${hex(`v0:${seconds}:${body}`)}` },
    },
  },
  {
    name: 'Webflow',
    yaml: "verify: { scheme: custom, secret: { env: S }, algorithm: hmac-sha256, signature: { header: x-webflow-signature }, timestamp: { header: x-webflow-timestamp, unit: ms }, signs: '{timestamp}:{body}' }",
    sent: { headers: { 'x-webflow-timestamp': millis, 'x-webflow-signature': hex(`${millis}:${body}`) } },
  },
  {
    name: 'Square',
    yaml: "verify: { scheme: custom, secret: { env: S }, algorithm: hmac-sha256, signature: { header: x-square-hmacsha256-signature, encoding: base64 }, signs: '{url}{body}' }",
    sent: { headers: { 'x-square-hmacsha256-signature': base64(`${url}${body}`) } },
  },
  {
    name: 'Trello',
    yaml: "verify: { scheme: custom, secret: { env: S }, algorithm: hmac-sha1, signature: { header: x-trello-webhook, encoding: base64 }, signs: '{body}{url}' }",
    sent: { headers: { 'x-trello-webhook': mac('sha1', 's3cret', `${body}${url}`).digest('base64') } },
  },
  {
    name: 'Mandrill',
    yaml: "verify: { scheme: custom, secret: { env: S }, algorithm: hmac-sha1, signature: { header: x-mandrill-signature, encoding: base64 }, signs: '{url}{form}' }",
    sent: {
      headers: {
        'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
        'x-mandrill-signature': mac('sha1', 's3cret', `${url}aZmandrill_events[{"event":"open é"}]`).digest(
          'base64',
        ),
      },
      body: 'mandrill_events=%5B%7B%22event%22%3A%22open+%C3%A9%22%7D%5D&a=Z',
    },
    forged: 'mandrill_events=%5B%5D&a=Z',
  },
  {
    name: 'Mailgun',
    yaml: "verify: { scheme: custom, secret: { env: S }, algorithm: hmac-sha256, signature: { field: /signature/signature }, timestamp: { field: /signature/timestamp }, id: { field: /signature/token, once: true }, signs: '{timestamp}{id}' }",
    sent: {
      body: `{"signature":{"timestamp":"${seconds}","token":"t1","signature":"${hex(`${seconds}t1`)}"}}`,
    },
    forged: `{"signature":{"timestamp":"${seconds}","token":"t2","signature":"${hex(`${seconds}t1`)}"}}`,
  },
  {
    name: 'Mailgun, legacy form',
    yaml: "verify: { scheme: custom, secret: { env: S }, algorithm: hmac-sha256, signature: { form: signature }, timestamp: { form: timestamp }, id: { form: token, once: true }, signs: '{timestamp}{id}' }",
    sent: {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `timestamp=${seconds}&token=t1&signature=${hex(`${seconds}t1`)}`,
    },
    forged: `timestamp=${seconds}&token=t2&signature=${hex(`${seconds}t1`)}`,
  },
  {
    name: 'DocuSign with two keys',
    yaml: headerHmac('x', '').replace(
      'header: x',
      'headers: [x-docusign-signature-1, x-docusign-signature-2], encoding: base64',
    ),
    sent: {
      headers: { 'x-docusign-signature-1': base64(body, 'old'), 'x-docusign-signature-2': base64(body) },
    },
  },
  {
    name: 'Box',
    yaml: "verify: { scheme: custom, secret: { env: S }, algorithm: hmac-sha256, signature: { headers: [box-signature-primary, box-signature-secondary], encoding: base64 }, timestamp: { header: box-delivery-timestamp, unit: rfc3339 }, signs: '{body}{timestamp}' }",
    sent: {
      headers: {
        'box-delivery-timestamp': '2026-11-23T02:00:00-08:00',
        'box-signature-primary': base64(`${body}2026-11-23T02:00:00-08:00`),
      },
    },
  },
  {
    name: 'Adyen',
    secret: '44aa',
    yaml: `verify: { scheme: custom, secret: { env: S }, algorithm: hmac-sha256, key: { encoding: hex }, signature: { field: ${item}/additionalData/hmacSignature, encoding: base64 }, signs: '{field:${item}/pspReference}:{field?:${item}/originalReference}:{field:${item}/amount/value}:{field:${item}/amount/currency}:{field:${item}/success}' }`,
    sent: { body: adyen(1130) },
    forged: adyen(1131),
  },
  {
    name: 'Contentful',
    yaml: "verify: { scheme: custom, secret: { env: S }, algorithm: hmac-sha256, signature: { header: x-contentful-signature }, timestamp: { header: x-contentful-timestamp, unit: ms }, signed_headers: { header: x-contentful-signed-headers, each: '{name}:{value}', join: ';' }, signs: \"{method}\\n{target}\\n{signed_headers}\\n{body}\" }",
    sent: {
      url: `${url}?env=a%20b`,
      headers: {
        'x-contentful-signed-headers': 'x-contentful-signed-headers,x-contentful-timestamp',
        'x-contentful-timestamp': millis,
        'x-contentful-signature': hex(
          `POST\n/in/meta-ads?env=a%20b\nx-contentful-signed-headers:x-contentful-signed-headers,x-contentful-timestamp;x-contentful-timestamp:${millis}\n${body}`,
        ),
      },
    },
  },
  {
    name: 'Coinbase Developer Platform',
    yaml: "verify: { scheme: custom, secret: { env: S }, algorithm: hmac-sha256, signature: { header: x-hook0-signature, separator: ',', prefix: v1= }, timestamp: { element: t }, signed_headers: { element: h, separator: ' ', each: '{value}', join: . }, signs: '{timestamp}.{element:h}.{signed_headers}.{body}' }",
    sent: {
      headers: {
        'x-event-id': 'e1',
        'x-hook0-signature': `t=${seconds},h=content-type x-event-id,v1=${hex(`${seconds}.content-type x-event-id.application/json.e1.${body}`)}`,
      },
    },
  },
  {
    name: 'Discord',
    secret: bareEd25519.toString('hex'),
    yaml: "verify: { scheme: custom, secret: { env: S }, algorithm: ed25519, key: { encoding: hex }, signature: { header: x-signature-ed25519 }, timestamp: { header: x-signature-timestamp }, signs: '{timestamp}{body}' }",
    sent: {
      headers: {
        'x-signature-timestamp': seconds,
        'x-signature-ed25519': sign(null, Buffer.from(`${seconds}${body}`), ed25519.privateKey).toString(
          'hex',
        ),
      },
    },
  },
  {
    name: 'Telnyx',
    secret: bareEd25519.toString('base64'),
    yaml: "verify: { scheme: custom, secret: { env: S }, algorithm: ed25519, key: { encoding: base64 }, signature: { header: telnyx-signature-ed25519, encoding: base64 }, timestamp: { header: telnyx-timestamp }, signs: '{timestamp}|{body}' }",
    sent: {
      headers: {
        'telnyx-timestamp': seconds,
        'telnyx-signature-ed25519': sign(
          null,
          Buffer.from(`${seconds}|${body}`),
          ed25519.privateKey,
        ).toString('base64'),
      },
    },
  },
  {
    name: 'ECDSA with a bare point and a raw signature',
    secret: barePoint.toString('hex'),
    yaml: 'verify: { scheme: custom, secret: { env: S }, algorithm: ecdsa-p256, key: { encoding: hex }, signature: { header: x-signature, encoding: base64url, format: raw } }',
    sent: {
      headers: {
        'x-signature': sign('sha256', Buffer.from(body), {
          key: p256.privateKey,
          dsaEncoding: 'ieee-p1363',
        }).toString('base64url'),
      },
    },
  },
  {
    name: 'Wise',
    secret: rsa.publicKey.export({ format: 'pem', type: 'spki' }).toString(),
    yaml: 'verify: { scheme: custom, secret: { env: S }, algorithm: rsa-sha256, signature: { header: x-signature-sha256, encoding: base64 } }',
    sent: {
      headers: { 'x-signature-sha256': sign('sha256', Buffer.from(body), rsa.privateKey).toString('base64') },
    },
  },
  {
    name: 'a plain digest of secret and body',
    yaml: "verify: { scheme: custom, secret: { env: S }, algorithm: sha1, signature: { header: x-digest }, signs: '{body}{secret}' }",
    sent: { headers: { 'x-digest': hash('sha1', `${body}s3cret`) } },
  },
  {
    name: 'a digest of the body beside signed headers',
    yaml: "verify: { scheme: custom, secret: { env: S }, algorithm: hmac-sha256, signature: { header: x-signature }, body_digest: { header: digest, encoding: base64, prefix: SHA-256= }, signs: '{header:digest}|{header:x-request-id}' }",
    sent: {
      headers: {
        digest: `SHA-256=${hash('sha256', body, 'base64')}`,
        'x-request-id': 'r1',
        'x-signature': hex(`SHA-256=${hash('sha256', body, 'base64')}|r1`),
      },
    },
  },
];
