import { expect, test } from 'vitest';
import { limits } from '../limits.ts';
import { jsonIn } from './json.ts';

const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

test.each<[text: string, read: object, reason: string]>([
  ['{"id":17}', { body: { id: 17 } }, 'as it is'],
  ['', {}, 'nothing'],
  ['<p>', {}, 'no JSON'],
  ['\ufeff{}', { body: {} }, 'a byte order mark is skipped'],
  ['{"id":9007199254740991}', { body: { id: 9007199254740991 } }, 'an integer that a double holds'],
  [
    '{"id":9007199254740993}',
    { body: { id: '9007199254740993' }, rounded: { id: 9007199254740992 } },
    'one that it does not hold is its digits, and no neighbour of it',
  ],
  [
    '[-9007199254740993, {"a": [12345678901234567890]}]',
    { body: ['-9007199254740993', { a: ['12345678901234567890'] }], rounded: expect.anything() },
    'wherever it stands',
  ],
  ['[1000000000000000000,1e300]', { body: [1e18, 1e300] }, 'large ones that a double holds stay numbers'],
  ['[0.12345678901234567891]', { body: [0.12345678901234568] }, 'a fraction is a measure'],
  ['{"id":"9007199254740993"}', { body: { id: '9007199254740993' } }, 'a text stays what it is'],
  [
    '{"__proto__":9007199254740993}',
    { body: JSON.parse('{"__proto__":"9007199254740993"}'), rounded: expect.anything() },
    'a name like any other',
  ],
  [deep(limits.responseDepthMax), { body: expect.any(Array) }, 'as deep as it may be'],
  [deep(limits.responseDepthMax + 1), {}, 'deeper'],
])('%.60s', (text, read, reason) => {
  expect(jsonIn(text), reason).toEqual(read);
});
