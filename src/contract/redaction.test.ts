import { describe, expect, test } from 'vitest';
import { resolvePointer } from './pointer.ts';
import { hiddenText, withoutHidden } from './redaction.ts';
import { compileContract } from './schema.ts';

const contractOf = (document: unknown) => compileContract({ document, pointer: '', name: 'test' });

describe('what the contract hides', () => {
  const secret = 'hunter2-ABCDEF';
  const rows: [schema: object, value: unknown, rule: string, reason: string][] = [
    [{ properties: { a: { type: 'number', writeOnly: true } } }, { a: secret }, 'type', 'writeOnly'],
    [
      { properties: { a: { format: 'password', enum: [`${secret}x`] } } },
      { a: secret },
      'enum',
      'a password, and no guess at it',
    ],
    [{ properties: { a: { maxLength: 3, 'x-redact': true } } }, { a: secret }, 'maxLength', 'x-redact'],
    [
      { properties: { a: { 'x-redact': true, properties: { b: { items: { pattern: '^x' } } } } } },
      { a: { b: [secret] } },
      'pattern',
      'within what is hidden',
    ],
    [
      { properties: { a: { $ref: '#/$defs/card' } }, $defs: { card: { writeOnly: true, type: 'number' } } },
      { a: secret },
      'type',
      'behind a $ref',
    ],
    [
      { allOf: [{ properties: { a: { type: 'number' } } }, { properties: { a: { writeOnly: true } } }] },
      { a: secret },
      'type',
      'another part of the contract says it',
    ],
    [
      { patternProperties: { '^t': { writeOnly: true, const: 1 } } },
      { token: secret },
      'const',
      'by a pattern of names',
    ],
    [
      { additionalProperties: { writeOnly: true, format: 'date-time' } },
      { any: secret },
      'format',
      'every other name',
    ],
    [
      { oneOf: [{ properties: { a: { type: 'number', writeOnly: true } } }, { type: 'null' }] },
      { a: secret },
      'type',
      'in a form of a choice',
    ],
    [
      {
        $defs: { pin: { $anchor: 'pin', type: 'number', writeOnly: true } },
        properties: { a: { $ref: '#pin' } },
      },
      { a: secret },
      'type',
      'behind an anchor',
    ],
    [
      {
        $id: 'https://example.com/lead.json',
        $defs: { pin: { $id: 'pin.json', type: 'number', writeOnly: true } },
        properties: { a: { $ref: 'https://example.com/pin.json' } },
      },
      { a: secret },
      'type',
      'behind an address',
    ],
    [
      {
        $defs: { pin: { $dynamicAnchor: 'pin', type: 'number', writeOnly: true } },
        properties: { a: { $dynamicRef: '#pin' } },
      },
      { a: secret },
      'type',
      'behind a dynamic one',
    ],
    [
      { dependentSchemas: { b: { properties: { a: { type: 'number', writeOnly: true } } } } },
      { a: secret, b: 1 },
      'type',
      'where another member is there',
    ],
    [
      {
        properties: { secret_a: { type: 'number' } },
        patternProperties: { '^secret_': { 'x-redact': true } },
      },
      { secret_a: secret },
      'type',
      'by a pattern of names beside its own',
    ],
    [
      { properties: { a: { writeOnly: true, type: 'number' } } },
      { a: '12' },
      'type',
      'no repair would show it',
    ],
  ];
  test.each(rows)('%j', (schema, value, rule, reason) => {
    const violations = contractOf(schema).validate(value);
    expect(
      violations.map((each) => each.rule),
      reason,
    ).toContain(rule);
    const [violation] = violations;
    expect(violation, reason).toMatchObject({ hidden: true });
    expect(violation, reason).not.toHaveProperty('value');
    expect(violation, reason).not.toHaveProperty('repair');
    expect(JSON.stringify(violations), reason).not.toMatch(/hunter2|12"/);
  });

  test('what stands beside it is shown', () => {
    const contract = contractOf({
      properties: { a: { writeOnly: true, type: 'number' }, b: { type: 'number' } },
    });
    const byPath = new Map(contract.validate({ a: secret, b: 'x' }).map((each) => [each.path, each]));
    expect(byPath.get('/b')).toMatchObject({ value: 'x', message: 'b is "x", which should be a number' });
    expect(byPath.get('/a')?.message).toBe('a is [hidden], which should be a number');
  });

  test('a pattern that hides some names shows the others', () => {
    const contract = contractOf({
      patternProperties: { '^secret_': { 'x-redact': true } },
      additionalProperties: { type: 'number' },
    });
    expect(contract.validate({ a: 'x' })).toMatchObject([{ path: '/a', value: 'x' }]);
  });

  test('a contract that refers to itself is searched to an end', () => {
    const contract = contractOf({
      properties: { next: { $ref: '#' }, key: { type: 'number', writeOnly: true } },
    });
    expect(contract.validate({ next: { next: { key: secret } } })).toEqual([
      expect.objectContaining({ path: '/next/next/key', hidden: true }),
    ]);
  });
});

describe('a value without what is hidden', () => {
  const contract = {
    properties: {
      card: { 'x-redact': true, properties: { number: { type: 'string' } } },
      people: { type: 'array', items: { properties: { pin: { writeOnly: true }, name: {} } } },
      plain: { type: 'string' },
    },
  };
  const value = { card: { number: '4111' }, people: [{ name: 'Ada', pin: '1' }, { name: 'Bo' }], plain: 'a' };
  type Row = [contracts: unknown[], hidden: string[], reason: string];
  test.each<Row>([
    [[contract], ['/card', '/people/0/pin'], 'the whole value, in lists too'],
    [[{}], [], 'a contract that hides nothing'],
    [[], [], 'no contract'],
    [
      [contract, { properties: { plain: { format: 'password' } } }],
      ['/card', '/people/0/pin', '/plain'],
      'what either of two hides',
    ],
    [[{ writeOnly: true }], [''], 'all of it'],
    [
      [{ additionalProperties: { writeOnly: true }, properties: { plain: {} } }],
      ['/card', '/people'],
      'the rest',
    ],
  ])('%j hides %j: %s', (contracts, hidden) => {
    const shown = withoutHidden(contracts, value);
    expect(shown.hidden).toEqual(hidden);
    for (const pointer of hidden) expect(resolvePointer(shown.value, pointer)).toBe(hiddenText);
    if (hidden.includes('/card')) expect(JSON.stringify(shown.value)).not.toContain('4111');
    if (hidden.length === 0) expect(shown.value).toEqual(value);
  });
});
