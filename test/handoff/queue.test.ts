import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { limits } from '../../src/limits.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { createQueue, type HandoffName, type HandoffQueue } from '../../src/platform/queue.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

const log = pino({ level: 'silent' });
let database: TestDatabase;
let queue: HandoffQueue;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  queue = await createQueue({ url: database.url, clock: systemClock, log });
});
afterEach(() => queue.stop({ graceful: true }));

const id = (n: number) => `0190a000-0000-7000-8000-${String(n).padStart(12, '0')}`;

function enqueue(...jobs: { ticketId: string; handoffSeq: number; at?: Date }[]): Promise<void> {
  return database.db.transaction().execute((tx) => queue.queue.enqueue(tx, jobs));
}

/** Collects what the handler is called with; `until(n)` resolves at the nth call. */
function collector() {
  const seen: HandoffName[] = [];
  let wake = () => {};
  return {
    seen,
    handler: async (handoff: HandoffName) => {
      seen.push(handoff);
      wake();
    },
    async until(count: number): Promise<void> {
      while (seen.length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

test('work begins soon after the commit, by the role that the program works with', async () => {
  const { seen, handler, until } = collector();
  await queue.start(handler);
  const began = performance.now();
  for (let n = 1; n <= 10; n++) {
    await enqueue({ ticketId: id(n), handoffSeq: 1 });
    await until(n);
  }
  // By the poll alone, each of the ten would wait for its own round of 500 ms: LISTEN/NOTIFY does not.
  expect(performance.now() - began).toBeLessThan(2_500);
  expect(seen.map(({ ticketId }) => ticketId)).toEqual(Array.from({ length: 10 }, (_, n) => id(n + 1)));
});

test('what is rolled back was never queued; what is queued twice is done once', async () => {
  const rolledBack = database.db.transaction().execute(async (tx) => {
    await queue.queue.enqueue(tx, [{ ticketId: id(30), handoffSeq: 1 }]);
    throw new Error('rolled back');
  });
  await expect(rolledBack).rejects.toThrow('rolled back');
  await enqueue({ ticketId: id(34), handoffSeq: 1 }, { ticketId: id(34), handoffSeq: 1 });
  await enqueue({ ticketId: id(34), handoffSeq: 1 });
  await enqueue({ ticketId: id(34), handoffSeq: 2 });
  const { seen, handler, until } = collector();
  await queue.start(handler);
  await until(2);
  await enqueue({ ticketId: id(35), handoffSeq: 1 });
  await until(3);
  expect(seen.map(({ ticketId, handoffSeq }) => `${ticketId.at(-1)}/${handoffSeq}`).sort()).toEqual([
    '4/1',
    '4/2',
    '5/1',
  ]);
});

test('a time that lies ahead is waited for and hardly longer, a past one is at once', async () => {
  const { seen, handler, until } = collector();
  await queue.start(handler);
  await enqueue({ ticketId: id(20), handoffSeq: 1, at: new Date(0) });
  await until(1);
  const began = performance.now();
  for (let n = 1; n <= 8; n++) {
    const at = new Date(Date.now() + 50);
    await enqueue({ ticketId: id(20 + n), handoffSeq: 1, at });
    await until(n + 1);
    expect(Date.now()).toBeGreaterThanOrEqual(at.getTime());
  }
  // By the poll alone, each of the eight would wait for a round of 500 ms.
  expect(performance.now() - began).toBeLessThan(2_500);
  expect(seen).toHaveLength(9);
});

test('a whole group is one statement, and no more than the limit are worked on at once', async () => {
  const group = Array.from({ length: limits.groupSizeMax }, (_, n) => ({
    ticketId: id(1000 + n),
    handoffSeq: 1,
  }));
  await enqueue(...group);
  let inFlight = 0;
  let most = 0;
  const done = new Set<string>();
  const finished = Promise.withResolvers<void>();
  await queue.start(async ({ ticketId }) => {
    inFlight += 1;
    most = Math.max(most, inFlight);
    await new Promise((resolve) => setImmediate(resolve));
    inFlight -= 1;
    done.add(ticketId);
    if (done.size === group.length) finished.resolve();
  });
  await finished.promise;
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(limits.handoffsInFlightMax);
});

test('one that hangs or throws holds up no other, and a graceful stop waits for it', async () => {
  const release = Promise.withResolvers<void>();
  const { seen, handler, until } = collector();
  let ended = false;
  await queue.start(async (handoff) => {
    if (handoff.handoffSeq === 1) {
      await release.promise;
      await enqueue({ ticketId: id(39), handoffSeq: 9 });
      ended = true;
      return;
    }
    if (handoff.handoffSeq === 2) throw new Error('broken');
    await handler(handoff);
  });
  await enqueue({ ticketId: id(38), handoffSeq: 1 }, { ticketId: id(38), handoffSeq: 2 });
  for (let n = 3; n < 8; n++) {
    await enqueue({ ticketId: id(38), handoffSeq: n });
    await until(n - 2);
  }
  expect(seen).toHaveLength(5);
  const stopped = queue.stop({ graceful: true });
  release.resolve();
  await stopped;
  expect(ended).toBe(true);
});
