import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limits } from '../limits.ts';
import { ContractError, compileContract } from './schema.ts';

const lead = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  required: ['lead_id', 'project_type'],
  properties: {
    lead_id: { type: 'string', minLength: 1 },
    project_type: { enum: ['web', 'app', 'brand'] },
    budget: { type: 'number', minimum: 500 },
    email: { type: 'string', format: 'email' },
    code: { type: 'string', pattern: '^[A-Z]{3}$' },
    tags: { type: 'array', items: { type: 'string' }, uniqueItems: true },
    utm: { $ref: '#/$defs/utm' },
    site: { type: 'string', format: 'url' },
  },
  additionalProperties: false,
  $defs: { utm: { type: 'object', required: ['campaign'], properties: { campaign: { type: 'string' } } } },
};

const contractOf = (document: unknown, pointer = '') => compileContract({ document, pointer, name: 'test' });
const good = { lead_id: 'l-1', project_type: 'web' };

describe('violations', () => {
  const contract = contractOf(lead);
  const rows: [
    change: Record<string, unknown>,
    path: string,
    rule: string,
    message: string | RegExp,
    reason: string,
  ][] = [
    [{ project_type: undefined }, '/project_type', 'required', 'project_type is missing', 'the seed case'],
    [
      { project_type: undefined, projectType: 'web' },
      '/project_type',
      'required',
      'project_type is missing; projectType looks like it',
      'a renamed field',
    ],
    [{ projct: 1 }, '/projct', 'additionalProperties', /^projct is not in the contract/, 'an unknown field'],
    [
      { budget: '12' },
      '/budget',
      'type',
      'budget is "12", which should be a number',
      'what it is and should be',
    ],
    [{ budget: null }, '/budget', 'type', 'budget is null, which should be a number', 'null'],
    [
      { budget: { a: 1 } },
      '/budget',
      'type',
      'budget is an object, which should be a number',
      'nothing is dumped',
    ],
    [{ budget: 3 }, '/budget', 'minimum', 'budget is 3, which should be at least 500', 'the bound'],
    [
      { project_type: 'wbe' },
      '/project_type',
      'enum',
      'project_type is "wbe", which is not one of "web", "app", "brand"; did it mean "web"?',
      'what is allowed',
    ],
    [{ lead_id: '' }, '/lead_id', 'minLength', 'lead_id is empty', 'empty'],
    [{ email: 'x' }, '/email', 'format', 'email is "x", which is not an e-mail address', 'format'],
    [{ code: 'ab' }, '/code', 'pattern', 'code is "ab", which does not match ^[A-Z]{3}$', 'pattern'],
    [{ tags: ['a', 'a'] }, '/tags', 'uniqueItems', 'tags has the same element twice', 'the same twice'],
    [{ tags: [1] }, '/tags/0', 'type', 'tags[0] is 1, which should be a text', 'an element'],
    [{ utm: {} }, '/utm/campaign', 'required', 'utm.campaign is missing', 'behind a $ref'],
    [
      { site: 'ftp//x' },
      '/site',
      'format',
      'site is "ftp//x", which is not a valid url',
      'our own check of URLs',
    ],
  ];
  test.each(rows)('%j', (change, path, rule, message, reason) => {
    const value = JSON.parse(JSON.stringify({ ...good, ...change }));
    const [violation] = contract.validate(value).filter((each) => each.rule === rule);
    expect(violation, reason).toMatchObject({
      path,
      rule,
      message: expect.stringMatching(message instanceof RegExp ? message : /./),
    });
    if (typeof message === 'string') expect(violation?.message, reason).toBe(message);
  });

  test('a good payload has none', () => {
    expect(
      contract.validate({ ...good, budget: 500, email: 'a@b.org', code: 'ABC', tags: ['a', 'b'] }),
    ).toEqual([]);
  });

  test('at most so many are listed, and the last counts the rest', () => {
    const strict = contractOf({ items: { type: 'string' } });
    const exactly = Array.from({ length: limits.violationsMax }, (_, index) => index);
    expect(strict.validate(exactly)).toHaveLength(limits.violationsMax);
    const more = strict.validate([...exactly, 1, 2]);
    expect(more).toHaveLength(limits.violationsMax);
    expect(more.at(-1)).toEqual({ path: '', rule: 'more', message: 'There are 3 more' });
  });

  test('a huge value is told its first violation only', () => {
    const strict = contractOf({ items: { type: 'string' } });
    const huge = Array.from({ length: limits.violationsNodesMax + 1 }, () => 0);
    expect(strict.validate(huge)).toHaveLength(1);
  });

  test('what is quoted of a payload is short', () => {
    const [violation] = contract.validate({ ...good, email: 'x'.repeat(100_000), ['y'.repeat(100_000)]: 1 });
    expect(violation?.message.length).toBeLessThan(300);
    expect(violation?.path.length).toBeLessThanOrEqual(500);
  });
});

