import { afterAll, beforeAll, expect, test } from 'vitest';
import { writtenTables } from '../../src/db/rows.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

test.each(Object.entries(writtenTables))(
  '%s, and the type that its rows are sent as, have the columns that they are written with, in their order',
  async (table, columns) => {
    const columnsOf = async (relation: string) => {
      const { rows } = await database.pool.query<{ name: string; type: string; modifier: number }>(
        `select attname as name, typname as type, atttypmod as modifier
         from pg_attribute join pg_type on pg_type.oid = atttypid
         where attrelid = $1::regclass and attnum > 0 order by attnum`,
        [relation],
      );
      return rows;
    };
    const ofTable = await columnsOf(table);
    expect(ofTable.map(({ name, type }) => [name, type])).toEqual(Object.entries(columns));
    expect(await columnsOf(`${table}_row`)).toEqual(ofTable);
  },
);
