import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { RowsFailed, type Sweep, startSweeper } from '../src/sweeper.ts';
import { type TestDatabase, testDatabase } from './support/database.ts';
import { openedAt } from './support/exception.ts';
import { type ManualClock, manualClock, projectOf, testShell } from './support/shell.ts';

let database: TestDatabase;
let clock: ManualClock;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(() => {
  clock = manualClock(openedAt);
});

function start(sweeps: readonly Sweep[], everyMs = 3_600_000) {
  const shell = testShell(database.db, { clock, project: () => projectOf({}, {}) });
  return startSweeper({ shell, sweeps, everyMs });
}

async function recorded(name: string) {
  return await database.db.selectFrom('sweep').selectAll().where('name', '=', name).executeTakeFirstOrThrow();
}

test('a failing sweep is recorded and keeps the sweeper from counting as alive; the others go on', async () => {
  let works = true;
  let rounds = 0;
  const sweeper = start([
    {
      name: 'shaky',
      run: async () => {
        if (!works) throw new Error('the disk is full');
        return 0;
      },
    },
    { name: 'steady', run: async () => (rounds += 1) },
  ]);
  expect(sweeper.lastSuccess(), 'nothing has run yet').toBeNull();
  await sweeper.runOnce();
  expect(sweeper.lastSuccess()).toEqual(openedAt);

  works = false;
  clock.advance(1_000);
  const before = rounds;
  await sweeper.runOnce();
  await sweeper.stop();
  expect(rounds).toBeGreaterThan(before);
  expect(sweeper.lastSuccess(), 'the oldest success of all counts').toEqual(openedAt);
  expect(await recorded('shaky')).toMatchObject({
    ran_at: clock.now(),
    succeeded_at: openedAt,
    error: expect.stringContaining('the disk is full'),
  });
  expect(await recorded('steady')).toMatchObject({ succeeded_at: clock.now(), error: null });
});

test('rows set aside are told, and the sweep has succeeded all the same', async () => {
  const failing = async () => {
    throw new RowsFailed(3);
  };
  const sweeper = start([{ name: 'partly', run: failing }]);
  await sweeper.runOnce();
  await sweeper.stop();
  expect(sweeper.lastSuccess()).toEqual(openedAt);
  expect(await recorded('partly')).toMatchObject({
    succeeded_at: openedAt,
    error: expect.stringContaining('3 rows'),
  });
});

test('rounds never overlap, and stop waits for the one under way', async () => {
  const gate = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  let under = 0;
  let most = 0;
  const sweeper = start([
    {
      name: 'slow',
      run: async () => {
        under += 1;
        most = Math.max(most, under);
        begun.resolve();
        await gate.promise;
        under -= 1;
        return 1;
      },
    },
  ]);
  const rounds = [sweeper.runOnce(), sweeper.runOnce()];
  await begun.promise;
  const stopped = sweeper.stop().then(() => under);
  gate.resolve();
  expect(await stopped, 'the round under way has ended').toBe(0);
  await Promise.all(rounds);
  expect(most).toBe(1);
});

test('it runs again by itself', async () => {
  const thrice = Promise.withResolvers<void>();
  let rounds = 0;
  const run = async () => {
    rounds += 1;
    if (rounds === 3) thrice.resolve();
    return 0;
  };
  const sweeper = start([{ name: 'often', run }], 1);
  await thrice.promise;
  await sweeper.stop();
  const after = rounds;
  await sweeper.runOnce();
  expect(rounds, 'a stopped sweeper sweeps no more').toBe(after);
});

test('a database that does not answer is survived: the round ends, and nothing counts as success', async () => {
  const gone = await testDatabase();
  const shell = testShell(gone.db, { clock, project: () => projectOf({}, {}) });
  await gone.close();
  const sweeper = startSweeper({ shell, sweeps: [{ name: 'any', run: async () => 0 }], everyMs: 3_600_000 });
  await sweeper.runOnce();
  await sweeper.stop();
  expect(sweeper.lastSuccess()).toBeNull();
});