describe("names of JavaScript's own", () => {
  test.each(['toString', 'constructor', '__proto__', 'hasOwnProperty'])(
    '%s is present only where it is sent',
    (name) => {
      const contract = contractOf(
        JSON.parse(`{"required": ["${name}"], "properties": {"${name}": {"type": "string"}}}`),
      );
      expect(contract.validate({}).map(({ rule }) => rule)).toEqual(['required']);
      expect(contract.validate(JSON.parse(`{"${name}": "own"}`))).toEqual([]);
    },
  );
});

describe('drafts', () => {
  const rows: [draft: string, schema: object, accepted: unknown, refused: unknown, reason: string][] = [
    ['2020-12', { prefixItems: [{ type: 'string' }], items: false }, ['a'], ['a', 1], 'prefixItems'],
    ['2019-09', { items: [{ type: 'string' }], additionalItems: false }, ['a'], ['a', 1], 'items as a tuple'],
    ['draft-07', { if: { const: 1 }, else: { const: 2 } }, 2, 3, 'if'],
    ['draft-06', { exclusiveMinimum: 1 }, 2, 1, 'a number'],
    ['draft-04', { minimum: 1, exclusiveMinimum: true }, 2, 1, 'a boolean'],
  ];
  const uris: Record<string, string> = {
    '2020-12': 'https://json-schema.org/draft/2020-12/schema',
    '2019-09': 'https://json-schema.org/draft/2019-09/schema',
    'draft-07': 'http://json-schema.org/draft-07/schema#',
    'draft-06': 'http://json-schema.org/draft-06/schema#',
    'draft-04': 'http://json-schema.org/draft-04/schema#',
  };
  test.each(rows)('%s', (draft, schema, accepted, refused, reason) => {
    const contract = contractOf({ $schema: uris[draft], ...schema });
    expect(contract.validate(accepted), reason).toEqual([]);
    expect(contract.validate(refused), reason).not.toEqual([]);
  });
});

