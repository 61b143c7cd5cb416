import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createDispatcher, type Dispatcher } from '../../src/handoff/dispatch/worker.ts';
import { type HandoffName, moveHandoff } from '../../src/handoff/store.ts';
import { limits } from '../../src/limits.ts';
import { systemClock } from '../../src/platform/clock.ts';
import type { Shell } from '../../src/shell.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { destination, draft, handoff, promise } from '../support/handoff.ts';
import { withLimits } from '../support/limits.ts';
import { projectOf, testShell } from '../support/shell.ts';

let database: TestDatabase;
let shell: Shell;
let dispatcher: Dispatcher;
/** Whom the dispatcher has had worked on, in this order. */
let seen: string[];
let heard: () => void;
const roomOfTool = 20;

beforeEach(async () => {
  database = await testDatabase();
  const tool = destination('http://tool', { pace: { concurrency: roomOfTool } });
  const project = { ...projectOf({}, {}), destinations: new Map([['tool', tool]]) };
  shell = testShell(database.db, { clock: systemClock, project: () => project });
  dispatcher = createDispatcher(shell);
  seen = [];
  heard = () => {};
});
afterEach(async () => {
  await dispatcher.stop({ graceful: true });
  await database.close();
});

/** Work that settles its handoff, as an attempt would. */
async function settle({ ticketId, handoffSeq }: HandoffName): Promise<void> {
  const row = await handoff(shell, ticketId, handoffSeq);
  await moveHandoff(shell.db, row, { state: 'cancelled', settled_at: systemClock.now(), due_at: null });
  seen.push(ticketId);
  heard();
}

async function until(count: number): Promise<void> {
  while (seen.length < count) {
    await new Promise<void>((resolve) => {
      heard = resolve;
    });
  }
}

const promised = (at = systemClock.now()) => promise(shell.db, [draft()], at);

test('what was there before the start, and what a wake announces, is begun at once', async () => {
  const before = await promised();
  dispatcher.start(settle);
  await until(1);
  const began = performance.now();
  const later: string[] = [];
  for (let n = 2; n <= 11; n++) {
    later.push(await promised());
    dispatcher.wake();
    await until(n);
  }
  expect(seen).toEqual([before, ...later]);
  // By the rhythm alone each of the ten would wait for its own look.
  expect(performance.now() - began).toBeLessThan(5 * limits.dispatchEveryMs);
});

test('what nobody announces is found all the same', async () => {
  dispatcher.start(settle);
  const ids = [await promised()];
  await until(1);
  expect(seen).toEqual(ids);
});

test('a time that lies ahead is waited for', async () => {
  const at = new Date(systemClock.now().getTime() + 120);
  const id = await promised(at);
  dispatcher.start(settle);
  await until(1);
  expect(seen).toEqual([id]);
  expect(systemClock.now().getTime()).toBeGreaterThanOrEqual(at.getTime());
});

test('what is longest due goes first, and no more than a destination takes are worked on at once', async () => {
  const count = roomOfTool + 10;
  const ids: string[] = [];
  for (let n = 0; n < count; n++) ids.push(await promised(new Date(1_700_000_000_000 - n)));
  const release = Promise.withResolvers<void>();
  const begun: string[] = [];
  const full = Promise.withResolvers<void>();
  let inFlight = 0;
  let most = 0;
  dispatcher.start(async (name) => {
    begun.push(name.ticketId);
    inFlight += 1;
    most = Math.max(most, inFlight);
    if (inFlight === roomOfTool) full.resolve();
    await release.promise;
    inFlight -= 1;
    await settle(name);
  });
  await full.promise;
  dispatcher.wake();
  release.resolve();
  await until(count);
  expect(most).toBe(roomOfTool);
  expect(begun.slice(0, roomOfTool)).toEqual(ids.toReversed().slice(0, roomOfTool));
  expect(begun.toSorted()).toEqual(ids.toSorted());
});

