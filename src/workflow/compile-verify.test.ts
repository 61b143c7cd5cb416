import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { changed } from '../../test/support/project-texts.ts';
import { sourceOf } from '../../test/support/verify.ts';
import { verifyBy } from '../intake/presets.ts';
import { schemeOf } from '../intake/schemes.ts';
import { challengeKeys } from './challenge-schema.ts';
import { loadProject } from './load.ts';
import { schemeKeys, shortKeys } from './verify-schema.ts';

const secrets = [{ env: 'A' }];

test('parts replace those of a preset, a place as a whole', () => {
  const { verify } = sourceOf(
    'verify: { scheme: stripe, secret: { env: A }, signature: { query: sig }, timestamp: { header: X-Time }, tolerance: 10m }',
  );
  expect(verify).toEqual(
    verifyBy('stripe', secrets, {
      signature: { query: 'sig' },
      timestamp: { header: 'x-time' },
      tolerance: '10m',
    }),
  );
  expect(verify).toMatchObject({
    signature: {
      signature: { places: [{ from: 'query', name: 'sig' }], prefix: 'v1=', separator: ',' },
      timestamp: { place: { from: 'header', name: 'x-time' }, unit: 's' },
      toleranceMs: 600_000,
    },
  });
});

test('the short form of hmac is the same data', () => {
  const { verify } = sourceOf(
    "verify: { scheme: hmac, secret: { env: A }, header: X-Sum, algorithm: sha512, encoding: base64, prefix: sum=, timestamp_header: X-Time, separator: '{' }",
  );
  expect(verify).toEqual({
    scheme: 'hmac',
    secrets,
    signature: schemeOf({
      algorithm: 'hmac-sha512',
      signature: { header: 'x-sum', encoding: 'base64', prefix: 'sum=' },
      timestamp: { header: 'x-time' },
      signs: '{timestamp}{{{body}',
    }),
  });
});

test.each([
  ['', 'https://hooks.example.com/in/meta-ads'],
  ['public_url: https://a.example/x', 'https://a.example/x'],
])('%s: its sender calls %s', (more, url) => {
  expect(sourceOf(`verify: { scheme: twilio, secret: { env: A } }\n${more}`).publicUrl).toBe(url);
});

test('a handshake has the secrets of verify, or its own', () => {
  const verify = 'verify: { scheme: slack, secret: { env: A } }';
  expect(sourceOf(`${verify}\nchallenge: { scheme: zoom }`).challenge?.secrets).toEqual(secrets);
  expect(sourceOf(`${verify}\nchallenge: { scheme: zoom, secret: { env: B } }`).challenge?.secrets).toEqual([
    { env: 'B' },
  ]);
});

test.each([
  [{ scheme: 'custom', signature: { signs: false } }, 'found by the property below'],
  [{ scheme: 'custom', signature: { signs: ['x'] } }, 'a list for a text'],
  [{ scheme: 'custom', timestamp: { unit: { toString: '' } } }, 'a mapping that cannot be made a text'],
])('a handshake of %j is reported (%s)', (challenge, reason) => {
  const before = '    verify: { scheme: github, secret: { env: META_SECRET } }';
  const yaml = stringify({ verify: { scheme: 'none' }, challenge }).replace(/^(?=.)/gm, '    ');
  expect(loadProject(changed('signalbox.yaml', before, yaml)).project, reason).toBeNull();
});

test('any value under any key is compiled or reported', () => {
  const value = fc.oneof(
    fc.constantFrom('{body}', '{field:/a}', '5m', 'x', 'hmac-sha256', 'token', 'proxy', 'POST'),
    fc.json().map((text): unknown => JSON.parse(text)),
    fc.dictionary(
      fc.constantFrom('header', 'headers', 'field', 'element', 'signs', 'unit'),
      fc.anything({ maxDepth: 1 }),
    ),
  );
  const section = (keys: readonly string[], names: readonly string[]) =>
    fc
      .tuple(
        fc.constantFrom(...names),
        fc.dictionary(fc.constantFrom(...keys, 'secret'), value, { maxKeys: 4 }),
      )
      .map(([scheme, parts]) => ({ scheme, ...parts }));
  const verify = section([...schemeKeys, ...shortKeys], ['custom', 'hmac', 'stripe', 'none']);
  const challenge = section(challengeKeys, ['custom', 'zoom']);
  const before = '    verify: { scheme: github, secret: { env: META_SECRET } }';
  fc.assert(
    fc.property(verify, challenge, (one, other) => {
      const yaml = stringify({ verify: one, challenge: other }).replace(/^(?=.)/gm, '    ');
      loadProject(changed('signalbox.yaml', before, yaml));
    }),
    { numRuns: 60 },
  );
});
