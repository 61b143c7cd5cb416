import { describe, expect, test } from 'vitest';
import { compileContract } from './schema.ts';

/** What Ajv's own code stumbles over is judged all the same, and never thrown at whoever sent it. */

const contractOf = (document: unknown, pointer = '') => compileContract({ document, pointer, name: 'test' });

describe('patterns beside branches that mark nothing', () => {
  const closed = { unevaluatedProperties: false, patternProperties: { '^x-': { type: 'string' } } };
  const choice = JSON.parse(
    '{ "unevaluatedProperties": false, "patternProperties": { "^x-": {} }, "if": { "required": ["a"] }, "then": { "properties": { "a": true } } }',
  );
  const rows: [schema: object, value: unknown, rules: string[], reason: string][] = [
    [
      { ...closed, anyOf: [{}, { properties: { a: true } }] },
      { 'x-1': 'a' },
      [],
      'the first branch marks nothing',
    ],
    [
      { ...closed, oneOf: [{}, { required: ['a'], properties: { a: true } }] },
      { 'x-1': 'a' },
      [],
      'nor here',
    ],
    [choice, { 'x-1': 'a' }, [], 'there is no else'],
    [choice, { a: 1, 'x-1': 'a' }, [], 'both count'],
    [
      { ...closed, anyOf: [{}, { properties: { a: true } }] },
      { b: 1 },
      ['unevaluatedProperties'],
      'still closed',
    ],
    [{ ...closed, anyOf: [{}, true] }, { 'x-1': 1 }, ['type'], 'the pattern still judges'],
    [
      { ...closed, anyOf: [{ required: ['a'], additionalProperties: true }, {}] },
      { a: 1, 'x-1': 'a' },
      [],
      'a branch has marked all',
    ],
  ];
  test.each(rows)('%j %j → %j (%s)', (schema, value, rules) => {
    expect(
      contractOf(schema)
        .validate(value)
        .map(({ rule }) => rule),
    ).toEqual(rules);
  });
});

describe('a schema that goes in circles', () => {
  test('is told of when it is compiled, and what reaches it is a violation', () => {
    const endless = { $ref: '#/$defs/a', $defs: { a: { allOf: [{ $ref: '#/$defs/a' }] } } };
    const contract = contractOf(endless);
    expect(contract.warnings).toEqual([
      'A $ref leads back to itself without going into the value: what reaches it is refused',
    ]);
    expect(contract.validate({}).map(({ rule }) => rule)).toEqual(['depth']);
  });

  test('a schema that goes into the value each time is none', () => {
    const tree = { type: 'object', properties: { child: { $ref: '#' } }, unevaluatedProperties: false };
    expect(contractOf(tree)).toMatchObject({ warnings: [] });
    expect(contractOf(tree).validate({ child: { child: {} } })).toEqual([]);
  });
});

test('whatever else is thrown while a value is judged is a violation that names the contract', () => {
  const value = Object.defineProperty({}, 'a', {
    enumerable: true,
    get() {
      throw new TypeError('no reading');
    },
  });
  expect(contractOf({ properties: { a: { type: 'string' } } }).validate(value)).toEqual([
    { path: '', rule: 'schema', message: 'The contract test cannot be evaluated on this: no reading' },
  ]);
});
