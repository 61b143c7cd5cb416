import { describe, expect, test } from 'vitest';
import { compileContract } from '../../contract/schema.ts';
import { contractDifferences } from './contract.ts';
import { breakingOf } from './difference.ts';

describe('whether a contract breaks for who sends payloads', () => {
  const object = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more });
  const item = object(
    { sku: { type: 'string' }, count: { type: 'integer', minimum: 1 } },
    { required: ['sku'] },
  );
  const form = (kind: string, properties: object, required: string[] = []) =>
    object({ kind: { const: kind }, ...properties }, { required: ['kind', ...required] });

  test.each<[string, unknown, unknown, boolean | null, string]>([
    [
      'a new required field',
      object({ a: {} }),
      object({ a: {} }, { required: ['a'] }),
      true,
      '`payload.a` is required now.',
    ],
    [
      'one that was not named',
      object({}),
      object({ b: {} }, { required: ['b'] }),
      true,
      '`payload.b` is a new required field.',
    ],
    [
      'a removed optional field',
      object({ a: { type: 'string' } }),
      object({}),
      false,
      '`payload.a` is no longer described.',
    ],
    [
      'which must not be there any more',
      object({ a: {} }),
      object({}, { additionalProperties: false }),
      true,
      '`payload.a` is refused now.',
    ],
    [
      'a field that need not be there',
      object({ a: {} }, { required: ['a'] }),
      object({ a: {} }),
      false,
      '`payload.a` is no longer required.',
    ],
    [
      'a new optional field where others were refused',
      object({}, { additionalProperties: false }),
      object({ a: { type: 'string' } }, { additionalProperties: false }),
      false,
      '`payload.a` is a new optional field.',
    ],
    [
      'where others may have been sent',
      object({}),
      object({ a: { type: 'string' } }),
      null,
      '`payload.a` is a new optional field: whoever sends it already, as something else, is refused now.',
    ],
    ['that takes anything', object({}), object({ a: {} }), false, '`payload.a` is a new optional field.'],
    [
      'no other fields',
      object({ a: {} }),
      object({ a: {} }, { additionalProperties: false }),
      true,
      '`payload` takes no other fields now.',
    ],
    [
      'a narrower type',
      { type: ['string', 'null'] },
      { type: 'string' },
      true,
      '`payload` is a text now, and was null or a text.',
    ],
    [
      'a wider type',
      { type: 'integer' },
      { type: 'number' },
      false,
      '`payload` is a number now, and was a whole number.',
    ],
    ['fewer values', { enum: ['a', 'b'] }, { enum: ['a'] }, true, '`payload` may no longer be `"b"`.'],
    ['more values', { enum: ['a'] }, { enum: ['a', 'b'] }, false, '`payload` may also be `"b"`.'],
    [
      'values at all',
      { type: 'string' },
      { type: 'string', enum: ['a'] },
      true,
      '`payload` must be `"a"` now.',
    ],
    [
      'a higher minimum',
      { type: 'number', minimum: 1 },
      { type: 'number', minimum: 2 },
      true,
      '`payload` must be at least 2 now, and was at least 1.',
    ],
    [
      'an exclusive one',
      { type: 'number', minimum: 1 },
      { type: 'number', exclusiveMinimum: 1 },
      true,
      '`payload` must be above 1 now, and was at least 1.',
    ],
    [
      'a lower minimum',
      { type: 'number', minimum: 2 },
      { type: 'number', minimum: 1 },
      false,
      '`payload` must be at least 1 now, and was at least 2.',
    ],
    [
      'a shorter text',
      { type: 'string' },
      { type: 'string', maxLength: 5 },
      true,
      '`payload` must have at most 5 characters now.',
    ],
    [
      'a pattern',
      { type: 'string' },
      { type: 'string', pattern: '^a' },
      true,
      '`payload` must match ^a now.',
    ],
    [
      'another pattern',
      { type: 'string', pattern: 'a' },
      { type: 'string', pattern: '^a' },
      null,
      '`payload` must match ^a now, and had to match a.',
    ],
    [
      'a format',
      { type: 'string' },
      { type: 'string', format: 'email' },
      true,
      '`payload` must be of the format email now.',
    ],
    [
      'another format',
      { type: 'string', format: 'date' },
      { type: 'string', format: 'date-time' },
      true,
      '`payload` must be of the format date-time now, and was of date.',
    ],
    [
      'a wider format',
      { type: 'integer', format: 'int32' },
      { type: 'integer', format: 'int64' },
      false,
      '`payload` must be of the format int64 now, and was of int32.',
    ],
    [
      'deep in a list',
      object({ items: { type: 'array', items: item } }),
      object({ items: { type: 'array', items: { ...item, required: ['sku', 'count'] } } }),
      true,
      '`payload.items[].count` is required now.',
    ],
    [
      'through a reference',
      { $ref: '#/$defs/a', $defs: { a: item } },
      { $ref: '#/$defs/b', $defs: { b: { ...item, required: [] } } },
      false,
      '`payload.sku` is no longer required.',
    ],
    ['by allOf', item, { allOf: [item, { required: ['count'] }] }, true, '`payload.count` is required now.'],
    [
      'allOf written out',
      { allOf: [{ type: 'object' }, { required: ['a'] }] },
      { type: 'object', required: ['a'] },
      false,
      '',
    ],
    [
      'a form more',
      { oneOf: [form('a', {})] },
      { oneOf: [form('a', {}), form('b', {})] },
      false,
      '`payload` has 2 forms now, and had 1.',
    ],
    [
      'a form less',
      { oneOf: [form('a', {}), form('b', {})] },
      { oneOf: [form('a', {})] },
      true,
      '`payload` no longer takes form 2 of 2.',
    ],
    [
      'a narrower form',
      { oneOf: [form('a', { x: {} }), form('b', {})] },
      { oneOf: [form('a', { x: {} }, ['x']), form('b', {})] },
      true,
      '`payload.x` is required now.',
    ],
    [
      'forms that overlap',
      { anyOf: [{ type: 'string' }] },
      { oneOf: [{ type: 'string' }, { minLength: 1 }] },
      null,
      '`payload` has forms that may hold both, and only one may.',
    ],
    [
      'a choice of what is wider',
      { anyOf: [{ type: 'string' }, { type: 'integer' }] },
      { type: ['string', 'number'] },
      false,
      '',
    ],
    [
      'recursion, narrower',
      { $defs: { n: object({ next: { $ref: '#/$defs/n' } }) }, $ref: '#/$defs/n' },
      { $defs: { n: object({ next: { $ref: '#/$defs/n' } }, { required: ['next'] }) }, $ref: '#/$defs/n' },
      true,
      '`payload.next` is required now.',
    ],
    [
      'a field that is called as a word of the schema language',
      object({ title: { type: 'string' } }),
      object({ title: { type: 'string' } }, { required: ['title'] }),
      true,
      '`payload.title` is required now.',
    ],
    [
      'of another type',
      object({ id: { type: 'string' } }),
      object({ id: { type: 'integer' } }),
      true,
      '`payload.id` is a whole number now, and was a text.',
    ],
    [
      'in a part that is not taken apart',
      { not: object({ description: { const: 'x' } }) },
      { not: object({ description: { const: 'y' } }) },
      null,
      '`payload` `not` says something else now.',
    ],
    [
      'values with a member that is called so',
      { enum: [{ id: 1 }, { id: 2 }] },
      { enum: [{ id: 1 }] },
      true,
      '`payload` may no longer be `{"id":2}`.',
    ],
    [
      'what is not taken apart',
      { not: { type: 'null' } },
      { not: { type: ['null', 'string'] } },
      null,
      '`payload` `not` says something else now.',
    ],
  ])('%s', (_, from, to, breaking, words) => {
    const found = contractDifferences(contract(from), contract(to));
    if (words !== '') expect(found.map((each) => each.words)).toContain(words);
    expect(breakingOf(found), JSON.stringify(found)).toBe(breaking);
  });

  function contract(document: unknown) {
    return compileContract({ document, pointer: '', name: 'a.json' });
  }
});