describe('a schema within a document', () => {
  const document = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    definitions: {
      lead: {
        properties: { owner: { $ref: '#/definitions/person' }, again: { $ref: '#/definitions/lead' } },
      },
      person: { type: 'object', required: ['name'], properties: { $ref: { type: 'string' } } },
      broken: { $ref: '#/definitions/nobody' },
      remote: { properties: { a: { $ref: 'other.json#/b' } } },
      unrelated: { type: 'nonsense' },
    },
  };

  test('takes with it only what it refers to, cycles included', () => {
    const contract = contractOf(document, '/definitions/lead');
    expect(contract.validate({ owner: { name: 'Ann' }, again: { again: {} } })).toEqual([]);
    expect(contract.validate({ again: { owner: {} } }).map(({ path }) => path)).toEqual([
      '/again/owner/name',
    ]);
    expect(JSON.stringify(contract.schema)).not.toContain('nonsense');
  });

  test('a property called $ref is a property', () => {
    const contract = contractOf(document, '/definitions/person');
    expect(contract.validate({ name: 'Ann', $ref: 1 }).map(({ path }) => path)).toEqual(['/$ref']);
  });

  const rows: [pointer: string, message: RegExp, at: string, reason: string][] = [
    [
      '/definitions/nothing',
      /There is nothing at \/definitions\/nothing/,
      '/definitions/nothing',
      'a wrong pointer',
    ],
    ['/definitions/broken', /#\/definitions\/nobody leads nowhere/, '/definitions/broken/$ref', 'dangling'],
    ['/definitions/remote', /leads to another document/, '/definitions/remote/properties/a/$ref', 'remote'],
    ['/definitions/unrelated', /no valid JSON Schema/, '/definitions/unrelated/type', 'invalid'],
    ['/$schema', /A schema is an object/, '/$schema', 'no schema at all'],
  ];
  test.each(rows)('%s is refused', (pointer, message, at, reason) => {
    const error = thrown(() => contractOf(document, pointer));
    expect(error, reason).toBeInstanceOf(ContractError);
    expect(error, reason).toMatchObject({ message: expect.stringMatching(message), pointer: at });
  });

  test('a whole document with a remote or dangling $ref is refused', () => {
    expect(() => contractOf({ $ref: 'https://example.org/a.json' })).toThrow(/leads to another document/);
    expect(() => contractOf({ $ref: '#/nowhere' })).toThrow(ContractError);
  });

  test('anchors and embedded $ids are found', () => {
    const anchored = {
      $defs: {
        a: { $ref: '#name' },
        b: { $anchor: 'name', type: 'string' },
        c: { $ref: 'urn:x:d' },
        d: { $id: 'urn:x:d', type: 'number' },
      },
    };
    expect(contractOf(anchored, '/$defs/a').validate(1)).not.toEqual([]);
    expect(contractOf(anchored, '/$defs/c').validate(1)).toEqual([]);
    const addressed = {
      $id: 'https://example.com/lead.json',
      $defs: {
        a: { $ref: 'https://example.com/lead.json#/$defs/b' },
        b: { $id: 'text.json', type: 'string' },
        c: { $ref: '/text.json' },
      },
    };
    for (const pointer of ['/$defs/a', '/$defs/c'])
      expect(contractOf(addressed, pointer).validate(1), pointer).not.toEqual([]);
  });

  test('a $dynamicRef to the only anchor of its name is followed, wherever that stands', () => {
    const $defs = { text: { $dynamicAnchor: 'text', type: 'string' } };
    expect(contractOf({ $defs, items: { $dynamicRef: '#text' } }).validate([1])).not.toEqual([]);
  });
});

describe('schemas of OpenAPI', () => {
  const shown = { $id: 'urn:x:1', tags: ['a'] };
  const every: [schema: object, accepted: unknown, refused: unknown, reason: string][] = [
    [{ type: 'string', nullable: true }, null, 1, 'nullable'],
    [{ type: 'string', nullable: true, enum: ['a'] }, null, 'b', 'nullable with enum'],
    [{ nullable: true, allOf: [{ type: 'string' }] }, null, 1, 'nullable without type'],
    [{ nullable: true, type: 'string', oneOf: [{ type: 'string' }] }, null, 1, 'nullable beside forms'],
    [{ type: 'integer', exclusiveMinimum: 5 }, 6, 5, 'exclusive by number'],
    [
      {
        properties: {
          a: { type: 'string', example: shown },
          b: { examples: [shown, { ...shown, tags: [] }] },
        },
      },
      { a: 'x' },
      { a: 1 },
      'examples that look like schemas with one identity',
    ],
    [
      { properties: { example: { type: 'string' } } },
      { example: 'x' },
      { example: 1 },
      'a member that is called so',
    ],
    [{ type: 'string', pattern: '^(?!x)+a\\-b$' }, 'a-b', 'xa-b', 'a pattern that is none with `u`'],
  ];
  const older: typeof every = [
    [{ type: 'number', minimum: 1, exclusiveMinimum: true }, 2, 1, 'exclusive by boolean'],
    [
      { type: 'string', example: { $ref: '#/nowhere' }, 'x-vendor': 1, format: 'phone' },
      'a',
      1,
      'unknown keywords',
    ],
  ];
  const rows = [
    ...[...every, ...older].map((row) => ['3.0.3', ...row] as const),
    ...every.map((row) => ['3.1.0', ...row] as const),
  ];
  test.each(rows)('%s: %j', (openapi, schema, accepted, refused, reason) => {
    const contract = contractOf({ openapi, components: { schemas: { A: schema } } }, '/components/schemas/A');
    expect(contract.validate(accepted), reason).toEqual([]);
    expect(contract.validate(refused), reason).not.toEqual([]);
  });
});

