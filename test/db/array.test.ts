import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ArrayParameter } from '../../src/db/array.ts';
import type { BinaryType } from '../../src/db/binary.ts';
import { prepared } from '../../src/db/prepared.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase({ empty: true });
});
afterAll(async () => {
  await database.close();
});

/** Only what is prepared sends arrays as bytes. */
async function sent(text: string, values: readonly unknown[]): Promise<unknown[]> {
  const client = await database.pool.connect();
  try {
    return (await client.query(prepared(text), [...values])).rows.map(({ value }) => value);
  } finally {
    client.release();
  }
}

async function through(type: BinaryType, values: readonly unknown[]): Promise<unknown[]> {
  return await sent(`select value from unnest($1::${type}[]) as value`, [new ArrayParameter(type, values)]);
}

// PostgreSQL has no U+0000 in texts; a lone surrogate is no text either.
const text = fc.string({ unit: 'binary' }).map((value) => value.toWellFormed().replaceAll('\0', ''));
const time = fc.date({ min: new Date('1900-01-01'), max: new Date('2200-01-01'), noInvalidDate: true });

test.each<[BinaryType, fc.Arbitrary<unknown>, string]>([
  ['text', text, 'any text, quotes and backslashes and commas as they are'],
  ['uuid', fc.uuid(), 'all bits'],
  ['int4', fc.integer(), 'negative numbers too'],
  ['int8', fc.maxSafeInteger(), 'what a double holds exactly'],
  ['float8', fc.double({ noNaN: true }).map((value) => value + 0), 'bit for bit'],
  ['bytea', fc.uint8Array().map((bytes) => Buffer.from(bytes)), 'byte for byte'],
  ['timestamptz', time, 'to the millisecond, before 2000 too'],
])('an array of %s comes out as it went in', async (type, value, reason) => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(value)), async (values) => {
      expect(await through(type, values), reason).toEqual(values);
    }),
    { numRuns: 60 },
  );
});

test('an array larger than the space it is made in', async () => {
  const values = Array.from({ length: 40 }, (_, index) => `${index}`.repeat(100_000));
  expect(await through('text', values)).toEqual(values);
});

test('beside arrays stand values of other kinds, and nothing of the statement before', async () => {
  const text = 'select concat_ws(chr(44), $1::text[], $2::timestamptz at time zone $3, $4::integer) as value';
  const values = (count: number) => [
    new ArrayParameter('text', Array(count).fill('ä')),
    new Date('2026-01-02T03:04:05.678Z'),
    'UTC',
    null,
  ];
  expect(await sent(text, values(3))).toEqual(['{ä,ä,ä},2026-01-02 03:04:05.678']);
  expect(await sent(text, values(1))).toEqual(['{ä},2026-01-02 03:04:05.678']);
});

test.each<[BinaryType, unknown, string]>([
  ['text', 1, 'a number is not text'],
  ['bytea', 'text', 'text is not bytes'],
  ['timestamptz', '2026-01-01', 'text is not a time'],
  ['timestamptz', new Date(Number.NaN), 'no time at all'],
  ['int4', 2 ** 31, 'beyond 32 bits'],
  ['int8', 0.5, 'no whole number'],
  ['uuid', '0190a000-0000-7000-8000-00000000000', 'a digit too few'],
  ['uuid', '0190a000-0000-7000-8000-00000000000g', 'no digit'],
])('as %s, %s is refused before anything is sent, and the connection goes on: %s', async (type, value) => {
  await expect(through(type, [value])).rejects.toThrow(/is (?:not|no) |a UUID|out of range/);
  expect(await through('int4', [1])).toEqual([1]);
});

test('what the server refuses is told, and the connection goes on', async () => {
  await expect(
    sent('select $1::text[]::integer[] as value', [new ArrayParameter('text', ['x'])]),
  ).rejects.toThrow('invalid input syntax');
  await expect(sent('select nothing', [])).rejects.toThrow('does not exist');
  expect(await through('text', ['a'])).toEqual(['a']);
});
