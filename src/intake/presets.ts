import type { ChallengeText } from '../workflow/challenge-schema.ts';
import type { SecretRef, Verify } from '../workflow/project.ts';
import type { SchemeText } from '../workflow/verify-schema.ts';
import { overridden, schemeOf } from './schemes.ts';

/**
 * Ready schemes, in the data that `verify` in signalbox.yaml is written in: whatever is here could stand there.
 * docs/reference/signatures.md shows them as YAML; a test keeps both the same.
 */

const overBody = (header: string, prefix: string): SchemeText => ({
  algorithm: 'hmac-sha256',
  signature: { header, prefix },
});

const timeAndBody = (header: string): SchemeText => ({
  algorithm: 'hmac-sha256',
  signature: { header, prefix: 'v1=', separator: ',' },
  signs: '{timestamp}.{body}',
  timestamp: { element: 't' },
});

/** Regions begin with two letters; a bucket named `sns` would be at `sns.s3-….amazonaws.com`. */
const snsHost = 'sns\\.[a-z]{2}(-[a-z]+)+-[0-9]+\\.amazonaws\\.com(\\.cn)?';

export const presets = {
  bearer: { algorithm: 'token', signature: { header: 'authorization', prefix: 'Bearer ' } },
  basic: { algorithm: 'basic', signature: { header: 'authorization', prefix: 'Basic ', encoding: 'base64' } },
  // https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
  'standard-webhooks': {
    algorithm: 'hmac-sha256',
    key: { encoding: 'base64', prefix: 'whsec_' },
    signature: { header: 'webhook-signature', encoding: 'base64', prefix: 'v1,', separator: ' ' },
    signs: '{id}.{timestamp}.{body}',
    timestamp: { header: 'webhook-timestamp' },
    id: { header: 'webhook-id' },
  },
  // https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
  github: overBody('x-hub-signature-256', 'sha256='),
  // https://docs.gitlab.com/user/project/integrations/webhooks/
  gitlab: { algorithm: 'token', signature: { header: 'x-gitlab-token' } },
  // https://docs.stripe.com/webhooks#verify-manually
  stripe: timeAndBody('stripe-signature'),
  // https://docs.slack.dev/authentication/verifying-requests-from-slack
  slack: {
    algorithm: 'hmac-sha256',
    signature: { header: 'x-slack-signature', prefix: 'v0=' },
    signs: 'v0:{timestamp}:{body}',
    timestamp: { header: 'x-slack-request-timestamp' },
  },
  // https://shopify.dev/docs/apps/build/webhooks/subscribe/https
  shopify: { algorithm: 'hmac-sha256', signature: { header: 'x-shopify-hmac-sha256', encoding: 'base64' } },
  // https://www.twilio.com/docs/usage/security#validating-requests
  twilio: {
    algorithm: 'hmac-sha1',
    signature: { header: 'x-twilio-signature', encoding: 'base64' },
    signs: '{url}{form}',
    body_digest: { query: 'bodySHA256' },
    url_port: 'either',
  },
  // https://developer.zendesk.com/documentation/webhooks/verifying/
  zendesk: {
    algorithm: 'hmac-sha256',
    signature: { header: 'x-zendesk-webhook-signature', encoding: 'base64' },
    signs: '{timestamp}{body}',
    timestamp: { header: 'x-zendesk-webhook-signature-timestamp', unit: 'rfc3339' },
  },
  // https://developers.hubspot.com/docs/api/webhooks/validating-requests
  'hubspot-v1': {
    algorithm: 'sha256',
    signature: { header: 'x-hubspot-signature' },
    signs: '{secret}{body}',
  },
  'hubspot-v2': {
    algorithm: 'sha256',
    signature: { header: 'x-hubspot-signature' },
    signs: '{secret}{method}{url}{body}',
  },
  'hubspot-v3': {
    algorithm: 'hmac-sha256',
    signature: { header: 'x-hubspot-signature-v3', encoding: 'base64' },
    signs: '{method}{url_decoded}{body}{timestamp}',
    timestamp: { header: 'x-hubspot-request-timestamp', unit: 'ms' },
  },
  // https://developers.facebook.com/docs/graph-api/webhooks/getting-started#event-notifications
  meta: overBody('x-hub-signature-256', 'sha256='),
  // https://developers.intercom.com/docs/webhooks/webhook-notifications
  intercom: { algorithm: 'hmac-sha1', signature: { header: 'x-hub-signature', prefix: 'sha1=' } },
  // https://developer.atlassian.com/cloud/jira/platform/webhooks/#secure-admin-webhooks
  jira: overBody('x-hub-signature', 'sha256='),
  // https://developer.pagerduty.com/docs/verifying-webhook-signatures
  pagerduty: {
    algorithm: 'hmac-sha256',
    signature: { header: 'x-pagerduty-signature', prefix: 'v1=', separator: ',' },
  },
  // https://www.typeform.com/developers/webhooks/secure-your-webhooks/
  typeform: {
    algorithm: 'hmac-sha256',
    signature: { header: 'typeform-signature', prefix: 'sha256=', encoding: 'base64' },
  },
  // https://developer.calendly.com/api-docs/4c305798a61d3-webhook-signatures
  calendly: timeAndBody('calendly-webhook-signature'),
  // https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
  sendgrid: {
    algorithm: 'ecdsa-p256',
    key: { encoding: 'base64' },
    signature: { header: 'x-twilio-email-event-webhook-signature', encoding: 'base64' },
    signs: '{timestamp}{body}',
    timestamp: { header: 'x-twilio-email-event-webhook-timestamp' },
  },
  // https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
  'aws-sns': {
    algorithm: 'rsa-sha256',
    signature: { field: '/Signature', encoding: 'base64' },
    signs: '{signed_fields}',
    signed_fields: {
      fields: [
        '/Message',
        '/MessageId',
        '/Subject',
        '/SubscribeURL',
        '/Timestamp',
        '/Token',
        '/TopicArn',
        '/Type',
      ],
      each: '{name}\n{value}\n',
    },
    timestamp: { field: '/Timestamp', unit: 'rfc3339' },
    tolerance: '65m',
    id: { field: '/MessageId' },
    expect: {
      '/Type': ['Notification', 'SubscriptionConfirmation', 'UnsubscribeConfirmation'],
      '/SignatureVersion': '2',
      '/TopicArn': [],
    },
    keys: { certificate: { field: '/SigningCertURL' }, host: snsHost },
  },
  // https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions
  'google-pubsub': {
    algorithm: 'jwt-rs256',
    signature: { header: 'authorization', prefix: 'Bearer ' },
    claims: { iss: 'https://accounts.google.com', aud: [], email: [], email_verified: true },
    keys: { url: 'https://www.googleapis.com/oauth2/v3/certs' },
  },
  // https://plaid.com/docs/api/webhooks/webhook-verification/
  plaid: {
    algorithm: 'jwt-es256',
    signature: { header: 'plaid-verification' },
    claims: { request_body_sha256: { sha256: '{body}' } },
    keys: {
      url: 'https://production.plaid.com/webhook_verification_key/get',
      json: { client_id: '{username}', secret: '{secret}', key_id: '{kid}' },
      key: '/key',
      withdrawn: '/key/expired_at',
    },
  },
  // https://developer.vonage.com/en/getting-started/concepts/webhooks#signed-webhooks
  vonage: {
    algorithm: 'jwt-hs256',
    signature: { header: 'authorization', prefix: 'Bearer ' },
    claims: { payload_hash: { sha256: '{body}' } },
    id: { claim: 'jti' },
  },
} as const satisfies Readonly<Record<string, SchemeText>>;

