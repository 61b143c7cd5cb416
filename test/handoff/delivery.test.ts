import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDispatcher, type Dispatcher } from '../../src/handoff/dispatch/worker.ts';
import { advanceHandoff, type HandoffShell } from '../../src/handoff/worker.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { destination, draft, handoff, promise } from '../support/handoff.ts';
import { projectOf, testShell } from '../support/shell.ts';
import { startTarget, type Target } from '../support/target.ts';
import { insertTicket } from '../support/ticket.ts';

let database: TestDatabase;
let dispatcher: Dispatcher;
let shell: HandoffShell;
let tool: Target;
let slow: Target;
/** Called at the end of each step that the dispatcher has had made. */
let step: () => void = () => {};

beforeAll(async () => {
  [database, tool, slow] = await Promise.all([testDatabase(), startTarget(), startTarget()]);
  const destinations = new Map([
    ['tool', destination(tool.url)],
    ['slow', destination(slow.url, { key: 'slow', timeoutMs: 60_000 })],
  ]);
  const project = { ...projectOf({ dana: 'd@x', omar: 'o@x' }, {}), destinations };
  const common = testShell(database.db, { clock: systemClock, project: () => project });
  shell = { ...common, workflowAt: async () => null };
  dispatcher = createDispatcher(shell);
  dispatcher.start(async ({ ticketId, handoffSeq }) => {
    await advanceHandoff(shell, ticketId, handoffSeq);
    step();
  });
});
afterAll(async () => {
  await Promise.all([tool.close(), slow.close()]);
  await dispatcher.stop({ graceful: true });
  await database.close();
});

async function untilSettled(ticketIds: readonly string[]): Promise<void> {
  for (;;) {
    const stepped = new Promise<void>((resolve) => {
      step = resolve;
    });
    const rows = await Promise.all(ticketIds.map((ticketId) => handoff(shell, ticketId)));
    if (rows.every((row) => row.settled_at !== null)) return;
    await stepped;
  }
}

async function promised(count: number, to: string): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n++) {
    ids.push(await promise(shell.db, [draft({ destination: to })], systemClock.now()));
  }
  return ids;
}

test('a destination that hangs holds up no other; each arrives once and is confirmed', async () => {
  slow.behave('hang');
  const hanging = await promised(20, 'slow');
  const ids = await promised(40, 'tool');
  dispatcher.wake();
  await untilSettled(ids);
  const states = await Promise.all(ids.map(async (id) => (await handoff(shell, id)).state));
  expect(new Set(states)).toEqual(new Set(['confirmed']));
  expect([...tool.effects.values()]).toEqual(ids.map(() => 1));
  const still = await Promise.all(hanging.map(async (id) => (await handoff(shell, id)).state));
  expect(new Set(still)).toEqual(new Set(['attempting']));
});

test('what nobody told of is found by its row', async () => {
  const ids = await promised(1, 'tool');
  await untilSettled(ids);
  expect((await handoff(shell, ids[0] ?? '')).state).toBe('confirmed');
});

test('a ticket without that handoff is no work', async () => {
  const ticket = await insertTicket(shell.db, { now: systemClock.now() });
  await expect(advanceHandoff(shell, ticket.id, 1)).resolves.toBeUndefined();
});
