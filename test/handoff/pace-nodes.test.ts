import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createDispatcher } from '../../src/handoff/dispatch/worker.ts';
import { createEngine } from '../../src/handoff/engine/worker.ts';
import type { AttemptOutcome } from '../../src/handoff/handoff.ts';
import { actOnDestination } from '../../src/handoff/pace/acts/worker.ts';
import { readCircuit } from '../../src/handoff/pace/store.ts';
import { createPacer, type Pacer } from '../../src/handoff/pace/worker.ts';
import { attemptsOf } from '../../src/handoff/store.ts';
import type { HandoffShell } from '../../src/handoff/worker.ts';
import { limits } from '../../src/limits.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { destination, draft, handoff, promise } from '../support/handoff.ts';
import { type ManualClock, manualClock, projectOf, testShell } from '../support/shell.ts';
import { startTarget, type Target } from '../support/target.ts';

/** What destinations ask for, and what nodes learn of each other. The clock stands still unless it is moved. */

let database: TestDatabase;
let tool: Target;
let clock: ManualClock;
let shell: HandoffShell;
let key = '';
let made = 0;

beforeAll(async () => {
  [database, tool] = await Promise.all([testDatabase(), startTarget()]);
});
afterAll(async () => await Promise.all([tool.close(), database.close()]));
beforeEach(() => {
  made += 1;
  key = `tool-${made}`;
  tool.behave('ok');
  clock = manualClock(new Date('2026-03-02T09:00:00Z'));
  state({});
});

function state(changes: Parameters<typeof destination>[1]): void {
  const destinations = new Map([[key, destination(tool.url, { key, ...changes })]]);
  const project = { ...projectOf({ dana: 'd@x', omar: 'o@x' }, {}), destinations };
  const common = testShell(database.db, { clock, project: () => project });
  shell = { ...common, workflowAt: async () => null };
}

const answered = (changes: Partial<AttemptOutcome>): AttemptOutcome => ({
  result: 'unknown',
  status: 503,
  detail: 'tool answered 503',
  excerpt: null,
  retryAfter: null,
  ...changes,
});

/** A node that has just looked at what others know. */
async function node(): Promise<Pacer> {
  const pacer = createPacer(shell);
  await pacer.refresh();
  return pacer;
}

async function circuitIs(expected: string): Promise<void> {
  const now = async () => (await readCircuit(shell.db, key))?.circuit.state;
  await expect.poll(now, { timeout: 10_000 }).toBe(expected);
}

async function opened(): Promise<Pacer> {
  const first = await node();
  for (let n = 0; n < limits.circuitFailuresInRow; n += 1) first.learn(key, `h${n}`, answered({}), 'attempt');
  await circuitIs('open');
  return first;
}

describe('two nodes share a circuit', () => {
  test('opened by one, it is respected by the other, and only one of them tries whether the destination is back', async () => {
    const first = await opened();
    const second = await node();
    expect([first.room(key, 0).room, second.room(key, 0).room]).toEqual([0, 0]);
    clock.advance(limits.circuitProbeFirstMs - 1);
    expect(second.room(key, 0)).toEqual({ room: 0, waitMs: 1 });
    clock.advance(1);
    expect([first.room(key, 0).room, second.room(key, 0).room]).toEqual([1, 1]);
    const tries = await Promise.all([first.begin(key, 'p1'), second.begin(key, 'p2')]);
    expect(tries.toSorted()).toEqual([false, true]);
  });

  test('closed by the probe of one, the other begins with few too', async () => {
    const first = await opened();
    clock.advance(limits.circuitProbeFirstMs);
    expect(await first.begin(key, 'p1')).toBe(true);
    first.learn(key, 'p1', answered({ result: 'accepted', status: 201 }), 'attempt');
    await circuitIs('recovering');
    const second = await node();
    expect(second.room(key, 0).room).toBe(1);
    clock.advance(limits.rampStepMs);
    expect(second.room(key, 0).room).toBe(2);
  });

  test('a person’s pause at one is known at the other when it looks again', async () => {
    const first = await node();
    expect(first.room(key, 0).room).toBe(limits.destinationConcurrency);
    await actOnDestination(shell, key, 'pause', { actor: 'person:dana', reason: 'theirs' });
    expect((await node()).room(key, 0).room).toBe(0);
  });
});

