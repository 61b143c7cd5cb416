import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { parseSourceFile } from './source-file.ts';

/** The text of the file at the place of `wanted` in the value at `a`. */
function found(text: string, wanted: string): { at: string; line: number; column: number } {
  const file = parseSourceFile('a.yaml', text);
  const value = (file.value as { a: string }).a;
  const span = file.textSpan(['a'], value.indexOf(wanted), wanted.length);
  return { at: text.slice(span.start, span.end), ...file.position(span.start) };
}

test.each([
  ['a: payload.x == Q\n', 1, 17, 'plain'],
  ["a: 'payload.x == Q'\n", 1, 18, 'single quotes'],
  ["a: '\"it''s\" == Q'\n", 1, 16, 'a quote that is written twice'],
  ['a: "payload.x == Q"\n', 1, 18, 'double quotes'],
  ['a: "\\"web\\" == Q"\n', 1, 16, 'escaped quotes'],
  ['a: "\\u0041\\x42\\U0001F600 == Q"\n', 1, 29, 'escapes of every width'],
  ['a: "payload.x\n    == Q"\n', 2, 8, 'a folded quoted text'],
  ['a: payload.x\n   == Q\n', 2, 7, 'a folded plain text'],
  ['a: |\n  payload.x ==\n  Q\n', 3, 3, 'a literal block'],
  ['a: |-\n\n    payload.x ==\n      Q\n', 4, 7, 'a literal block with an empty line and more indentation'],
  ['a: >-\n  payload.x\n  == Q\n', 3, 6, 'a folded block'],
  ['# first\r\na: |\r\n  x ==\r\n  Q\r\n', 4, 3, 'Windows line ends'],
  ['b: { c: 1 }\na:   payload.x == Q   # why\n', 2, 19, 'spaces and a comment'],
])('%j: Q stands at %d:%d (%s)', (text, line, column) => {
  expect(found(text, 'Q')).toEqual({ at: 'Q', line, column });
});

test('a word of any text is found where it stands, however YAML writes the text', () => {
  const word = fc.stringMatching(/^[a-z]{1,8}$/);
  const between = fc.constantFrom(' ', '  ', '\n', '\n\n', ' "', "'", ': ', ' # ', '\\', '\t', 'é', '😀');
  const style = fc.constantFrom('PLAIN', 'QUOTE_SINGLE', 'QUOTE_DOUBLE', 'BLOCK_LITERAL', 'BLOCK_FOLDED');
  fc.assert(
    fc.property(fc.array(fc.tuple(word, between), { maxLength: 6 }), style, (parts, defaultStringType) => {
      const value = `${parts.map((part) => part.join('')).join('')}NEEDLE`;
      const text = stringify(
        { a: value },
        { defaultStringType: defaultStringType as 'PLAIN', lineWidth: 20 },
      );
      // A long quoted text may be broken within the word.
      expect(found(text, 'NEEDLE').at.replace(/\\\n */, '')).toBe('NEEDLE');
    }),
  );
});

test.each([
  ['a: 1\na: 2\n', 'SB102', 2, 'a key twice'],
  ['a: [1\nb: 2\n', 'SB101', 2, 'an open list'],
  ['a: has(x) ? y : z\n', 'SB101', 1, 'a CEL expression without its quotes'],
  ['a: 1\n---\nb: 2\n', 'SB101', 2, 'two documents'],
  ['a: &x 1\nb: *x\n', 'SB103', 2, 'an alias'],
  ['when: !ready\n', 'SB101', 1, 'a tag, or CEL that begins with !'],
  ['a: !!timestamp 2026-01-01\n', 'SB101', 1, 'a type that JSON does not have'],
  ['? [a]\n: 1\n', 'SB101', 1, 'a key that is a list'],
  ['['.repeat(20_000), 'SB101', 1, 'nested without end'],
])('case %#', (text, code, line) => {
  const file = parseSourceFile('a.yaml', text);
  expect(file.faults.map((fault) => [fault.code, file.position(fault.span.start).line])).toEqual([
    [code, line],
  ]);
});
