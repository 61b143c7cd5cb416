import { afterAll, beforeAll, expect, test } from 'vitest';
import { exceptionsOf } from '../../src/exceptions/store.ts';
import { createDispatcher, type Dispatcher } from '../../src/handoff/dispatch/worker.ts';
import { createEngine } from '../../src/handoff/engine/worker.ts';
import { actOnDestination } from '../../src/handoff/pace/acts/worker.ts';
import { actsOn, readCircuit } from '../../src/handoff/pace/store.ts';
import { createPacer, type Pacer } from '../../src/handoff/pace/worker.ts';
import { moveHandoff } from '../../src/handoff/store.ts';
import type { HandoffShell } from '../../src/handoff/worker.ts';
import type { OutcomePlan } from '../../src/outcome/plan.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { plusMs } from '../../src/platform/instant.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { destination, draft, handoff, promise } from '../support/handoff.ts';
import { withLimits } from '../support/limits.ts';
import { projectOf, testShell } from '../support/shell.ts';
import { startTarget, type Target } from '../support/target.ts';

let database: TestDatabase;
let tool: Target;
let slow: Target;
let shell: HandoffShell;
let dispatcher: Dispatcher;
let pacer: Pacer;

beforeAll(async () => {
  [database, tool, slow] = await Promise.all([testDatabase(), startTarget(), startTarget()]);
  const destinations = new Map([
    ['tool', destination(tool.url)],
    ['other', destination(tool.url, { key: 'other' })],
    [
      'slow',
      destination(slow.url, {
        key: 'slow',
        timeoutMs: 60_000,
        timeouts: { connectMs: 60_000, headersMs: 60_000, bodyMs: 60_000 },
        pace: { concurrency: 5 },
      }),
    ],
  ]);
  const project = { ...projectOf({ dana: 'd@x', omar: 'o@x' }, {}), destinations };
  shell = {
    ...testShell(database.db, { clock: systemClock, project: () => project }),
    workflowAt: async () => null,
  };
  pacer = createPacer(shell);
  dispatcher = createDispatcher(shell, pacer);
  dispatcher.start(createEngine(shell, pacer));
});
afterAll(async () => {
  await Promise.all([tool.close(), slow.close()]);
  await dispatcher.stop({ graceful: true });
  await database.close();
});

async function promised(count: number, to: string): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n++) {
    ids.push(await promise(shell.db, [draft({ destination: to })], systemClock.now()));
  }
  dispatcher.wake();
  return ids;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  await expect.poll(holds, { timeout: 20_000 }).toBe(true);
}

const statesOf = async (ids: readonly string[]) =>
  await Promise.all(ids.map(async (id) => (await handoff(shell, id)).state));
const allAre = (ids: readonly string[], state: string) => async () =>
  (await statesOf(ids)).every((each) => each === state);

test('fifty hanging requests take no more than the room of their destination; others go on', async () => {
  slow.behave('hang');
  const hanging = await promised(50, 'slow');
  const ids = await promised(20, 'tool');
  await until(allAre(ids, 'confirmed'));
  expect((await statesOf(hanging)).filter((state) => state === 'attempting')).toHaveLength(5);
  expect(slow.requests).toHaveLength(5);
});

test('an outage opens the circuit, uses up no attempts, and ends by itself: each arrives once', async () => {
  tool.behave('fail');
  const before = tool.effects.size;
  const ids = await promised(30, 'tool');
  await until(async () => (await readCircuit(shell.db, 'tool'))?.circuit.state === 'open');
  tool.behave('ok');
  await until(allAre(ids, 'confirmed'));
  expect(tool.effects.size).toBe(before + 30);
  expect(new Set(tool.effects.values())).toEqual(new Set([1]));
  const acts = (await actsOn(shell.db, 'tool', 50)).map(({ act }) => act);
  expect(acts).toContain('opened');
  expect(acts).toContain('recovering');
});

test('an outage that meets one handoff alone, for longer than all its attempts, costs it nothing', async () => {
  withLimits({ backoffFirstMs: 10, circuitProbeFirstMs: 5, circuitProbeMaxMs: 10 });
  await until(async () => (await readCircuit(shell.db, 'tool'))?.circuit.state === 'closed');
  await tool.down();
  const [id = ''] = await promised(1, 'tool');
  const { attemptsMax } = (await handoff(shell, id)).plan.retry;
  await until(async () => (await handoff(shell, id)).attempts > 2 * attemptsMax);
  await tool.up();
  await until(allAre([id], 'confirmed'));
});

test('a person pauses a destination and lets it go on, each with a reason', async () => {
  const by = { actor: 'person:dana', reason: 'their migration' };
  await actOnDestination(shell, 'tool', 'pause', by);
  await until(async () => pacer.room('tool', 0).room === 0);
  const asked = tool.requests.length;
  const ids = await promised(3, 'tool');
  // One that was promised later is through: those before it have been looked at.
  await until(allAre(await promised(1, 'other'), 'confirmed'));
  expect(await statesOf(ids)).toEqual(['ready', 'ready', 'ready']);
  expect(tool.requests).toHaveLength(asked + 1);
  await expect(actOnDestination(shell, 'tool', 'pause', by)).rejects.toMatchObject({ code: 'conflict' });
  await expect(actOnDestination(shell, 'tol', 'pause', by)).rejects.toMatchObject({ code: 'not_found' });
  await actOnDestination(shell, 'tool', 'resume', { ...by, reason: 'they are done' });
  await until(allAre(ids, 'confirmed'));
  const acts = await actsOn(shell.db, 'tool', 50);
  expect(acts.find(({ act }) => act === 'paused')).toMatchObject(by);
});

const { that, same } = { that: null, same: [] as const };
const told: readonly [plan: OutcomePlan, reason: string][] = [
  [
    { kind: 'confirm', by: 'person:dana', checklist: [], remindMs: 0, that, same, withinMs: 50 },
    'a person is asked, and their time ends',
  ],
  [
    { kind: 'callback', from: null, match: null, key: null, mark: '', that, same, withinMs: 50 },
    'the target has not called',
  ],
];

test.each(told)('what asks a paused destination for nothing goes on: %j, %s', async (outcome) => {
  const by = { actor: 'person:dana', reason: 'their migration' };
  await actOnDestination(shell, 'other', 'pause', by);
  await until(async () => pacer.room('other', 0).room === 0);
  const now = systemClock.now();
  const ids: string[] = [];
  for (const plan of [outcome, draft().outcome]) {
    const id = await promise(shell.db, [draft({ destination: 'other', outcome: plan })], now);
    const accepted = { attempts: 1, accepted_at: now, due_at: now, confirm_by: plusMs(now, 50) };
    await moveHandoff(shell.db, await handoff(shell, id), { state: 'confirming', ...accepted });
    ids.push(id);
  }
  const [id = '', read = ''] = ids;
  await until(allAre([id], 'failed'));
  expect((await exceptionsOf(shell.db, id)).map(({ mode }) => mode)).toEqual(['unconfirmed']);
  expect(await statesOf([read]), 'what has to be read waits').toEqual(['confirming']);
  await actOnDestination(shell, 'other', 'resume', by);
  await until(allAre([read], 'failed'));
});
