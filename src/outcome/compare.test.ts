import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareFields } from './compare.ts';

const fields: readonly [sent: string, found: string, equal: boolean, reason: string][] = [
  ['{"a":"x"}', '{"a":"x"}', true, 'the same text'],
  ['{"a":5000}', '{"a":5000.0}', true, 'the same number, spelled otherwise'],
  ['{"a":1e3}', '{"a":1000}', true, 'the same number, with an exponent'],
  ['{"a":{"x":1,"y":[2]}}', '{"a":{"y":[2],"x":1}}', true, 'the order of keys does not matter'],
  ['{"a":[1,2]}', '{"a":[2,1]}', false, 'the order of a list does'],
  ['{"a":"5"}', '{"a":5}', false, 'a text is not a number'],
  ['{"a":"x"}', '{}', false, 'missing'],
  ['{}', '{"a":"x"}', false, 'never sent'],
  ['{}', '{}', false, 'neither: nothing is proved'],
  ['{"a":null}', '{"a":null}', true, 'null was sent and is there'],
  ['{"a":null}', '{}', false, 'null is not missing'],
  ['{"a":"x"}', '["x"]', false, 'a list is no record'],
  ['{"a":"x"}', 'null', false, 'nothing is no record'],
  ['{"a":"\\ud800"}', '{"a":"\\ud800"}', true, 'a lone surrogate compares too'],
];

test.each(fields)('sent %s, found %s: %s (%s)', (sent, found, equal) => {
  expect(compareFields(JSON.parse(sent), JSON.parse(found), ['a'])).toMatchObject([{ field: 'a', equal }]);
});

test('only what is named is compared', () => {
  const compared = compareFields({ a: 1, b: 2 }, { a: 1, b: 3, c: 4 }, ['b']);
  expect(compared).toEqual([{ field: 'b', sent: 2, found: 3, equal: false }]);
});

test('what went through JSON is equal to itself', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const [compared] = compareFields({ a: value }, JSON.parse(JSON.stringify({ a: value })), ['a']);
      expect(compared?.equal).toBe(true);
    }),
  );
});