test('a person’s pause outlives what a node that has not heard of it decides, and no request goes out', async () => {
  const pacer = await node();
  await actOnDestination(shell, key, 'pause', { actor: 'person:dana', reason: 'theirs' });
  for (let n = 0; n < limits.circuitFailuresInRow; n += 1) pacer.learn(key, `h${n}`, answered({}), 'attempt');
  clock.advance(limits.circuitProbeFirstMs);
  // Decided before it is heard that the circuit was not opened, but paused.
  expect(await pacer.begin(key, 'p1')).toBe(false);
  const { circuit } = (await readCircuit(shell.db, key)) ?? {};
  expect(circuit).toMatchObject({ state: 'paused', pausedBy: 'person:dana' });
});

describe('what a destination asks for', () => {
  test.each<[outcome: Partial<AttemptOutcome>, heldMs: number, reason: string]>([
    [{ result: 'rejected', status: 429, retryAfter: '7' }, 7_000, 'as long as it says'],
    [{ result: 'rejected', status: 429 }, limits.destinationHoldMs, 'it says no time'],
    [{ status: 503, retryAfter: '3' }, 3_000, 'an outage with an end'],
    [{ result: 'rejected', status: 429, retryAfter: '99999' }, limits.destinationHoldMaxMs, 'not for ever'],
  ])('%j: nothing for %i ms, then few at first (%s)', async (outcome, heldMs) => {
    const pacer = await node();
    pacer.learn(key, 'h1', answered(outcome), 'attempt');
    expect(pacer.room(key, 0)).toMatchObject({ room: 0 });
    clock.advance(heldMs - 1);
    expect(pacer.room(key, 0).room).toBe(0);
    clock.advance(1);
    expect(pacer.room(key, 0).room).toBe(1);
  });

  test('through the engine: after 429 each handoff waits as long as it was told, and is sent once more', async () => {
    tool.behave('too_many');
    const pacer = createPacer(shell);
    const dispatcher = createDispatcher(shell, pacer);
    const ids = await Promise.all(
      Array.from({ length: 3 }, () => promise(shell.db, [draft({ destination: key })], clock.now())),
    );
    dispatcher.start(createEngine(shell, pacer));
    await circuitIs('recovering');
    tool.behave('ok');
    const settled = async () => {
      clock.advance(limits.rampStepMs);
      dispatcher.wake();
      return (await Promise.all(ids.map((id) => handoff(shell, id)))).map(({ state }) => state);
    };
    await expect.poll(settled, { timeout: 20_000 }).toEqual(ids.map(() => 'confirmed'));
    await dispatcher.stop({ graceful: true });
    const refused: string[] = [];
    for (const id of ids) {
      const attempts = await attemptsOf(shell.db, id);
      const index = attempts.findIndex(({ status }) => status === 429);
      if (index === -1) continue;
      refused.push(id);
      const [told, next] = [attempts[index], attempts[index + 1]];
      const waited = (next?.started_at.getTime() ?? 0) - (told?.ended_at?.getTime() ?? 0);
      expect(waited).toBeGreaterThanOrEqual(7_000);
    }
    expect(refused.length).toBeGreaterThan(0);
  });

  test('through the engine: a stated rate is kept, by readings too', { timeout: 60_000 }, async () => {
    const rate = { requests: 4, perMs: 1_000 };
    state({ pace: { concurrency: 50, rate } });
    const ids = await Promise.all(
      Array.from({ length: 12 }, () => promise(shell.db, [draft({ destination: key })], clock.now())),
    );
    const begun = clock.now().getTime();
    const pacer = createPacer(shell);
    const dispatcher = createDispatcher(shell, pacer);
    dispatcher.start(createEngine(shell, pacer));
    const settled = async () => {
      clock.advance(250);
      dispatcher.wake();
      return (await Promise.all(ids.map((id) => handoff(shell, id)))).filter(
        ({ state }) => state === 'confirmed',
      ).length;
    };
    await expect.poll(settled, { timeout: 50_000, interval: 10 }).toBe(ids.length);
    await dispatcher.stop({ graceful: true });
    const attempts = (await Promise.all(ids.map((id) => attemptsOf(shell.db, id)))).flat();
    const startedMs = attempts.map(({ started_at: at }) => at.getTime() - begun).sort((a, b) => a - b);
    for (const [index, ms] of startedMs.entries()) {
      expect(index + 1, `${index + 1} within ${ms} ms`).toBeLessThanOrEqual(
        rate.requests + Math.ceil((ms * rate.requests) / rate.perMs),
      );
    }
    // Each handoff is two requests: one that makes, one that reads.
    expect(startedMs.at(-1)).toBeGreaterThan(((2 * 11 - rate.requests - 1) / rate.requests) * 1_000 - 500);
  });
});
