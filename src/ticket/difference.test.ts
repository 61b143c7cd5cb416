import fc from 'fast-check';
import { expect, test } from 'vitest';
import { changedPaths } from './difference.ts';

test.each<[before: unknown, after: unknown, paths: string[], reason: string]>([
  [{ a: 1 }, { a: 1 }, [], 'equal'],
  [{ a: 1, b: 2 }, { b: 2, a: 1 }, [], 'key order means nothing'],
  [{ a: 1 }, { a: 2 }, ['/a'], 'changed'],
  [{}, { a: null }, ['/a'], 'added, though null'],
  [{ a: 1 }, {}, ['/a'], 'removed'],
  [{ a: { 'x/y': [1, 2] } }, { a: { 'x/y': [1, 3] } }, ['/a/x~1y/1'], 'nested, with a slash in a key'],
  [{ a: [1] }, { a: { 0: 1 } }, ['/a'], 'a list is not an object'],
  [null, { a: 1 }, [''], 'nothing before: the whole'],
  [{}, { toString: 1 }, ['/toString'], 'inherited names are not there'],
])('%#', (before, after, paths, reason) => {
  expect(changedPaths(before, after), reason).toEqual(paths);
});

test('property: nothing differs from itself, and a difference is seen from both sides', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
      expect(changedPaths(one, one)).toEqual([]);
      expect(changedPaths(one, other).sort()).toEqual(changedPaths(other, one).sort());
    }),
  );
});
