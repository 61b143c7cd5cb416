import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonical, sha256 } from './encoding.ts';

test('canonical JSON is what the reference library writes', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      const sound = JSON.parse(JSON.stringify(value), (_, each) =>
        typeof each === 'string' ? each.toWellFormed() : each,
      );
      expect(canonical(sound)).toBe(canonicalize(sound));
    }),
    { numRuns: 1_000 },
  );
});

test.each<[unknown, string]>([
  [undefined, 'nothing'],
  [Number.NaN, 'no number'],
  [[Number.POSITIVE_INFINITY], 'no end'],
  [{ text: 'a\ud800' }, 'half of a pair'],
  [{ '\udc00': 1 }, 'half of a pair as a name'],
])('%j has no canonical form: %s', (value) => {
  expect(() => canonical(value)).toThrow(TypeError);
});

test('what JSON leaves out is left out, and times are their text', () => {
  expect(canonical({ b: undefined, a: new Date(0), c: [undefined] })).toBe(
    '{"a":"1970-01-01T00:00:00.000Z","c":[null]}',
  );
});

test('SHA-256 of parts is that of all of them in a row', () => {
  const part = fc.oneof(fc.string({ unit: 'grapheme' }), fc.uint8Array());
  fc.assert(
    fc.property(fc.array(part, { minLength: 1 }), (parts) => {
      const expected = parts.reduce((hash, each) => hash.update(each), createHash('sha256')).digest('hex');
      expect(sha256(...parts).toString('hex')).toBe(expected);
    }),
  );
});
