import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { compileSame } from './compile-same.ts';
import type { Diagnostic } from './diagnostics.ts';
import { placeOf } from './place.ts';
import { parseSourceFile } from './source-file.ts';
import type { CompiledRequest } from './workflow.ts';

/** What is compared how, where the workflow leaves it to the documents. */

const moment = '{ type: string, format: date-time }';
const rows: readonly [sent: string, found: string, as: string, reason: string][] = [
  [
    '{ type: string }',
    '{ type: string }',
    'text',
    'two texts: their Unicode form is no difference, their case is',
  ],
  [
    '{ type: string, format: email }',
    '{ type: string, format: email }',
    'text',
    'case is never unimportant by itself',
  ],
  ['{ type: string }', moment, 'time', 'the record has a moment'],
  [moment, '{ type: string }', 'time', 'a moment was sent'],
  [moment, '{ type: [string, "null"], format: date-time }', 'time', 'null beside it is left aside'],
  [
    moment,
    '{ anyOf: [{ type: string, format: date-time }, { type: "null" }] }',
    'time',
    'as OpenAPI 3.1 writes it',
  ],
  [moment, '{ type: string, format: date }', 'date', 'what the record has counts more'],
  ['{ type: string, format: date }', '{ type: string, format: date }', 'date', 'a day'],
  ['{ type: number }', '{ type: integer }', 'number', 'two numbers'],
  ['{ type: number }', '{ type: string }', 'number', 'a number that comes back as text'],
  ['{ type: string }', '{ type: number }', 'exact', 'a text and a number: check tells it'],
  ['true', 'true', 'exact', 'nothing is said'],
  ['{ type: boolean }', '{ type: boolean }', 'exact', 'of no kind that has two spellings'],
  [
    '{ type: array, items: { type: string } }',
    '{ type: array, uniqueItems: true }',
    'exact',
    'a list is a set where you say so',
  ],
];

/** How fields are compared whose schemas say so of what is sent and what is read back. */
function sameOf(sent: string, found: string, same = '[name]') {
  const diagnostics: Diagnostic[] = [];
  const schema = (name: string): unknown =>
    parse(`
type: object
properties:
  name: ${name}
  inner: { type: object, properties: { at: ${moment} } }
  list: { type: array, items: { $ref: '#/$defs/element' } }
$defs: { element: { type: object, properties: { at: ${moment} } } }
`);
  const request = {
    body: { kind: 'object', entries: [['name', { kind: 'expression' }]] },
    requestContract: { schema: schema(sent) },
  } as unknown as CompiledRequest;
  const place = placeOf(parseSourceFile('same.yaml', same), diagnostics);
  const fields = compileSame(place, request, schema(found));
  expect(diagnostics).toEqual([]);
  return fields;
}

test.each(rows)('sent as %s, found as %s: %s (%s)', (sent, found, as) => {
  expect(sameOf(sent, found)).toMatchObject([{ sent: 'name', found: 'name', as }]);
});

test('what the workflow says counts, and paths lead into documents', () => {
  const same =
    '[{ sent: name, as: exact }, { sent: name, found: inner.at }, { sent: name, found: list.*.at }, { sent: name, found: /inner/at, as: text }]';
  expect(sameOf('{ type: string }', '{ type: string }', same)).toMatchObject([
    { as: 'exact' },
    { as: 'time', found: 'inner.at' },
    { as: 'time', found: 'list.*.at' },
    { as: 'text', found: '/inner/at' },
  ]);
});
