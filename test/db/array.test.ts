import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ArrayType, binaryArray } from '../../src/db/array.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase({ empty: true });
});
afterAll(async () => {
  await database.close();
});

async function through(type: ArrayType, values: readonly unknown[]): Promise<unknown[]> {
  const { rows } = await database.pool.query(`select value from unnest($1::${type}[]) as value`, [
    binaryArray(type, values),
  ]);
  return rows.map(({ value }) => value);
}

// PostgreSQL has no U+0000 in texts; a lone surrogate is no text either.
const text = fc.string({ unit: 'binary' }).map((value) => value.toWellFormed().replaceAll('\0', ''));
const time = fc.date({ min: new Date('1900-01-01'), max: new Date('2200-01-01'), noInvalidDate: true });

test.each<[ArrayType, fc.Arbitrary<unknown>, string]>([
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

test('a value of another kind is refused before anything is sent', () => {
  expect(() => binaryArray('text', [1])).toThrow(TypeError);
  expect(() => binaryArray('bytea', ['text'])).toThrow(TypeError);
  expect(() => binaryArray('timestamptz', ['2026-01-01'])).toThrow(TypeError);
  expect(() => binaryArray('int4', [2 ** 31])).toThrow(RangeError);
});
