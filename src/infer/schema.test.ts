import { describe, expect, test } from 'vitest';
import { observe } from './observe.ts';
import { type Schema, schemaOf } from './schema.ts';
import type { Shape } from './shape.ts';

function inferred(payloads: readonly unknown[]): Schema {
  const shape = payloads.reduce<Shape | null>((seen, each) => observe(seen, each), null);
  if (shape === null) throw new Error('no payloads');
  const { $schema: _, title: __, $comment: ___, ...schema } = schemaOf(shape, 'x');
  return withoutEvidence(schema) as Schema;
}

function withoutEvidence(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).filter(([key]) => key !== 'x-signalbox-evidence');
  return Object.fromEntries(entries.map(([key, each]) => [key, withoutEvidence(each)]));
}

const many = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index));
/** What is stated of one field, from so many payloads. */
const field = (count: number, make: (index: number) => unknown, name = 'x') =>
  (inferred(many(count, (index) => ({ [name]: make(index) }))).properties as Record<string, Schema>)[name];
const of = (values: readonly unknown[]) => (index: number) => values[index % values.length];
const labels = { enum: ['brand', 'mobile', 'web'] };

test.each<[string, Schema | undefined, Schema, string]>([
  ['one text', field(1, () => 'a'), { type: ['string', 'null'] }, 'one sample: it may be null'],
  ['texts', field(10, (i) => `a ${i}`), { type: 'string' }, 'enough to say that it is never null'],
  ['a text or null', field(40, of(['a b', null])), { type: ['string', 'null'] }, 'both were seen'],
  ['null alone', field(40, () => null), {}, 'nothing is known of what else it may be'],
  ['a text or a number', field(9, of(['a b', 1])), { type: ['string', 'number'] }, 'a union'],
  ['few whole numbers', field(9, (i) => i), { type: 'number' }, 'chance can feign that they are whole'],
  ['whole numbers', field(12, (i) => i), { type: 'integer' }, 'enough of them'],
  [
    'amounts',
    field(40, (i) => i * 2.5),
    { type: 'number', minimum: 0, maximum: 1000 },
    'ten times the most at least',
  ],
  ['negative amounts', field(40, (i) => i - 20.5), { type: 'number' }, 'no sign, no bound'],
  ['ids that grow', field(40, (i) => 4_000_000_000 + i), { type: 'integer', minimum: 0 }, 'no upper bound'],
  [
    'labels',
    field(30, of(['web', 'mobile', 'brand'])),
    { type: 'string', ...labels },
    'each came again and again',
  ],
  ['few labels', field(19, of(['web', 'mobile'])), { type: 'string' }, 'too few samples for a closed list'],
  [
    'a rare label',
    field(30, (i) => (i === 0 ? 'other' : 'web')),
    { type: 'string', minLength: 1, maxLength: 100 },
    'seen once: there will be others',
  ],
  [
    'one label',
    field(60, () => 'web'),
    { type: 'string', minLength: 1, maxLength: 100 },
    'always the same says nothing of what may come',
  ],
  [
    'one kind',
    field(60, () => 'charge', 'object'),
    { type: 'string', enum: ['charge'] },
    'but of a field that names a kind',
  ],
  [
    'a person’s name',
    field(60, of(['dana', 'ben']), 'assignee'),
    { type: 'string', minLength: 1, maxLength: 100 },
    'who a person is never stands in a contract',
  ],
  [
    'addresses',
    field(60, of(['a@example.com', 'b@example.com'])),
    { type: 'string', format: 'email' },
    'a format, no list',
  ],
  [
    'times',
    field(5, () => '2026-01-05T09:00:00Z'),
    { type: ['string', 'null'], format: 'date-time' },
    'all match',
  ],
  [
    'times, one with a space',
    field(5, (i) => (i === 3 ? '2026-01-05 09:00:00' : '2026-01-05T09:00:00Z')),
    { type: ['string', 'null'] },
    'not all match',
  ],
  [
    'addresses, one empty',
    field(40, (i) => (i === 3 ? '' : 'https://example.com/')),
    { type: 'string', maxLength: 1000 },
    'GitHub writes no URI as an empty text',
  ],
  ['two times', field(2, () => '2026-01-05T09:00:00Z'), { type: ['string', 'null'] }, 'too few for a format'],
  [
    'ids with a prefix',
    field(40, (i) => `cus_${i}x`, 'customer_id'),
    { type: 'string', minLength: 1, maxLength: 100, pattern: '^cus_' },
    'a simple pattern',
  ],
  [
    'commits',
    field(25, (i) => i.toString(16).padStart(40, 'a')),
    { type: 'string', pattern: '^[0-9a-f]{40}$' },
    'of one length',
  ],
  [
    'lists',
    field(10, (i) => many(i % 3, () => 'a b')),
    { type: 'array', items: { type: 'string' } },
    'elements together',
  ],
  [
    'lists or null',
    field(10, of([['a b'], null])),
    { type: ['array', 'null'], items: { type: ['string', 'null'] } },
    'as Zendesk sends tags',
  ],
])('%s', (_what, stated, expected, reason) => {
  expect({ ...stated }, reason).toEqual(expected);
});

