import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { soundProject, testFile } from '../../../test/support/cases.ts';
import { changed, projectTexts } from '../../../test/support/project-texts.ts';
import { compileContract } from '../../contract/schema.ts';
import { valuesOf } from './arbitrary.ts';
import { type Generated, generateCases } from './generate.ts';
import { keptCase } from './keep.ts';

const workflow = 'workflows/lead.yaml';
const contract = 'contracts/lead.schema.json';

function files(file: string, from: string, to: string): Map<string, string> {
  const all = changed(
    contract,
    '"lead_id": { "type": "string" }',
    '"lead_id": { "type": "string", "minLength": 1 }',
  );
  all.set(
    file,
    (all.get(file) ?? '').replace(from, () => to),
  );
  return all;
}

function generated(file: string, from: string, to: string, seed = 1): Generated {
  const compiled = soundProject(files(file, from, to)).workflows.get('lead');
  if (compiled === undefined) throw new Error('there is no workflow');
  return generateCases(compiled, { runs: 200, seed });
}

describe('a payload that the contract allows and that breaks what must hold is found, and made small', () => {
  test.each<[file: string, from: string, to: string, payload: object, broken: RegExp, reason: string]>([
    [
      workflow,
      'project_type: payload.project_type',
      'project_type: payload.project_type\n  first: payload.name.split(" ")[1]',
      {},
      /^transform_failed: Could not make: first/,
      'a name may be one word',
    ],
    [
      workflow,
      'budget: double(payload.budget)',
      'budget: double(payload.budget)\n  whole: int(payload.budget)',
      { budget: expect.any(Number) },
      /^transform_failed: Could not make: whole/,
      'a number may be too big for an int',
    ],
    [
      'pm-tool.openapi.yaml',
      '        name: { type: string }',
      '        name: { type: string, maxLength: 20 }',
      { name: expect.stringMatching(/^.{16}$/su) },
      /^destination_contract_violation: pm-tool would refuse createProject/,
      'the destination takes less than the contract allows',
    ],
    [
      contract,
      '"minLength": 1',
      '"minLength": 0',
      { lead_id: '' },
      /^transform_failed: No identity/,
      'an identity may be empty',
    ],
  ])('%s: %s', (file, from, to, payload, broken) => {
    const { counterexample } = generated(file, from, to);
    expect(counterexample?.broken).toMatch(broken);
    expect(counterexample?.payload).toMatchObject(payload);
    expect(JSON.stringify(counterexample?.payload).length).toBeLessThan(160);
  });
});

test('a sound workflow holds, and its headers and its literals are thought of', () => {
  const { counterexample, runs, skipped } = generated(
    workflow,
    'identity: payload.lead_id',
    'identity: headers["x-delivery"]',
  );
  expect([counterexample, runs]).toEqual([null, 200]);
  expect(skipped).toBeLessThan(20);
});

test('the same seed makes the same payloads, another one others', () => {
  const found = (seed: number) =>
    generated(
      workflow,
      'double(payload.budget)',
      'double(payload.budget)\n  first: payload.name.split(" ")[1]',
      seed,
    );
  const [first, again] = [found(3), found(3)];
  expect(first.counterexample).not.toBeNull();
  expect(first).toEqual(again);
});

test('a contract that chance cannot satisfy is said to be one, and fails nothing', () => {
  const { unable, counterexample } = generated(contract, '"minLength": 1', '"not": { "type": "string" }');
  expect(counterexample).toBeNull();
  expect(unable).toMatch(/contracts\/lead.schema.json, it allows only 0/);
});

test('what is kept of a counterexample is a case that fails as long as the workflow does', () => {
  const broken = files(
    workflow,
    'project_type: payload.project_type',
    'project_type: payload.project_type\n  first: payload.name.split(" ")[1]',
  );
  const found = generated(
    workflow,
    'project_type: payload.project_type',
    'project_type: payload.project_type\n  first: payload.name.split(" ")[1]',
  );
  if (found.counterexample === null) throw new Error('nothing was found');
  const kept = keptCase(found.counterexample, found);
  const failures = (texts: Map<string, string>) =>
    testFile(kept, {}, soundProject(texts)).results.map((result) => result.failures.length);
  expect(failures(broken)).toEqual([1]);
  expect(failures(new Map(Object.entries(projectTexts)))).toEqual([0]);
});

test.each<[schema: object, reason: string]>([
  [
    {
      $ref: '#/$defs/node',
      $defs: { node: { type: 'object', required: ['next'], properties: { next: { $ref: '#/$defs/node' } } } },
    },
    'nesting that never ends',
  ],
  [{ $ref: '#' }, 'a reference to itself'],
  [{ allOf: [{ $ref: '#' }], type: 'object' }, 'a schema that is all of itself'],
  [{ enum: [] }, 'nothing to choose from'],
  [{ type: 'string', pattern: '(?<a>x)\\k<a>(?=y)' }, 'a pattern that no text can be made of'],
  [{ type: 'integer', minimum: 5, maximum: 4 }, 'an empty range'],
  [{ type: 'integer', minimum: 0.2, maximum: 0.8 }, 'no whole number in it'],
  [
    { type: 'array', minItems: 3, uniqueItems: true, items: { type: 'boolean' } },
    'fewer values than elements',
  ],
])('%j is made something of, and comes to an end', (schema) => {
  const values = fc.sample(valuesOf(schema, { texts: [], numbers: [] }), { seed: 1, numRuns: 5 });
  expect(values).toHaveLength(5);
});

test.each<[schema: object]>([
  [
    {
      type: 'object',
      required: ['a'],
      properties: {
        a: { type: 'string', format: 'email' },
        b: { type: 'number', multipleOf: 0.5, exclusiveMinimum: 0 },
      },
    },
  ],
  [{ type: 'object', minProperties: 2, additionalProperties: { type: 'integer', minimum: 1, maximum: 3 } }],
  [
    {
      allOf: [
        { required: ['a'] },
        { properties: { a: { enum: [1, 2] } } },
        { properties: { a: { enum: [2, 3] } } },
      ],
      type: 'object',
    },
  ],
  [{ oneOf: [{ type: 'object', required: ['k'], properties: { k: { const: 'x' } } }, { type: 'null' }] }],
  [{ type: 'array', prefixItems: [{ type: 'string' }, { type: 'boolean' }], items: false, minItems: 2 }],
  [{ type: 'string', pattern: '^L-\\d{4}$' }],
  [{ type: 'string', format: 'date-time' }],
  [{ type: ['string', 'null'], minLength: 3, maxLength: 5 }],
  [
    {
      if: { properties: { t: { const: 'a' } }, required: ['t'] },
      // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema
      then: { required: ['x'] },
      else: { required: ['y'] },
      type: 'object',
      properties: { t: { enum: ['a', 'b'] } },
    },
  ],
])('most values made of %j satisfy it', (schema) => {
  const made = compileContract({ document: schema, pointer: '', name: 'made' });
  const values = fc.sample(valuesOf(schema, { texts: [], numbers: [] }), { seed: 1, numRuns: 50 });
  const allowed = values.filter((value) => made.validate(JSON.parse(JSON.stringify(value))).length === 0);
  expect(allowed.length).toBeGreaterThanOrEqual(25);
});