test('one that hangs or throws holds up no other; a stop waits for it, and begins nothing more', async () => {
  const [hangs, throws] = [await promised(new Date(1)), await promised(new Date(2))];
  const release = Promise.withResolvers<void>();
  const thrown = Promise.withResolvers<void>();
  let ended = false;
  dispatcher.start(async (name) => {
    if (name.ticketId === hangs) {
      await release.promise;
      await settle(name);
      ended = true;
    } else if (name.ticketId === throws) {
      thrown.resolve();
      throw new Error('broken');
    } else await settle(name);
  });
  await thrown.promise;
  const others = [await promised(), await promised()];
  dispatcher.wake();
  await until(2);
  expect(seen.toSorted()).toEqual(others.toSorted());
  // It is tried again, but later, so that it takes no turn from others. Others do not wait until that is written.
  await vi.waitFor(async () => {
    const putOff = (await handoff(shell, throws)).due_at?.getTime() ?? 0;
    expect(putOff).toBeGreaterThan(systemClock.now().getTime());
    expect(putOff).toBeLessThanOrEqual(systemClock.now().getTime() + limits.handoffSetAsideMs);
  }, limits.handoffSetAsideMs);

  const stopped = dispatcher.stop({ graceful: true });
  const left = await promised();
  release.resolve();
  await stopped;
  expect(ended).toBe(true);
  expect((await handoff(shell, left)).state).toBe('ready');
});

/** A dispatcher whose work is held until it is let go, so many at a time. */
function holding() {
  const held: (() => void)[] = [];
  const begun: number[] = [];
  let [underWay, most] = [0, 0];
  dispatcher.start(async (name) => {
    begun.push(performance.now());
    underWay += 1;
    most = Math.max(most, underWay);
    await new Promise<void>((resolve) => held.push(resolve));
    await settle(name);
    underWay -= 1;
  });
  return {
    begun,
    most: () => most,
    letGo(count = held.length) {
      for (const end of held.splice(0, count)) end();
    },
    hasBegun: (count: number) =>
      expect.poll(() => begun.length, { timeout: 10_000, interval: 1 }).toBe(count),
  };
}

test.each<[max: number, together: number, reason: string]>([
  [4, 4, 'all that is due'],
  [3, 3, 'as many as one node works on'],
])('of four that are due, at most %i at once: %i, %s', async (handoffsInFlightMax, together) => {
  withLimits({ handoffsInFlightMax });
  for (let count = 0; count < 4; count += 1) await promised();
  const work = holding();
  await work.hasBegun(together);
  dispatcher.wake();
  work.letGo();
  await work.hasBegun(4);
  work.letGo();
  await until(4);
  expect(work.most()).toBe(together);
});

test('two looks are no closer than their gap', async () => {
  withLimits({ dispatchGapMs: 200, dispatchEveryMs: 60_000 });
  await promised();
  const from = performance.now();
  dispatcher.start(settle);
  await until(1);
  await promised();
  dispatcher.wake();
  await until(2);
  // A timer may be early by a part of a millisecond.
  expect(performance.now() - from).toBeGreaterThanOrEqual(199);
});

test.each<[part: number, behindMs: number, waitedMs: number, reason: string]>([
  [1 / 19, 60_000, 0, 'one that has ended is that part of those under way: looked at once'],
  [1 / 19 + 0.001, 300, 299, 'less than that part: the next look waits'],
])('behind, with a part of %d and %i ms: the next waits %i ms, %s', async (part, behindMs, waitedMs) => {
  withLimits({ dispatchRoomPart: part, dispatchBehindMs: behindMs, dispatchEveryMs: 120_000 });
  for (let count = 0; count < roomOfTool + 1; count += 1) await promised();
  const work = holding();
  await work.hasBegun(roomOfTool);
  const from = performance.now();
  work.letGo(1);
  await work.hasBegun(roomOfTool + 1);
  expect((work.begun.at(-1) ?? 0) - from).toBeGreaterThanOrEqual(waitedMs);
  withLimits({ dispatchRoomPart: 0 });
  work.letGo();
  await until(roomOfTool + 1);
});

test('a graceful stop waits so long for what is under way, and leaves it then', async () => {
  withLimits({ stopHandoffsMs: 50 });
  await promised();
  const work = holding();
  await work.hasBegun(1);
  const from = performance.now();
  await dispatcher.stop({ graceful: true });
  expect(performance.now() - from).toBeGreaterThanOrEqual(49);
  expect(seen, 'it is still at it').toEqual([]);
  work.letGo();
  await until(1);
});
