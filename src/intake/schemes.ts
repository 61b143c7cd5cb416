import type { Verify } from '../workflow/project.ts';

/** How one kind of sender signs, as data: where signature and time stand, and what is signed. Header names are lower-case. */
export interface SignatureScheme {
  /** The header that carries the signature, or several. */
  readonly header: string;
  /** What stands between the elements of that header; null: it is one. */
  readonly separator: string | null;
  /** Text before each signature. Elements with another prefix (other versions) are passed over. */
  readonly prefix: string;
  readonly algorithm: 'sha1' | 'sha256' | 'sha512';
  readonly encoding: 'hex' | 'base64';
  /** `text`: the secret's own bytes are the key. `base64`: what it decodes to, after `whsec_` where that stands. */
  readonly key: 'text' | 'base64';
  /** Where the time stands: in a header of its own, or as an element of the signature's header; null: nowhere. */
  readonly time: { readonly header: string } | { readonly prefix: string } | null;
  /** What is signed, in this order. A header's value is the sender's id of the request. */
  readonly signed: readonly ('time' | 'body' | { readonly text: string } | { readonly header: string })[];
}

export type SignedVerify = Exclude<Verify, { readonly scheme: 'none' | 'bearer' }>;

/** The scheme that a source's `verify` names or describes. */
export function schemeOf(verify: SignedVerify): SignatureScheme {
  if (verify.scheme !== 'hmac') return presets[verify.scheme];
  const { header, prefix, algorithm, encoding, timestampHeader, separator } = verify;
  const shared = { header, separator: null, prefix, algorithm, encoding, key: 'text' } as const;
  if (timestampHeader === null) return { ...shared, time: null, signed: ['body'] };
  return { ...shared, time: { header: timestampHeader }, signed: ['time', { text: separator }, 'body'] };
}

const presets: Readonly<Record<Exclude<SignedVerify['scheme'], 'hmac'>, SignatureScheme>> = {
  // https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
  'standard-webhooks': {
    header: 'webhook-signature',
    separator: ' ',
    prefix: 'v1,',
    algorithm: 'sha256',
    encoding: 'base64',
    key: 'base64',
    time: { header: 'webhook-timestamp' },
    signed: [{ header: 'webhook-id' }, { text: '.' }, 'time', { text: '.' }, 'body'],
  },
  // https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
  github: {
    header: 'x-hub-signature-256',
    separator: null,
    prefix: 'sha256=',
    algorithm: 'sha256',
    encoding: 'hex',
    key: 'text',
    time: null,
    signed: ['body'],
  },
  // https://docs.stripe.com/webhooks#verify-manually
  stripe: {
    header: 'stripe-signature',
    separator: ',',
    prefix: 'v1=',
    algorithm: 'sha256',
    encoding: 'hex',
    key: 'text',
    time: { prefix: 't=' },
    signed: ['time', { text: '.' }, 'body'],
  },
  // https://docs.slack.dev/authentication/verifying-requests-from-slack
  slack: {
    header: 'x-slack-signature',
    separator: null,
    prefix: 'v0=',
    algorithm: 'sha256',
    encoding: 'hex',
    key: 'text',
    time: { header: 'x-slack-request-timestamp' },
    signed: [{ text: 'v0:' }, 'time', { text: ':' }, 'body'],
  },
};
