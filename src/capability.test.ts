import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sealed, unsealed, withoutCapability } from './capability.ts';

const claims = ['0198f000-0000-7000-8000-000000000001', 2, 'person:dana'];

test('a token says what it was made of, to who holds one of the keys and asks for its purpose', () => {
  const token = sealed(['new', 'old'], 'approval', claims);
  expect(unsealed(['new'], 'approval', token)).toEqual(claims);
  expect(unsealed(['newer', 'new'], 'approval', token)).toEqual(claims);
  expect(unsealed(['old'], 'approval', token)).toBe(null);
  expect(unsealed(['new'], 'outcome', token)).toBe(null);
  expect(unsealed([''], 'approval', token)).toBe(null);
  expect(() => sealed([], 'approval', claims)).toThrow('no key');
  expect(token).toMatch(/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}$/);
});

const macOf = (token: string) => Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('hex');

test('nothing else is one: no other character, no shorter or longer text', () => {
  const token = sealed(['key'], 'approval', claims);
  const at = fc.nat({ max: token.length - 1 });
  fc.assert(
    fc.property(at, fc.string({ minLength: 1, maxLength: 2, unit: 'grapheme-ascii' }), (index, put) => {
      const other = token.slice(0, index) + put + token.slice(index + 1);
      // The last character of base64url holds two bits that mean nothing.
      fc.pre(macOf(other) !== macOf(token) || other.split('.')[0] !== token.split('.')[0]);
      expect(unsealed(['key'], 'approval', other)).toBe(null);
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => unsealed(['key'], 'approval', text) === null),
  );
});

const paths: readonly [path: string, logged: string, reason: string][] = [
  ['/approve/abc.DEF', '/approve/…', 'a link'],
  ['/approve/abc.def/x', '/approve/…', 'whatever follows'],
  ['/in/outcome/abc.DEF', '/in/outcome/…', 'an address to call back'],
  ['/in/outcome/ABC', '/in/outcome/…', 'no source is called so'],
  ['/in/outcome/tool-events', '/in/outcome/tool-events', 'a source'],
  ['/in/form', '/in/form', 'another address'],
  ['/api/tickets', '/api/tickets', 'another address'],
];

test.each(paths)('%s is logged as %s: %s', (path, logged) => {
  expect(withoutCapability(path)).toBe(logged);
});
