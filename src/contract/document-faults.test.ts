import { describe, expect, test } from 'vitest';
import { documentFaults } from './document-faults.ts';
import { openapiOperation } from './openapi.ts';
import { compileContract } from './schema.ts';

const sound = { openapi: '3.0.3', info: { title: 'T', version: '1' }, paths: {} };

describe('what is wrong with a document', () => {
  const rows: [document: unknown, faults: [pointer: string, message: RegExp][], reason: string][] = [
    [sound, [], 'nothing'],
    [{ type: 'object', $ref: '#/nowhere' }, [], 'a contract of its own is judged where it is compiled'],
    [{ ...sound, openapi: 3 }, [['/openapi', /must be a text, and is the number 3/]], 'a number as version'],
    [{ ...sound, info: { title: 'T', version: 2 } }, [['/info/version', /is the number 2/]], 'Freshdesk'],
    [{ ...sound, info: { version: '1' } }, [['/info', /`title` is missing/]], 'no title'],
    [{ openapi: '3.0.3', paths: {} }, [['', /`info` is missing/]], 'no particulars'],
    [{ swagger: '2.0', info: sound.info }, [['', /`paths` is missing/]], 'no paths'],
    [{ openapi: '3.1.0', info: sound.info, webhooks: {} }, [], '3.1 needs none'],
    [
      { ...sound, components: { schemas: { A: { properties: { b: { $ref: '#/components/schemas/B' } } } } } },
      [['/components/schemas/A/properties/b/$ref', /`\$ref: #\/components\/schemas\/B` leads nowhere/]],
      'Intercom',
    ],
    [
      { ...sound, components: { schemas: { A: { $ref: 'other.yaml#/A' } } } },
      [['/components/schemas/A/$ref', /another document/]],
      'elsewhere',
    ],
    [{ ...sound, components: { schemas: { A: { $ref: '#' } } } }, [], 'the whole'],
    [
      { ...sound, components: { schemas: { A: { example: { $ref: '#/x' }, enum: [{ $ref: '#/y' }] } } } },
      [],
      'data',
    ],
    [
      { ...sound, components: { schemas: { A: { properties: { $ref: { type: 'string' } } } } } },
      [],
      'a field of that name',
    ],
    [
      { ...sound, components: { schemas: { example: { $ref: '#/gone' } } } },
      [['/components/schemas/example/$ref', /leads nowhere/]],
      'a schema of that name',
    ],
    [
      { ...sound, paths: { '/a': { get: { operationId: 'x' } }, '/b': { get: { operationId: 'x' } } } },
      [['/paths/~1b/get/operationId', /two operations with the operationId `x`/]],
      'a name twice',
    ],
  ];
  test.each(rows)('%j', (document, faults, reason) => {
    const found = documentFaults(document);
    expect(
      found.map(({ pointer }) => pointer),
      reason,
    ).toEqual(faults.map(([pointer]) => pointer));
    for (const [index, [, message]] of faults.entries())
      expect(found[index]?.message, reason).toMatch(message);
  });
});

describe('what is sound of a document is used', () => {
  const schemas = {
    A: {
      type: 'object',
      required: ['a'],
      properties: { a: { $ref: '#/components/schemas/Gone' }, b: { type: 'number' } },
    },
    B: { type: 'object', required: true, properties: { b: { type: 'nmber', minimum: 1 }, c: 5 } },
    C: { type: 'object', required: ['x', 5], properties: { x: { type: 'string' } } },
  };
  const document = { ...sound, components: { schemas } };
  const contractOf = (name: string) =>
    compileContract({ document, pointer: `/components/schemas/${name}`, name });

  test('where a $ref leads nowhere anything may stand, and all else is checked', () => {
    const contract = contractOf('A');
    expect(contract.validate({ a: [1] })).toEqual([]);
    expect(
      contract
        .validate({ b: 'x' })
        .map(({ path }) => path)
        .sort(),
    ).toEqual(['/a', '/b']);
    expect(contract.warnings).toEqual([
      '$ref #/components/schemas/Gone leads nowhere (at /components/schemas/A/properties/a/$ref): what stands there is not checked',
    ]);
  });

  test('a malformed keyword is left out, with its place', () => {
    const contract = contractOf('B');
    expect(contract.validate({ b: 1, c: 'anything' })).toEqual([]);
    expect(contract.validate({ b: 0 }).map(({ path }) => path)).toEqual(['/b']);
    expect(contract.warnings?.map((warning) => /\(at ([^)]+)\)/.exec(warning)?.[1])).toEqual(
      expect.arrayContaining(['/components/schemas/B/required', '/components/schemas/B/properties/c']),
    );
    expect(contractOf('C').validate({})).toEqual([]);
  });

  test('a contract of its own is refused all the same: it is ours to correct', () => {
    const own = { $defs: { A: { $ref: '#/$defs/Gone' }, B: { type: 'nmber' } } };
    for (const name of ['A', 'B']) {
      expect(() => compileContract({ document: own, pointer: `/$defs/${name}`, name })).toThrow();
    }
  });

  test('an operation is found beside paths and parameters that lead nowhere', () => {
    const paths = {
      '/broken': { $ref: '#/nowhere' },
      '/a': { get: { operationId: 'getA', parameters: [{ $ref: '#/nowhere' }, { name: 'q', in: 'query' }] } },
    };
    expect(openapiOperation({ ...sound, paths }, 'getA').parameters).toEqual([
      { name: 'q', in: 'query', required: false },
    ]);
  });
});
