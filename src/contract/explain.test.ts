import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { patched } from './patch.ts';
import { compileContract } from './schema.ts';

describe('repairs', () => {
  const contract = compileContract({
    pointer: '',
    name: 'test',
    document: {
      type: 'object',
      required: ['project_type', 'budget'],
      properties: {
        project_type: { enum: ['web', 'app', 'Brand design'] },
        budget: { type: 'number', minimum: 500 },
        count: { type: 'integer' },
        paid: { type: 'boolean' },
        code: { type: 'string', pattern: '^[A-Z]{3}$' },
        phone: { type: 'string' },
        email: { type: 'string', format: 'email' },
        at: { type: 'string', format: 'date-time' },
        day: { type: 'string', format: 'date' },
        closed: { type: ['string', 'null'], format: 'date-time' },
        site: { type: ['string', 'null'], format: 'uri' },
        score: { type: ['number', 'null'] },
        kind: { enum: ['lead', null] },
        tags: { type: 'array', items: { type: 'string' } },
        meta: { type: 'object', required: ['a'] },
        nested: { type: 'object', required: ['first_name'] },
      },
      additionalProperties: false,
    },
  });
  const good = { project_type: 'web', budget: 500 };
  const set = (path: string, value: unknown) => [{ op: 'replace', path, value }];
  const moved = (from: string, path: string) => [{ op: 'move', from, path }];

  test.each<[object, string, string | null, unknown[] | null, string]>([
    [
      { project_type: undefined, projectType: 'web' },
      '/project_type',
      'rename projectType to project_type',
      moved('/projectType', '/project_type'),
      'another way of writing a name',
    ],
    [
      { project_type: undefined, projct_type: 'web' },
      '/project_type',
      'rename projct_type to project_type',
      moved('/projct_type', '/project_type'),
      'a typo',
    ],
    [
      { project_type: undefined, projectType: 'x' },
      '/project_type',
      null,
      null,
      'renamed it would still be wrong',
    ],
    [
      { nested: { firstName: 'A' } },
      '/nested/first_name',
      'rename firstName to nested.first_name',
      moved('/nested/firstName', '/nested/first_name'),
      'deeper',
    ],
    [
      { colour: 'red' },
      '/colour',
      'leave colour out',
      [{ op: 'remove', path: '/colour' }],
      'nothing like it',
    ],
    [
      { budgets: 1 },
      '/budgets',
      'leave budgets out',
      [{ op: 'remove', path: '/budgets' }],
      'what it is like is there already',
    ],
    [{ count: '12' }, '/count', 'count: "12" could be the number 12', set('/count', 12), 'a number as text'],
    [{ count: '12.5' }, '/count', null, null, 'no whole number'],
    [{ budget: '12' }, '/budget', null, null, 'as a number it is still too small'],
    [
      { budget: ' 900 ' },
      '/budget',
      'budget: " 900 " could be the number 900',
      set('/budget', 900),
      'with spaces',
    ],
    [{ count: 'twelve' }, '/count', null, null, 'a word'],
    [{ paid: 'True' }, '/paid', 'paid: "True" could be true', set('/paid', true), 'Python'],
    [{ phone: 4915 }, '/phone', 'phone: 4915 could be "4915"', set('/phone', '4915'), 'a text as number'],
    [
      { phone: null },
      '/phone',
      'leave phone out: it is null',
      [{ op: 'remove', path: '/phone' }],
      'null where nothing would do',
    ],
    [{ budget: null }, '/budget', null, null, 'null where something must be'],
    [{ score: 'None' }, '/score', 'score: "None" could be null', set('/score', null), 'a word for nothing'],
    [
      { closed: 'None' },
      '/closed',
      'closed: "None" could be null',
      set('/closed', null),
      'the same in a date',
    ],
    [{ site: '' }, '/site', 'site: "" could be null', set('/site', null), 'an empty address'],
    [
      { kind: 'N/A' },
      '/kind',
      'kind: "N/A" could be null',
      set('/kind', null),
      'the same in a list of values',
    ],
    [
      { project_type: 'WEB' },
      '/project_type',
      'project_type: "WEB" could be "web"',
      set('/project_type', 'web'),
      'capitals',
    ],
    [
      { project_type: ' brand design' },
      '/project_type',
      'project_type: " brand design" could be "Brand design"',
      set('/project_type', 'Brand design'),
      'capitals and spaces',
    ],
    [
      { project_type: 'wbe' },
      '/project_type',
      'project_type: "wbe" could be "web"',
      set('/project_type', 'web'),
      'a typo',
    ],
    [{ project_type: 'logo' }, '/project_type', null, null, 'something else'],
    [{ code: ' ABC\n' }, '/code', 'code: " ABC\\n" could be "ABC"', set('/code', 'ABC'), 'spaces around it'],
    [
      { email: ' a@b.org' },
      '/email',
      'email: " a@b.org" could be "a@b.org"',
      set('/email', 'a@b.org'),
      'spaces around an address',
    ],
    [
      { email: 'mailto:a@b.org' },
      '/email',
      'email: "mailto:a@b.org" could be "a@b.org"',
      set('/email', 'a@b.org'),
      'a link',
    ],
    [
      { at: '2026-01-02 03:04:05' },
      '/at',
      'at: "2026-01-02 03:04:05" could be "2026-01-02T03:04:05Z"',
      set('/at', '2026-01-02T03:04:05Z'),
      'no T, no zone',
    ],
    [
      { at: '2026-01-02 03:04:05 UTC' },
      '/at',
      'at: "2026-01-02 03:04:05 UTC" could be "2026-01-02T03:04:05Z"',
      set('/at', '2026-01-02T03:04:05Z'),
      'a zone by name',
    ],
    [
      { at: '2026-01-02T03:04+0200' },
      '/at',
      'at: "2026-01-02T03:04+0200" could be "2026-01-02T03:04:00+02:00"',
      set('/at', '2026-01-02T03:04:00+02:00'),
      'no seconds',
    ],
    [
      { at: '2026-01-02' },
      '/at',
      'at: "2026-01-02" could be "2026-01-02T00:00:00Z"',
      set('/at', '2026-01-02T00:00:00Z'),
      'a day',
    ],
    [{ at: '2026-13-02 03:04:05' }, '/at', null, null, 'there is no 13th month'],
    [{ at: 'tomorrow' }, '/at', null, null, 'no date'],
    [
      { day: '2026-01-02T03:04:05Z' },
      '/day',
      'day: "2026-01-02T03:04:05Z" could be "2026-01-02"',
      set('/day', '2026-01-02'),
      'a time where a day is asked for',
    ],
    [
      { tags: 'new' },
      '/tags',
      'tags: "new" could be a list of it',
      set('/tags', ['new']),
      'one where many may be',
    ],
    [
      { tags: '["a","b"]' },
      '/tags',
      'tags: "[\\"a\\",\\"b\\"]" could be a list of it',
      set('/tags', ['a', 'b']),
      'a list as JSON text',
    ],
    [{ tags: [1] }, '/tags/0', 'tags[0]: 1 could be "1"', set('/tags/0', '1'), 'an element'],
    [
      { meta: '{"a":1}' },
      '/meta',
      'meta: "{\\"a\\":1}" could be the object that it holds',
      set('/meta', { a: 1 }),
      'an object as JSON text',
    ],
    [{ meta: '{"b":1}' }, '/meta', null, null, 'an object that is not the one'],
  ])('%j at %s: %s', (change, path, text, patch, reason) => {
    const value = JSON.parse(JSON.stringify({ ...good, ...change }));
    const violation = contract.validate(value).find((each) => each.path === path);
    expect(violation, reason).toBeDefined();
    expect(violation?.repair, reason).toEqual(text === null ? undefined : { text, patch });
  });

  test('what was sent stands with the violation, shortened, and never a structure', () => {
    const valueWith = (change: object) => contract.validate({ ...good, ...change })[0]?.value;
    expect(valueWith({ budget: 3 })).toBe(3);
    expect(valueWith({ score: false })).toBe(false);
    expect(valueWith({ code: 'x'.repeat(1_000) })).toHaveLength(200);
    expect(valueWith({ budget: { a: 1 } })).toBeUndefined();
  });

  test('applied, a repair leaves nothing wrong at its place; the payload itself stays', () => {
    const broken = fc.record({
      project_type: fc.constantFrom('web', 'WEB', 'wbe', 1, null),
      budget: fc.constantFrom(500, '600', '3', null),
      at: fc.constantFrom('2026-01-02 03:04:05', 'x', '2026-01-02T03:04:05Z'),
      firstName: fc.constantFrom('a', undefined),
      tags: fc.constantFrom('a', ['b'], [1], null),
    });
    fc.assert(
      fc.property(broken, (value) => {
        const before = structuredClone(value);
        const found = contract.validate(value);
        const mended = patched(
          value,
          found.flatMap(({ repair }) => repair?.patch ?? []),
        );
        const left = contract.validate(mended).map(({ path }) => path);
        for (const { path, repair } of found) if (repair !== undefined) expect(left).not.toContain(path);
        expect(value).toEqual(before);
      }),
    );
  });
});

const kind = { contains: { type: 'integer' } };
test.each<[schema: object, value: unknown, said: string]>([
  [{ prefixItems: [{}], items: false }, [1, 2], 'The value has more than 1 element'],
  [{ prefixItems: [{}, {}], unevaluatedItems: false }, [1, 2, 3], 'The value has more than 2 elements'],
  [kind, ['a'], 'The value has no element of the kind that it needs'],
  [{ ...kind, minContains: 2 }, [1], 'The value has fewer than 2 elements of the kind that it needs'],
  [{ ...kind, minContains: 1, maxContains: 2 }, [1, 2, 3], 'The value needs 1 to 2 elements of one kind'],
])('%j on %j: %s', (schema, value, said) => {
  const contract = compileContract({ document: schema, pointer: '', name: 'test' });
  expect(contract.validate(value).map(({ message }) => message)).toContain(said);
});
