import { expect, test } from 'vitest';
import { plain, table, tame } from './output.ts';

test.each([
  ['a\u001b[31mred', 'a\ufffd[31mred', 'an escape'],
  ['one\r\n  two', 'one two', 'a line end'],
  ['safe\u202etxt.exe', 'safe\ufffdtxt.exe', 'text that turns around'],
  ['Zoë ✔ 日本', 'Zoë ✔ 日本', 'other languages stay'],
])('%j is shown as %j: %s', (text, shown) => {
  expect(tame(text)).toBe(shown);
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
