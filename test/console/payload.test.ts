import { describe, expect, test } from 'vitest';
import { csvOf } from '../../console/src/parts/csv.ts';
import { cut, piecesOf } from '../../console/src/parts/foreign.ts';
import { countdown, relative, span, timeOn } from '../../console/src/parts/moments.ts';
import { bodyWith } from '../../console/src/payload/body.ts';
import { changesOf } from '../../console/src/payload/changes.ts';
import { fieldsOf, isAbout } from '../../console/src/payload/fields.ts';
import { linesOf } from '../../console/src/payload/lines.ts';

test.each([
  ['plain text', 'Zoë 日本 🚂 line\nand tab\t', 0, 'letters of any language stay as they are'],
  ['override', 'a\u202egnp.exe', 1, 'it would turn what follows around'],
  ['escape', '\u001b[31m', 1, 'a terminal would obey it'],
  ['zero width', 'a\u200bb', 1, 'two texts that look the same are not'],
  ['tag', '\u{e0041}', 1, 'it cannot be seen at all'],
  ['lone surrogate', 'a\ud800', 1, 'it is half a character'],
  ['family', '👩‍👧', 1, 'a joiner is shown too: it hides things as well as it joins them'],
])('foreign text, %s', (_, text, signs) => {
  const pieces = piecesOf(text);
  expect(pieces.filter((piece) => 'sign' in piece)).toHaveLength(signs);
  expect(pieces.map((piece) => ('text' in piece ? piece.text : '')).join('').length).toBeLessThanOrEqual(
    text.length,
  );
});

test('a pair is not torn where a text is cut', () => {
  expect(cut('a🚂b', 2)).toBe('a');
  expect(cut('a🚂b', 3)).toBe('a🚂');
});

test.each([
  ['=1+1', "'=1+1", 'a spreadsheet would compute it'],
  ['a,b', '"a,b"', 'a comma ends a cell'],
  ['a"b', '"a""b"', 'a quote is doubled'],
  ['-5', "'-5", 'it may begin a formula'],
])('CSV of %s', (value, cell) => {
  expect(csvOf([{ name: 'n', value: (row: string) => row }], [value])).toBe(`\ufeffn\r\n${cell}\r\n`);
});

test.each([
  [4_000, '4 s', '0:04'],
  [61_000, '1 min', '1:01'],
  [3_600_000, '1 h', '1 h'],
  [90_000_000, '1 d 1 h', '1 d 1 h'],
])('%d ms', (ms, length, left) => {
  expect([span(ms), countdown(ms)]).toEqual([length, left]);
});

test('from now', () => {
  expect([relative(0, 60_000), relative(60_000, 0), relative(1, 0)]).toEqual([
    '1 min ago',
    'in 1 min',
    'just now',
  ]);
});

describe('a payload as lines', () => {
  const complaints = [
    { path: '/type', rule: 'required', message: 'type is missing' },
    { path: '/utm/a~1b', rule: 'type', message: 'a/b is 1' },
  ];
  const lines = linesOf({ name: 'x', utm: { 'a/b': 1 }, none: [] }, complaints);

  test('what is missing has a line where it belongs', () => {
    expect(lines.find(({ kind }) => kind === 'missing')).toMatchObject({ name: 'type', depth: 1 });
  });

  test('what is wrong stands at its place, whatever its name', () => {
    expect(lines.find(({ pointer }) => pointer === '/utm/a~1b')?.wrong).toEqual(['a/b is 1']);
  });
});

test('a contract as fields: references are followed, circles are not', () => {
  const schema = {
    properties: { node: { $ref: '#/$defs/node' }, tags: { type: 'array', items: { properties: { t: {} } } } },
    required: ['node'],
    $defs: { node: { type: 'object', properties: { next: { $ref: '#/$defs/node' }, n: { minimum: 1 } } } },
  };
  const fields = fieldsOf(schema);
  expect(fields.map(({ pointer }) => pointer)).toEqual([
    '/node',
    '/node/next',
    '/node/n',
    '/tags',
    '/tags/*/t',
  ]);
  const last = fields.at(-1);
  expect(last && isAbout(last, '/tags/3/t')).toBe(true);
});

test.each([
  [{ a: 1 }, { a: 2 }, ['/a'], 'changed'],
  [{ a: 1 }, {}, ['/a'], 'taken away'],
  [{}, { b: null }, ['/b'], 'added, though it is null'],
  [{ a: [1, 2] }, { a: [1] }, ['/a/1'], 'in a list, by place'],
  [{ a: {} }, { a: [] }, ['/a'], 'another kind'],
  [{ a: 1, b: 2 }, { b: 2, a: 1 }, [], 'the order says nothing'],
] as [unknown, unknown, string[], string][])('what differs between %j and %j', (before, after, paths) => {
  expect(changesOf(before, after).map(({ path }) => path)).toEqual(paths);
});

test.each<[members: object, payload: string, body: string, reason: string]>([
  [{}, '{"a": 9007199254740993}', '{"payload":{"a": 9007199254740993}}', 'as it was typed, not rounded'],
  [{ act: 'resolve' }, '[1.0]', '{"act":"resolve","payload":[1.0]}', 'beside what else is said'],
])('a body of %o with %s is %s: %s', (members, payload, body) => {
  expect(bodyWith(members, payload)).toBe(body);
});

test.each([
  [new Date(2026, 2, 4, 9, 5), /^09:05:00$/, 'today the time says it'],
  [new Date(2026, 2, 3, 9, 5), /3.*, 09:05:00$/, 'of another day the time alone would be taken for today'],
  [new Date(2025, 2, 4, 9, 5), /2025.*, 09:05:00$/, 'a day of another year is told with it'],
])('%s is shown as %s: %s', (at, shown) => {
  expect(timeOn(at.getTime(), new Date(2026, 2, 4, 12).getTime())).toMatch(shown);
});
