import { afterAll, beforeAll, expect, test } from 'vitest';
import { writtenTables } from '../../src/db/rows.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

test.each(Object.entries(writtenTables))(
  '%s has the columns that its rows are written with, in their order',
  async (table, columns) => {
    const { rows } = await database.pool.query<{ name: string; type: string }>(
      `select attname as name, typname as type from pg_attribute join pg_type on pg_type.oid = atttypid
     where attrelid = $1::regclass and attnum > 0 order by attnum`,
      [table],
    );
    expect(Object.entries(columns)).toEqual(rows.map(({ name, type }) => [name, type]));
  },
);
