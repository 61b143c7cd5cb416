import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type PresetName, presets } from '../../src/intake/presets.ts';
import type { SignedRequest } from '../../src/intake/request.ts';
import { overridden, schemeOf } from '../../src/intake/schemes.ts';
import { verifyRequest } from '../../src/intake/signature.ts';
import type { SchemeText } from '../../src/workflow/verify-schema.ts';

interface Vector {
  readonly id: string;
  readonly scheme: string;
  readonly secret?: string;
  readonly secret_hex?: string;
  readonly method?: string;
  readonly url?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly body_hex?: string;
  readonly form?: Readonly<Record<string, string>>;
  /** Unix seconds. */
  readonly now?: number;
  readonly tolerance_s?: number;
  readonly expect: 'accept' | 'reject';
  readonly reason?: string;
}

/** The corpus' schemes: most are presets, the others are written as a project would. */
const schemes: Readonly<Record<string, PresetName | SchemeText>> = {
  'standard-webhooks-v1': 'standard-webhooks',
  'hub-sha256': 'github',
  'stripe-v1': 'stripe',
  'slack-v0': 'slack',
  'twilio-sha1': 'twilio',
  'shopify-webhook': 'shopify',
  'zendesk-ts-body': 'zendesk',
  'shopify-oauth-query': {
    algorithm: 'hmac-sha256',
    signature: { query: 'hmac' },
    signs: '{sorted_query}',
  },
  'hmac-sha256-raw': {
    algorithm: 'hmac-sha256',
    key: { encoding: 'hex' },
    signature: { header: 'x-mac' },
  },
};

const reasons: Readonly<Record<string, readonly string[]>> = {
  'missing-header': ['missing_signature'],
  'malformed-header': ['malformed_signature'],
  'signature-mismatch': ['wrong_signature'],
  'body-hash-mismatch': ['wrong_digest'],
  'timestamp-out-of-tolerance': ['too_old', 'too_new'],
};

const file = new URL('../../../shared/corpora/signature-vectors/vectors.json.gz', import.meta.url);

describe.skipIf(!existsSync(file))('signature vectors (skipped where ../shared/corpora is absent)', () => {
  const vectors: Vector[] = existsSync(file) ? JSON.parse(gunzipSync(readFileSync(file)).toString()) : [];

  test('there are 40', () => {
    expect(vectors).toHaveLength(40);
  });

  test.each(vectors.map((vector) => [vector.id, vector.expect, vector.reason ?? '', vector] as const))(
    '%s: %s %s',
    (_id, verdict, reason, vector) => {
      const found = judged(vector);
      if (verdict === 'accept') expect(found).toMatchObject({ authentic: true });
      else expect(found.authentic ? '' : found.reason).toBeOneOf([...(reasons[reason] ?? [])]);
    },
  );
});

function judged(vector: Vector) {
  const named = schemes[vector.scheme] ?? {};
  const data: SchemeText = typeof named === 'string' ? presets[named] : named;
  const tolerance = `${vector.tolerance_s ?? 300}s`;
  const verify = {
    scheme: 'custom',
    secrets: [],
    signature: schemeOf(overridden(data, { tolerance })),
  } as const;
  const secret = vector.secret ?? vector.secret_hex ?? '';
  return verifyRequest(verify, requestOf(vector), [secret], new Date((vector.now ?? 0) * 1000));
}

function requestOf({ method, url, headers, body, body_hex, form }: Vector): SignedRequest {
  const lowerCase = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  const type =
    body === undefined && form !== undefined ? 'application/x-www-form-urlencoded' : 'application/json';
  const text = body ?? new URLSearchParams(form).toString();
  return {
    method: method ?? 'POST',
    url: url ?? '',
    headers: { 'content-type': type, ...Object.fromEntries(lowerCase) },
    body: body_hex === undefined ? Buffer.from(text) : Buffer.from(body_hex, 'hex'),
    address: null,
  };
}
