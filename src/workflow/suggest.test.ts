import { expect, test } from 'vitest';
import { suggest } from './suggest.ts';

const keys = ['owner', 'alternate', 'ttl', 'that', 'trigger', 'routes'];

test.each<[string, string | null, string]>([
  ['ownr', 'owner', 'a letter left out'],
  ['onwer', 'owner', 'two letters swapped'],
  ['Owner', 'owner', 'another case'],
  ['alternat', 'alternate', 'a letter left out at the end'],
  ['tll', 'ttl', 'short names: one mistake'],
  ['xyz', null, 'nothing near'],
  ['tx', null, 'two letters have little to go by'],
  ['o'.repeat(10_000), null, 'far too long to compare'],
])('%s suggests %s: %s', (name, expected) => {
  expect(suggest(name, keys)).toBe(expected);
});