describe('objects', () => {
  test('a field is required where enough payloads had it; one that says what it is, sooner', () => {
    const all = many(8, (index) => ({
      id: `a ${index}`,
      name: 'x y',
      ...(index > 0 ? { note: 'x y' } : {}),
    }));
    expect(inferred(all).required).toEqual(['id', 'name']);
    expect(inferred(all.slice(0, 6)).required).toEqual(['id']);
    expect(inferred(all.slice(0, 3)).required).toBeUndefined();
  });

  test('a field that one element of a list lacks is not required', () => {
    const lists = many(20, (index) => ({
      rows: [{ id: 'a b', qty: 1 }, index === 7 ? { id: 'a b' } : { id: 'a b', qty: 2 }],
    }));
    const { rows } = inferred(lists).properties as Record<string, { items: Schema }>;
    expect(rows?.items.required).toEqual(['id']);
  });

  test.each<[string, (index: number) => string, string]>([
    ['ids', (index) => `q${index}${index}${index}12345`, 'a key with many digits is data'],
    ['addresses', (index) => `p${index}@example.com`, 'an address is a person'],
    ['names of people', (index) => `user${'abcdefghijklmnopqrst'[index]}`, 'many, and none of them usual'],
  ])('keys that are data: %s', (_what, key) => {
    const { answers } = inferred(many(20, (index) => ({ answers: { [key(index)]: { text: 'a b' } } })))
      .properties as Record<string, Schema>;
    expect(answers).toMatchObject({
      type: 'object',
      additionalProperties: { type: 'object', properties: { text: { type: 'string' } } },
    });
    expect(JSON.stringify(answers)).not.toContain(key(3));
  });

  test('kinds with shapes of their own are told apart by what names them', () => {
    const kinds = [
      { type: 'order.paid', data: { order: 'a b', total: 12.5, paid_at: '2026-01-05T09:00:00Z' } },
      { type: 'user.deleted', data: { user: 'a b', reason: 'x y', by: 'a b' } },
    ];
    const schema = inferred(many(20, (index) => kinds[index % 2]));
    const [paid, ...others] = schema.allOf as { if: unknown; then: { properties: Record<string, Schema> } }[];
    expect(others).toHaveLength(1);
    expect(paid?.if).toEqual({ properties: { type: { const: 'order.paid' } }, required: ['type'] });
    expect(paid?.then.properties.data?.required).toEqual(['order', 'total', 'paid_at']);
    expect((schema.properties as Record<string, Schema>).data?.required).toBeUndefined();
  });

  test('kinds that look alike are not', () => {
    const schema = inferred(
      many(20, (index) => ({ action: index % 2 ? 'opened' : 'closed', id: 'a b', title: 'x y' })),
    );
    expect(schema).not.toHaveProperty('allOf');
  });
});

test('what people are, wrote or keep secret is nowhere in the contract', () => {
  const payloads = many(200, (index) => ({
    customer: { first_name: 'Noor', email: 'noor@example.com', token: 'sk_live_abc', phone: '123' },
    owner: 'noor',
    login: index % 2 ? 'noor' : 'dana',
    comment: 'Please call',
    status: index % 2 ? 'open' : 'closed',
    session: `a${index}b9c8d7e6f5`,
  }));
  const shape = payloads.reduce<Shape | null>((seen, each) => observe(seen, each), null);
  const text = JSON.stringify(shape === null ? null : schemaOf(shape, 'x'));
  expect(text).not.toMatch(/noor|dana|sk_live|please|b9c8/i);
  expect(text).toContain('"enum":["closed","open"]');
  expect(text, 'a token is hidden where violations are shown').toContain(
    '"token":{"type":"string","minLength":1,"maxLength":1000,"pattern":"^sk_","x-redact":true',
  );
});

test('each statement says what it rests on', () => {
  const shape = many(30, (index) => ({
    topic: index % 2 ? 'web' : 'brand',
    ...(index ? { note: 'a b' } : {}),
  })).reduce<Shape | null>((seen, each) => observe(seen, each), null);
  const properties = shape === null ? {} : (schemaOf(shape, 'x').properties as Record<string, Schema>);
  expect(properties.topic?.['x-signalbox-evidence']).toEqual({
    seen: 30,
    of: 30,
    values: { brand: 15, web: 15 },
  });
  expect(properties.note?.['x-signalbox-evidence']).toMatchObject({ seen: 29, of: 30 });
});
