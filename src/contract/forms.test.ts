import { describe, expect, test } from 'vitest';
import type { Violation } from './contract.ts';
import { compileContract } from './schema.ts';

const contractOf = (document: unknown) => compileContract({ document, pointer: '', name: 'test' });

describe('a choice of forms tells of the form that was meant', () => {
  const card = {
    type: 'object',
    required: ['number'],
    properties: { type: { const: 'card' }, number: { type: 'string' } },
  };
  const bank = {
    type: 'object',
    required: ['iban'],
    properties: { type: { const: 'bank' }, iban: { type: 'string' } },
  };
  const say = (schema: object, value: unknown) =>
    contractOf(schema)
      .validate(value)
      .map(({ path, rule, message }: Violation) => [path, rule, message]);

  test.each<[object, unknown, string[][], string]>([
    [
      { oneOf: [card, bank] },
      { type: 'bank' },
      [['/iban', 'required', 'iban is missing']],
      'a fixed member tells',
    ],
    [
      { anyOf: [card, bank] },
      { type: 'cash' },
      [['/type', 'enum', 'type is "cash", which is not one of "card", "bank"']],
      'none of the fixed ones',
    ],
    [
      { oneOf: [{ type: 'null' }, card] },
      { type: 'card' },
      [['/number', 'required', 'number is missing']],
      'the kind of the value tells',
    ],
    [
      { oneOf: [{ type: 'null' }, card] },
      5,
      [['', 'type', 'The value is 5, which should be null or an object']],
      'another kind',
    ],
    [
      { type: 'object', required: ['id'], oneOf: [card, bank] },
      { type: 'bank' },
      [
        ['/iban', 'required', 'iban is missing'],
        ['/id', 'required', 'id is missing'],
      ],
      'what is beside the choice stays',
    ],
    [
      {
        properties: { pay: { anyOf: [{ $ref: '#/$defs/card' }, { $ref: '#/$defs/bank' }] } },
        $defs: { card, bank },
      },
      { pay: { type: 'card', number: 4 } },
      [['/pay/number', 'type', 'pay.number is 4, which should be a text']],
      'behind $refs',
    ],
    [
      {
        items: {
          oneOf: [
            card,
            { ...bank, properties: { ...bank.properties, to: { oneOf: [card, { type: 'null' }] } } },
          ],
        },
      },
      [{ type: 'card' }, { type: 'bank', iban: 'x', to: { type: 'card' } }],
      [
        ['/0/number', 'required', '[0].number is missing'],
        ['/1/to/number', 'required', '[1].to.number is missing'],
      ],
      'one within another, and several',
    ],
    [
      { oneOf: [{ required: ['a', 'b', 'c'] }, { required: ['x'] }] },
      {},
      [['/x', 'required', 'x is missing']],
      'the one that lacks the least',
    ],
    [
      { oneOf: [{ required: ['a'] }, { required: ['x'] }] },
      {},
      [['', 'oneOf', 'The value fits none of the forms that the contract allows']],
      'nobody can tell',
    ],
    [
      { oneOf: [{ required: ['a'] }, { properties: { a: { type: 'number' } } }] },
      { a: 1 },
      [['', 'oneOf', 'The value fits several forms of the contract at once, and should fit one']],
      'too many fit',
    ],
  ])('%j for %j', (schema, value, expected, reason) => {
    expect(say(schema, value), reason).toEqual(expected);
  });
});
