import { expect, test } from 'vitest';
import { limits } from '../limits.ts';
import { moreText, plain, table, tame } from './output.ts';

test.each([
  ['a\u001b[31mred', 'a\ufffd[31mred', 'an escape'],
  ['one\r\n  two', 'one two', 'a line end'],
  ['safe\u202etxt.exe', 'safe\ufffdtxt.exe', 'text that turns around'],
  ['Zoë ✔ 日本', 'Zoë ✔ 日本', 'other languages stay'],
])('%j is shown as %j: %s', (text, shown) => {
  expect(tame(text)).toBe(shown);
});

test.each([
  ['50', 'There are more: --limit 200', 'four times as many'],
  ['200', `There are more: --limit ${limits.pageRowsMax}`, 'as many as a page may have'],
  [`${limits.pageRowsMax}`, 'There are more: narrow them with --mode', 'no more fit on one'],
])('of a list of %s: %s, %s', (limit, says) => {
  expect(moreText(limit, '--mode')).toBe(says);
});

test('a table is aligned, its cells tamed', () => {
  expect(
    table(
      ['id', 'what'],
      [
        ['1', 'a\nb'],
        ['10', 'c'],
      ],
      plain,
    ),
  ).toBe('id  what\n1   a b\n10  c');
});
