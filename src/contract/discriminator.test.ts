import { describe, expect, test } from 'vitest';
import { compileContract } from './schema.ts';

const cat = {
  type: 'object',
  required: ['meows'],
  properties: { pet: { type: 'string' }, meows: { type: 'boolean' } },
};
const dog = {
  type: 'object',
  required: ['barks'],
  properties: { pet: { type: 'string' }, barks: { type: 'boolean' } },
};
const refs = [{ $ref: '#/components/schemas/Cat' }, { $ref: '#/components/schemas/Dog' }];

function contractOf(openapi: string, pet: object) {
  const document = { openapi, components: { schemas: { Cat: cat, Dog: dog, Pet: pet } } };
  return compileContract({ document, pointer: '/components/schemas/Pet', name: 'test' });
}

const mapped = { propertyName: 'pet', mapping: { kitty: '#/components/schemas/Cat', hound: 'Dog' } };
const implicit = { propertyName: 'pet' };

describe('OpenAPI 3.0: the word names the form', () => {
  const rows: [choice: object, value: unknown, expected: string[], reason: string][] = [
    [{ oneOf: refs, discriminator: mapped }, { pet: 'kitty', meows: true }, [], 'by mapping'],
    [{ oneOf: refs, discriminator: mapped }, { pet: 'hound', barks: true }, [], 'by mapping to a name'],
    [
      { oneOf: refs, discriminator: mapped },
      { pet: 'hound', meows: true },
      ['/barks'],
      'it would fit another form',
    ],
    [
      { oneOf: refs, discriminator: mapped },
      { pet: 'kitty', meows: true, barks: true },
      [],
      'it would fit both',
    ],
    [
      { oneOf: refs, discriminator: implicit },
      { pet: 'Dog', barks: 1 },
      ['/barks'],
      'by the name of the schema',
    ],
    [{ anyOf: refs, discriminator: implicit }, { pet: 'Dog', meows: true }, ['/barks'], 'of anyOf'],
    [{ oneOf: refs, discriminator: mapped }, { pet: 'horse' }, ['/pet'], 'a word that names none'],
    [{ oneOf: refs, discriminator: mapped }, { meows: true }, [], 'without the word it is the choice alone'],
    [{ oneOf: refs, discriminator: mapped }, 'cat', [''], 'no object'],
    [{ oneOf: refs, discriminator: mapped, nullable: true }, null, [], 'nullable'],
    [{ type: 'object', discriminator: implicit }, { pet: 'x' }, [], 'beside no choice it is a note'],
  ];
  test.each(rows)('%j for %j', (choice, value, expected, reason) => {
    const paths = contractOf('3.0.3', choice)
      .validate(value)
      .map(({ path }) => path);
    expect(paths, reason).toEqual(expected);
  });
});

describe('OpenAPI 3.1: a discriminator changes no verdict, and tells which form was meant', () => {
  const contract = contractOf('3.1.0', { oneOf: refs, discriminator: mapped });
  test.each<[unknown, string[], string]>([
    [{ pet: 'hound', meows: true }, [], 'it fits one form'],
    [{ pet: 'hound' }, ['/barks'], 'it fits none'],
    [{ pet: 'horse' }, ['/pet'], 'nor is there such a word'],
    [{ pet: 'kitty', meows: true, barks: true }, [''], 'it fits both'],
  ])('%j at %j: %s', (value, expected, reason) => {
    expect(
      contract.validate(value).map(({ path }) => path),
      reason,
    ).toEqual(expected);
  });
});