describe('a stranger cannot stall a contract', () => {
  const text = `${'a'.repeat(50_000)}!`;

  test('patterns are matched in linear time', () => {
    const contract = contractOf({
      properties: { x: { pattern: '^(a+)+$' } },
      patternProperties: { '^(b+)+$': true },
    });
    expect(contract.validate({ x: text, [`${'b'.repeat(50_000)}!`]: 1 }).map(({ rule }) => rule)).toEqual([
      'pattern',
    ]);
    expect(contract.warnings).toEqual([]);
  });

  test('a pattern that RE2 cannot take is matched by backtracking, with a warning', () => {
    const contract = contractOf({ pattern: '^(?!x)a' });
    expect(contract.validate('ab')).toEqual([]);
    expect(contract.validate('xa')).not.toEqual([]);
    expect(contract.warnings).toEqual([expect.stringContaining('^(?!x)a')]);
  });

  test('uniqueItems does not compare every two elements', () => {
    const contract = contractOf({ uniqueItems: true });
    const objects = Array.from({ length: 100_000 }, (_, n) => ({ n, m: [n] }));
    expect(contract.validate(objects)).toEqual([]);
    expect(contract.validate([...objects, { m: [7], n: 7 }])).not.toEqual([]);
  });

  test('a value or a schema that never ends is a violation, not a crash', () => {
    const list = contractOf({ type: 'array', items: { $ref: '#' } });
    const deep = JSON.parse('['.repeat(200_000) + ']'.repeat(200_000));
    expect(list.validate(deep).map(({ rule }) => rule)).toEqual(['depth']);
    expect(
      contractOf({ $ref: '#' })
        .validate(1)
        .map(({ rule }) => rule),
    ).toEqual(['depth']);
  });

  test('the format `url` takes linear time', () => {
    const contract = contractOf({ format: 'url' });
    expect(contract.validate(`http://${'::'.repeat(50_000)}`)).not.toEqual([]);
  });
});

describe('properties', () => {
  test('no JSON makes a contract throw', () => {
    const contract = contractOf(lead);
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const violations = contract.validate(value);
        expect(violations.length).toBeLessThanOrEqual(limits.violationsMax);
        for (const { message } of violations) expect(message.length).toBeLessThan(500);
      }),
    );
  });

  test('a schema of any shape compiles or is refused with a ContractError', () => {
    const part = fc.letrec((tie) => ({
      schema: fc.oneof(
        { maxDepth: 4 },
        fc.boolean(),
        fc.record(
          {
            type: fc.constantFrom('string', 'object', 'nonsense', ['string', 'null']),
            properties: fc.dictionary(fc.constantFrom('a', '__proto__', 'toString'), tie('schema')),
            $ref: fc.constantFrom('#', '#/$defs/a', '#nowhere', 'x.json'),
            allOf: fc.array(tie('schema'), { maxLength: 2 }),
            enum: fc.array(fc.jsonValue(), { maxLength: 2 }),
            $defs: fc.dictionary(fc.constantFrom('a', 'b'), tie('schema')),
          },
          { requiredKeys: [] },
        ),
      ),
    })).schema;
    fc.assert(
      fc.property(
        part,
        fc.constantFrom('', '/$defs/a', '/properties/a'),
        fc.jsonValue(),
        (document, pointer, value) => {
          try {
            expect(Array.isArray(contractOf(document, pointer).validate(value))).toBe(true);
          } catch (error) {
            expect(error).toBeInstanceOf(ContractError);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

function thrown(act: () => unknown): unknown {
  try {
    act();
    return null;
  } catch (error) {
    return error;
  }
}
