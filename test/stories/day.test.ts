import { afterAll, beforeAll, expect, test } from 'vitest';
import { simulateDay } from '../simulation/day.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

/** What nobody reports is found. `node test/simulation/day.ts` has a whole day of it, with one in a hundred going wrong. */

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

test('what nobody reports in a day is found, named, and in the time that is promised, and nothing else is', async () => {
  const day = await simulateDay({
    db: database.db,
    seed: 7,
    hours: 10,
    stepMinutes: 30,
    perHour: 6,
    part: 0.05,
  });
  expect(day.missed).toEqual([]);
  expect(day.falseAlarms).toEqual([]);
  const planted = Object.fromEntries(day.rows.map((row) => [row.what, row.planted]));
  expect(planted).toMatchObject({
    'a source silent': 1,
    'an owner gone': 1,
    'a ticket back and forth': 1,
    'a ticket stuck': 1,
  });
  for (const what of ['dropped at the source', 'stored partially', 'changed after its proof']) {
    expect(planted[what], what).toBeGreaterThan(1);
  }
}, 60_000);
