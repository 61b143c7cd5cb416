import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Verify } from '../../workflow/project.ts';
import { verifyBy } from '../presets.ts';
import type { SignedRequest } from '../request.ts';
import { schemeOf } from '../schemes.ts';
import { signedAs } from '../sign.ts';
import { checkProof, type HeldSecret } from './check.ts';

const now = new Date('2026-11-23T10:00:00.000Z');
const secret = 'a-secret-that-nobody-is-told';
const older = 'the-secret-before-it';
const held: readonly HeldSecret[] = [
  { ref: { env: 'OLD_SECRET' }, values: [older] },
  { ref: { file: 'secrets/form' }, values: ['another', secret] },
];
const plain: SignedRequest = {
  method: 'POST',
  url: '/in/form',
  headers: { 'content-type': 'application/json' },
  body: Buffer.from('{"a":1}'),
  address: null,
};
const stripe = verifyBy('stripe', []);
const github = verifyBy('github', []);
const withSecret: Verify = {
  scheme: 'custom',
  secrets: [],
  signature: schemeOf({
    algorithm: 'sha256',
    signature: { header: 'x-signature' },
    signs: '{secret}.{header:x-at}.{body}',
  }),
};

describe('why a delivery was refused', () => {
  test('one that fits names the place of its secret, and which of its values', () => {
    const report = checkProof(stripe, signedAs(stripe, plain, secret, now, 'id-1'), held, now);
    expect(report).toMatchObject({
      authentic: true,
      holds: true,
      matched: { place: 'file secrets/form', number: 2, of: 2 },
      signed: { template: '{timestamp}.{body}' },
      time: { ageMs: 0, within: true },
    });
  });

  test('an old one is refused for its age, and its signature still holds', () => {
    const sent = signedAs(stripe, plain, older, new Date(now.getTime() - 3_600_000), 'id-1');
    expect(checkProof(stripe, sent, held, now)).toMatchObject({
      authentic: false,
      reason: 'too_old',
      holds: true,
      matched: { place: 'environment variable OLD_SECRET', number: 1, of: 1 },
      time: { ageMs: 3_600_000, within: false },
    });
  });

  test('a changed body fits no secret', () => {
    const sent = { ...signedAs(github, plain, secret, now, ''), body: Buffer.from('{"a":2}') };
    expect(checkProof(github, sent, held, now)).toMatchObject({
      authentic: false,
      reason: 'wrong_signature',
      holds: false,
      matched: null,
      places: [{ place: 'header x-hub-signature-256', found: true }],
    });
  });

  test('a secret that cannot be read is told by its place', () => {
    const unread = [{ ref: { env: 'UNSET' }, values: [] }];
    expect(checkProof(github, plain, unread, now)).toMatchObject({
      reason: 'no_secret',
      secrets: [{ place: 'environment variable UNSET', values: 0, usable: 0 }],
    });
  });

  test('a source without a proof says so', () => {
    expect(checkProof({ scheme: 'none' }, plain, [], now)).toMatchObject({ authentic: true, signed: null });
  });
});

/**
 * Whoever is told what the signature of a request would have been can sign requests without having the secret. So the
 * report of a request with a wrong signature must hold neither: not for any scheme, and not in part.
 */
describe('the check signs nothing for anybody', () => {
  const wrong: Record<string, string> = { 'x-signature': '0'.repeat(64), 'x-at': 'now' };
  test.each<[name: string, verify: Verify]>([
    ['github', github],
    ['stripe', stripe],
    ['with the secret in what is signed', withSecret],
  ])('%s', (_name, verify) => {
    const fitting = signedAs(
      verify,
      { ...plain, headers: { ...plain.headers, 'x-at': 'now' } },
      secret,
      now,
      'x',
    );
    const sent: SignedRequest & { readonly headers: Record<string, string> } = {
      ...fitting,
      headers: { ...fitting.headers, ...wrong, 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` },
    };
    if (verify === stripe)
      sent.headers['stripe-signature'] = `t=${Math.floor(now.getTime() / 1000)},v1=${'0'.repeat(64)}`;
    const report = checkProof(verify, sent, held, now);
    expect(report.holds).toBe(false);
    const told = JSON.stringify(report);
    const digests = ['sha1', 'sha256', 'sha512'].map((name) =>
      createHmac(name, secret).update(plain.body).digest('hex'),
    );
    const right = Object.values(fitting.headers).flatMap((value) => value.match(/[0-9a-f]{40,}/g) ?? []);
    for (const hidden of [secret, older, ...digests, ...right.filter((each) => !/^0+$/.test(each))]) {
      expect(told).not.toContain(hidden);
    }
  });

  test('of a secret not even its length is told', () => {
    const signed = checkProof(withSecret, { ...plain, headers: { 'x-signature': '00' } }, held, now).signed;
    expect(signed?.parts.find(({ part }) => part === '{secret}')).toEqual({ part: '{secret}', bytes: null });
  });
});
