import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withLimits } from '../../test/support/limits.ts';
import { limits } from '../limits.ts';
import { droppedHeader, keptHeaders, loggedRequest, plainHeaders } from './headers.ts';

describe('headers kept with a trigger', () => {
  test.each([
    ['content-type', true, 'says what the body is'],
    ['webhook-id', true, 'the identity of many senders'],
    ['webhook-timestamp', true, 'no secret'],
    ['x-github-delivery', true, 'what people search for'],
    ['__proto__', true, 'a name like any other'],
    ['authorization', false, 'a credential'],
    ['proxy-authorization', false, 'a credential'],
    ['cookie', false, 'a credential'],
    ['x-api-key', false, 'a credential'],
    ['x-gitlab-token', false, 'a credential'],
    ['x-hub-signature-256', false, 'a signature'],
    ['x-shopify-hmac-sha256', false, 'a signature'],
    ['x-mac', false, "named by the source's scheme"],
    ['transfer-encoding', false, 'of the connection'],
    ['x-hop', false, 'named by the connection header'],
    [droppedHeader, false, 'ours alone'],
  ])('%s: %s, %s', (name, kept, _why) => {
    const headers = Object.fromEntries([
      [name, 'value'],
      ['connection', 'close,X-Hop'],
    ]);
    expect(Object.keys(keptHeaders(headers, ['x-mac']))).toEqual(kept ? [name] : []);
  });

  test('names are lower-case and repeated ones joined', () => {
    const plain = plainHeaders({ 'X-One': 'a', 'set-thing': ['b', 'c'], gone: undefined });
    expect(plain).toEqual({ 'x-one': 'a', 'set-thing': 'b, c' });
  });

  test('names beyond those whose judgement is remembered are judged anew, and as before', () => {
    withLimits({ headerNamesKept: 1 });
    const headers = { 'x-kept-one': '1', 'x-secret-two': '2', 'x-kept-three': '3' };
    for (let round = 0; round < 2; round += 1) {
      expect(keptHeaders(headers, [])).toEqual({ 'x-kept-one': '1', 'x-kept-three': '3' });
    }
  });

  test('exactly the limit is kept; one byte more drops the largest and says so', () => {
    const small = { 'x-small': 'é' };
    const room = limits.headerBytesMax - 'x-small'.length - 2 - 'x-large'.length;
    const full = { 'x-large': 'a'.repeat(room), ...small };
    expect(keptHeaders(full, [])).toEqual(full);
    const over = { 'x-large': 'a'.repeat(room + 1), ...small };
    expect(keptHeaders(over, [])).toEqual({ ...small, [droppedHeader]: '1' });
  });

  test('for any headers: bounded, and the same whatever their order', () => {
    const name = fc.stringMatching(/^x-[a-z]{1,12}$/);
    const value = fc
      .tuple(fc.constantFrom('a', 'é'), fc.nat(6_000))
      .map(([text, times]) => text.repeat(times));
    fc.assert(
      fc.property(fc.dictionary(name, value, { maxKeys: 12 }), (headers) => {
        const kept = keptHeaders(headers, []);
        const bytes = Buffer.byteLength(Object.entries(kept).flat().join(''));
        expect(bytes).toBeLessThanOrEqual(limits.headerBytesMax);
        expect(keptHeaders(Object.fromEntries(Object.entries(headers).reverse()), [])).toEqual(kept);
      }),
    );
  });
});

test('a query, which may hold a secret, is not logged', () => {
  const logged = loggedRequest({ method: 'POST', url: '/in/form?token=s3cret?', ip: '127.0.0.1' });
  expect(logged).toEqual({ method: 'POST', path: '/in/form', from: '127.0.0.1' });
});