export type PresetName = keyof typeof presets;

/** What `scheme` can be: `custom` is made of its own parts alone, `hmac` has a short form of its own. */
export type SchemeName = PresetName | 'hmac' | 'custom';

export const schemeNames = ['none', ...(Object.keys(presets) as PresetName[]), 'hmac', 'custom'] as const;

/** Ready handshakes, in the data that `challenge` in signalbox.yaml is written in. */
export const challengePresets = {
  // https://docs.slack.dev/reference/events/url_verification
  slack: {
    method: 'POST',
    when: [{ field: '/type', equals: 'url_verification' }],
    json: { challenge: '{field:/challenge}' },
  },
  // https://developers.facebook.com/docs/graph-api/webhooks/getting-started#verification-requests
  meta: {
    method: 'GET',
    when: [{ query: 'hub.mode', equals: 'subscribe' }],
    token: { query: 'hub.verify_token' },
    text: '{query:hub.challenge}',
  },
  // https://developers.zoom.us/docs/api/webhooks/#validate-your-webhook-endpoint
  zoom: {
    method: 'POST',
    when: [{ field: '/event', equals: 'endpoint.url_validation' }],
    signature: { signs: '{field:/payload/plainToken}' },
    json: { plainToken: '{field:/payload/plainToken}', encryptedToken: '{signature}' },
  },
  // https://learn.microsoft.com/graph/change-notifications-delivery-webhooks#notificationurl-validation
  microsoft: {
    method: 'POST',
    when: [{ query: 'validationToken' }],
    signed: false,
    text: '{query:validationToken}',
  },
  // https://docs.aws.amazon.com/sns/latest/dg/http-subscription-confirmation-json.html
  'aws-sns': {
    method: 'POST',
    when: [{ field: '/Type', equals: 'SubscriptionConfirmation' }],
    visit: { field: '/SubscribeURL', host: snsHost },
  },
} as const satisfies Readonly<Record<string, ChallengeText>>;

export const challengeNames = [
  ...(Object.keys(challengePresets) as (keyof typeof challengePresets)[]),
  'custom',
] as const;

export function isChallengeName(name: string): name is keyof typeof challengePresets {
  return Object.hasOwn(challengePresets, name);
}

export function isPresetName(name: string): name is PresetName {
  return Object.hasOwn(presets, name);
}

/** A source that proves itself by a preset, with some of its parts made anew. */
export function verifyBy(
  scheme: PresetName,
  secrets: readonly SecretRef[],
  changes: SchemeText = {},
): Verify {
  return { scheme, secrets, signature: schemeOf(overridden(presets[scheme], changes)) };
}
