import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Contract } from '../../contract/contract.ts';
import { compileContract } from '../../contract/schema.ts';
import { contractDifferences } from './contract.ts';
import { breakingOf } from './difference.ts';
import { compareSchemas } from './schema-compare.ts';

/** What the difference of two contracts promises, against the engine that decides in production. */

type Schema = boolean | { readonly [keyword: string]: unknown };

// Some fields are called as a word of the schema language.
const names = ['a', 'title', 'xa'];
const scalars = [null, true, false, 0, 1, 2.5, 4, '', 'a', 'abc', '2026-01-01', 'x@example.com'];

const scalar = fc.constantFrom(...scalars);
const small = fc.integer({ min: 0, max: 3 });

/** Keywords of all kinds, in the small, so that two schemas often have to do with each other. */
const { schema } = fc.letrec<{ schema: Schema; keywords: Schema }>((tie) => {
  const part = tie('schema');
  const members = fc.dictionary(fc.constantFrom(...names), part, { maxKeys: 2 });
  const forms = fc.array(part, { minLength: 1, maxLength: 3 });
  const keyword = fc.oneof(
    fc.record({
      type: fc.oneof(
        fc.constantFrom('object', 'object', 'array', 'string', 'integer', 'number', 'boolean', 'null'),
        fc.uniqueArray(fc.constantFrom('object', 'string', 'integer', 'number', 'null'), { minLength: 1 }),
      ),
    }),
    fc.record({ properties: members }),
    fc.record({ required: fc.uniqueArray(fc.constantFrom(...names), { maxLength: 2 }) }),
    fc.record({ additionalProperties: part }),
    fc.record({ patternProperties: fc.dictionary(fc.constantFrom('^x', 'a$'), part, { maxKeys: 2 }) }),
    fc.record({ propertyNames: part }),
    fc.record({
      dependentRequired: fc.dictionary(fc.constantFrom(...names), fc.uniqueArray(fc.constantFrom(...names))),
    }),
    fc.record({ items: part }),
    fc.record({ prefixItems: forms }),
    fc.record({ contains: part, minContains: small }),
    fc.record({ uniqueItems: fc.boolean() }),
    fc.record({ enum: fc.uniqueArray(scalar, { minLength: 1, maxLength: 4 }) }),
    fc.record({ const: scalar }),
    fc.record({ minimum: small }),
    fc.record({ exclusiveMaximum: small }),
    fc.record({ multipleOf: fc.constantFrom(1, 2, 4, 0.5) }),
    fc.record({ minLength: small }),
    fc.record({ maxLength: small }),
    fc.record({ maxItems: small }),
    fc.record({ minProperties: small }),
    fc.record({ pattern: fc.constantFrom('a', '^a', 'c$') }),
    fc.record({ format: fc.constantFrom('date', 'email', 'date-time') }),
    fc.record({ allOf: forms }),
    fc.record({ anyOf: forms }),
    fc.record({ oneOf: forms }),
    fc.record({ not: part }),
    fc.tuple(part, part).map(([condition, then]) =>
      Object.fromEntries([
        ['if', condition],
        ['then', then],
      ]),
    ),
    fc.record({ unevaluatedProperties: part }),
    fc.constant({ $ref: '#/$defs/one' }),
  );
  return {
    schema: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      { weight: 1, arbitrary: fc.boolean() },
      { weight: 6, arbitrary: tie('keywords') },
    ),
    keywords: fc.array(keyword, { minLength: 1, maxLength: 3 }).map((parts) => Object.assign({}, ...parts)),
  };
});

const root = fc.tuple(schema, schema).map(([own, one]) => ({
  ...(typeof own === 'boolean' ? { allOf: [own] } : own),
  $defs: { one: withoutReferences(one) },
}));

/** A definition that leads to itself at once says nothing. */
function withoutReferences(value: Schema = true): Schema {
  const text = JSON.stringify(value).replaceAll('"$ref":"#/$defs/one"', '"title":"one"');
  return JSON.parse(text);
}

const payload = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    scalar,
    fc.dictionary(fc.constantFrom(...names, 'c'), tie('value'), { maxKeys: 3 }),
    fc.array(tie('value'), { maxLength: 3 }),
  ),
})).value;

/** A schema and what an author might make of it: a part of it replaced, removed or added. */
const edited = fc
  .tuple(root, root, fc.infiniteStream(fc.nat()))
  .map(([before, other, random]) => {
    const next = () => random.next().value ?? 0;
    const after = edit(before, other, next) as typeof before;
    return { before, after: { ...after, $defs: { one: withoutReferences(after.$defs?.one) } } };
  })
  .filter(({ after }) => isSchema(after));

/** An edit may have put a keyword where the name of a field stands. */
function isSchema(document: unknown): boolean {
  try {
    compiled(document);
    return true;
  } catch {
    return false;
  }
}

function edit(value: unknown, other: unknown, next: () => number): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value);
  const [key, part] = entries[next() % Math.max(entries.length, 1)] ?? ['', undefined];
  const rest = entries.filter(([name]) => name !== key || key === '$defs');
  const others = Object.entries(other ?? {}).filter(([name]) => name !== '$defs');
  switch (next() % 4) {
    case 0:
      return Object.fromEntries(rest);
    case 1:
      return Object.fromEntries([...entries, ...others.slice(0, 1)]);
    default:
      if (Array.isArray(part)) {
        const kept = part.filter((_, index) => index !== next() % part.length);
        return { ...value, [key]: kept.length === 0 ? part : kept };
      }
      return { ...value, [key]: edit(part, other, next) };
  }
}

function located(schema: unknown) {
  return { schema, root: schema };
}

function compiled(document: unknown) {
  return compileContract({ document, pointer: '', name: 'a.json' });
}

/** Ajv itself fails on some `unevaluatedProperties`; there nothing is known. */
function takes(contract: Contract, value: unknown): boolean | null {
  try {
    return contract.validate(value).length === 0;
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

const runs = Number(process.env.DIFFERENCE_RUNS ?? 60);

describe('what is called not breaking', () => {
  test.each([
    ['edited schemas', edited, 3],
    ['schemas that have little to do with each other', fc.record({ before: root, after: root }), 1],
  ] as const)('takes every payload that was taken before: %s', (_, pairs, weight) => {
    let held = 0;
    fc.assert(
      fc.property(
        pairs,
        fc.array(payload, { minLength: 20, maxLength: 40 }),
        ({ before, after }, payloads) => {
          const [was, is] = [compiled(before), compiled(after)];
          if (breakingOf(contractDifferences(was, is)) !== false) return;
          held += 1;
          for (const each of [...payloads, ...scalars, {}, []]) {
            if (!takes(was, each)) continue;
            expect({ payload: each, taken: takes(is, each) }).not.toEqual({ payload: each, taken: false });
          }
        },
      ),
      { numRuns: runs * weight },
    );
    // Else it would be sound by never saying anything.
    expect(held).toBeGreaterThan((runs * weight) / 20);
  });

  test('a schema does not differ from itself, nor from itself with other words', () => {
    fc.assert(
      fc.property(root, (document) => {
        const worded = { ...document, title: 'Another title', $comment: 'x' };
        expect(contractDifferences(compiled(document), compiled(worded))).toEqual([]);
        // Compared part by part, nothing that stands in both is said to break.
        const parts = compareSchemas(located(document), located(structuredClone(document)));
        expect(parts.filter(({ breaking }) => breaking === true)).toEqual([]);
      }),
      { numRuns: runs },
    );
  });
});
