import { afterAll, beforeAll, expect, test } from 'vitest';
import { simulateDay } from '../simulation/day.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { startTarget, type Target } from '../support/target.ts';

let database: TestDatabase;
let target: Target;
beforeAll(async () => {
  [database, target] = [await testDatabase(), await startTarget()];
});
afterAll(async () => {
  await target.close();
  await database.close();
});

test('what nobody reports in a day is found, named, and in the time that is promised, and nothing else is', async () => {
  const day = await simulateDay({
    db: database.db,
    target,
    seed: 7,
    hours: 12,
    stepMs: 30 * 60_000,
    perHour: 6,
    partialEvery: 20,
  });
  for (const { what, afterMs, withinMs } of day.found) {
    expect(afterMs, what).not.toBeNull();
    expect(afterMs, what).toBeLessThanOrEqual(withinMs);
  }
  expect(day.falseAlarms).toEqual([]);
  expect(day.contradicted).toBe(day.partial);
}, 60_000);
