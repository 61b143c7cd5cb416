import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type SignatureScheme, type SignedVerify, schemeOf } from '../../src/intake/schemes.ts';
import { verifyRequest, verifySignature } from '../../src/intake/signature.ts';
import type { Verify } from '../../src/workflow/project.ts';

interface Vector {
  readonly id: string;
  readonly scheme: string;
  readonly secret?: string;
  readonly secret_hex?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly body_hex?: string;
  /** Unix seconds. */
  readonly now?: number;
  readonly tolerance_s?: number;
  readonly expect: 'accept' | 'reject';
  readonly reason?: string;
}

const shared = { secrets: [], toleranceMs: 300_000 } as const;
const hmac = {
  ...shared,
  scheme: 'hmac',
  algorithm: 'sha256',
  prefix: '',
  timestampHeader: null,
  separator: '',
} as const;

/** The corpus' schemes that issue 2 names; `twilio-sha1` and `shopify-oauth-query` sign addresses and come later. */
const schemes: Readonly<Record<string, SignedVerify>> = {
  'standard-webhooks-v1': { ...shared, scheme: 'standard-webhooks' },
  'hub-sha256': { ...shared, scheme: 'github' },
  'stripe-v1': { ...shared, scheme: 'stripe' },
  'slack-v0': { ...shared, scheme: 'slack' },
  'hmac-sha256-raw': { ...hmac, header: 'x-mac', encoding: 'hex' },
  'shopify-webhook': { ...hmac, header: 'x-shopify-hmac-sha256', encoding: 'base64' },
  'zendesk-ts-body': {
    ...hmac,
    header: 'x-zendesk-webhook-signature',
    encoding: 'base64',
    timestampHeader: 'x-zendesk-webhook-signature-timestamp',
  },
};

const reasons: Readonly<Record<string, readonly string[]>> = {
  'missing-header': ['missing_signature'],
  'malformed-header': ['malformed_signature'],
  'signature-mismatch': ['wrong_signature'],
  'timestamp-out-of-tolerance': ['too_old', 'too_new'],
};

const file = new URL('../../../shared/corpora/signature-vectors/vectors.json.gz', import.meta.url);

describe.skipIf(!existsSync(file))('signature vectors (skipped where ../shared/corpora is absent)', () => {
  const all: Vector[] = existsSync(file) ? JSON.parse(gunzipSync(readFileSync(file)).toString()) : [];
  const vectors = all.filter(({ scheme }) => scheme in schemes);

  test('34 of the 40 are of these schemes', () => {
    expect([vectors.length, all.length]).toEqual([34, 40]);
  });

  test.each(vectors.map((vector) => [vector.id, vector.expect, vector.reason ?? '', vector] as const))(
    '%s: %s %s',
    (_id, verdict, reason, vector) => {
      const verify = schemes[vector.scheme];
      expect(verify).toBeDefined();
      if (verify !== undefined) check(verify, schemeOf(verify), vector, verdict, reason);
    },
  );
});

function check(
  verify: Verify,
  scheme: SignatureScheme,
  vector: Vector,
  verdict: string,
  reason: string,
): void {
  const lowerCase = Object.entries(vector.headers).map(([name, value]) => [name.toLowerCase(), value]);
  const body =
    vector.body_hex === undefined ? Buffer.from(vector.body ?? '') : Buffer.from(vector.body_hex, 'hex');
  const request = { headers: Object.fromEntries(lowerCase), body };
  const now = new Date((vector.now ?? 0) * 1000);
  const toleranceMs = (vector.tolerance_s ?? 300) * 1000;
  const found =
    vector.secret === undefined
      ? verifySignature(scheme, request, [Buffer.from(vector.secret_hex ?? '', 'hex')], toleranceMs, now)
      : verifyRequest(verify, request, [vector.secret], now);
  if (verdict === 'accept') expect(found).toMatchObject({ authentic: true });
  else expect(found.authentic ? '' : found.reason).toBeOneOf([...(reasons[reason] ?? [])]);
}
