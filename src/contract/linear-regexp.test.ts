import { expect, test } from 'vitest';
import { linearRegExp } from './linear-regexp.ts';

const rows: [pattern: string, text: string, matches: boolean, reason: string][] = [
  ['^a+$', 'aaa', true, 'the whole'],
  ['b', 'abc', true, 'a part'],
  ['^\\d{3}$', '12', false, 'a count'],
  ['^\\S+@\\S+$', 'a b@c', false, 'no space'],
  ['\\s', '\u00a0', true, 'a no-break space is a space, as in JavaScript'],
  ['^[\\s]$', '\u2003', true, 'also within a class'],
  ['^\\S$', '\u00a0', false, 'and the complement'],
  ['^\\u0041$', 'A', true, 'escapes of JavaScript'],
  ['^(?<year>\\d{4})$', '2026', true, 'named groups'],
  ['^\\/a\\/$', '/a/', true, 'escaped slashes'],
  ['^\\p{L}+$', 'mañana', true, 'Unicode classes'],
  ['^.$', '😀', true, 'a character is a code point'],
  ['^\\uD83D\\uDE00$', '😀', true, 'and may be written as its halves'],
  ['^[\\ud83c\\udf00-\\ud83d\\ude4f]$', '😀', true, 'also in a range'],
  ['^\\\\uD83D', '\\uD83D', true, 'a backslash and letters are no half'],
  ['^.$', '\r', false, 'a line ends as in JavaScript'],
  ['^[.]$', 'a', false, 'a dot in a class is a dot'],
  ['^\\.$', 'a', false, 'and so is an escaped one'],
  ['^[\\S ]+$', 'a\u00a0b', false, 'no space but this one'],
  ['^[\\s\\S]$', '\u2003', true, 'any character'],
  ['^[\\S]$', '😀', true, 'what is no space'],
];
test.each(rows)('%s on %j', (pattern, text, matches, reason) => {
  expect(linearRegExp(pattern).test(text), reason).toBe(matches);
});

test.each(['(', '(?!a)', '(?<=a)b', '(a)\\1', 'a{100000}', 'a'.repeat(2_001)])(
  '%.20s is refused',
  (pattern) => {
    expect(() => linearRegExp(pattern)).toThrow();
  },
);

test('what is kept is bounded, and pushing it out changes nothing', () => {
  for (let n = 0; n < 1_000; n += 1) expect(linearRegExp(`^${n}$`).test(String(n))).toBe(true);
  expect(linearRegExp('^0$').test('0')).toBe(true);
});
