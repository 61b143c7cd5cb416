import { beforeEach, expect, test } from 'vitest';
import { entriesOf } from '../../src/audit/store.ts';
import { findRuns } from '../../src/detection/reconciliation/store.ts';
import { createReconciler, type Reconciler } from '../../src/detection/reconciliation/worker.ts';
import { stateExceptionOver } from '../../src/exceptions/over/worker.ts';
import { exceptionsOf } from '../../src/exceptions/store.ts';
import { handoffEffects } from '../../src/handoff/acts/worker.ts';
import { advanceHandoff } from '../../src/handoff/worker.ts';
import { limits } from '../../src/limits.ts';
import { takeCallback } from '../../src/outcome/callback/worker.ts';
import { lockTicket } from '../../src/ticket/store.ts';
import { clock, setTool, shell, target, tool, useHandoffs, workThrough } from '../handoff/worker-setting.ts';
import { draft, promise, removal } from '../support/handoff.ts';
import { withLimits } from '../support/limits.ts';

/** Confirmed records of a real target, read again after a while. */

useHandoffs();

// Each test begins at the same time, in one database.
beforeEach(async () => {
  await shell.db.deleteFrom('reading_again').execute();
  const anew = {
    position: null,
    listed: 0,
    failures: 0,
    error: null,
    due_at: clock.now(),
    lease_until: null,
  };
  await shell.db.updateTable('reconciliation').set(anew).execute();
});

const dayMs = 86_400_000;

const calledBack = {
  kind: 'callback',
  from: null,
  match: null,
  key: null,
  mark: 'urn:signalbox:outcome:0',
  that: 'result.ok',
  same: [],
  withinMs: 60_000,
} as const;

function reconciling(): Reconciler {
  setTool({ ...tool, readAgain: { afterMs: [dayMs, 7 * dayMs], everyMs: 100 } });
  return createReconciler(shell, () => Promise.reject(new Error('nothing is taken here')));
}

/** Sweeps until nothing is begun, as time goes by. */
async function sweepFor(reconciler: Reconciler, ms: number, stepMs = ms): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) {
    clock.advance(stepMs);
    await sweepOnce(reconciler);
  }
}

async function sweepOnce(reconciler: Reconciler): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    await reconciler.sweep(clock.now());
    await reconciler.settled();
    clock.advance(limits.sweepEveryMs);
  }
}

async function confirmedOne(): Promise<string> {
  const ticket = await promise(shell.db, [draft()], clock.now());
  await workThrough(ticket);
  return ticket;
}

/** Somebody has settled what its ticket's exception says. */
async function settled(id: string): Promise<void> {
  await shell.db.transaction().execute(async (tx) => {
    const ticket = await lockTicket(tx, id);
    if (ticket !== null) await stateExceptionOver(tx, ticket, 1, 'Settled', clock.now());
  });
}

function recordOf(id: string): Record<string, unknown> {
  return target.records.get(id) as Record<string, unknown>;
}

async function state() {
  const [row] = await findRuns(shell.db, 'target');
  const again = await shell.db.selectFrom('reading_again').selectAll().execute();
  return { row, again };
}

async function again(ticket: string) {
  const rows = await shell.db
    .selectFrom('reading_again')
    .selectAll()
    .where('ticket_id', '=', ticket)
    .execute();
  return rows[0];
}

test('a record that stands is read at each of its times, and then no more', async () => {
  const reconciler = reconciling();
  await confirmedOne();
  await sweepFor(reconciler, 60_000);
  expect((await state()).again).toMatchObject([{ step: 0, told: null }]);
  await sweepFor(reconciler, dayMs);
  expect(await state()).toMatchObject({
    row: { listed: 1, differing: 0, failures: 0 },
    again: [{ step: 1 }],
  });
  await sweepFor(reconciler, 6 * dayMs);
  expect(await state()).toMatchObject({ row: { listed: 2 }, again: [] });
});

test('a changed and a vanished record are told with both values, and closed when they are right again', async () => {
  const reconciler = reconciling();
  const ticket = await confirmedOne();
  await sweepFor(reconciler, 60_000);
  recordOf('rec-1').name = 'Somebody else';
  await sweepFor(reconciler, dayMs);
  const [told] = await exceptionsOf(shell.db, ticket);
  expect(told).toMatchObject({
    mode: 'sync_stale',
    state: 'open',
    summary: expect.stringMatching(
      /^tool no longer holds what it did: name \(create-record, confirmed 2026-/,
    ),
    detail: { compared: [{ field: 'name', sent: 'Lead 1', found: 'Somebody else', equal: false }] },
  });
  const chained = (await entriesOf(shell.db, ticket)).map(({ data }) => data).join();
  expect(chained, 'no value in the chain').not.toContain('Somebody else');

  await sweepFor(reconciler, dayMs / 4, dayMs / 8);
  expect(await exceptionsOf(shell.db, ticket), 'told once').toHaveLength(1);
  recordOf('rec-1').name = 'Lead 1';
  await sweepFor(reconciler, dayMs / 4);
  expect(await exceptionsOf(shell.db, ticket)).toMatchObject([{ state: 'resolved', resolution: 'over' }]);
  expect(await again(ticket)).toMatchObject({ told: null, step: 1 });

  const kept = target.records as Map<string, Readonly<Record<string, unknown>>>;
  kept.delete('rec-1');
  await sweepFor(reconciler, 7 * dayMs);
  expect((await exceptionsOf(shell.db, ticket)).at(-1)).toMatchObject({
    state: 'open',
    summary: expect.stringContaining('tool has no such record any more'),
  });
});

test('a target that is out says nothing of its records: it is asked less and less, and told of', async () => {
  const reconciler = reconciling();
  await confirmedOne();
  await sweepFor(reconciler, 60_000);
  await target.down();
  clock.advance(dayMs);
  await sweepOnce(reconciler);
  const { row, again } = await state();
  expect(row?.failures).toBeGreaterThanOrEqual(1);
  expect(row?.error).toContain('tool');
  expect(again[0]?.told ?? null).toBeNull();
  await target.up();
  await sweepFor(reconciler, dayMs);
  expect((await state()).row).toMatchObject({ failures: 0, error: null });
});

test('a proof that the target called back has no record to be read: the others are read all the same', async () => {
  laterThanBefore();
  const reconciler = reconciling();
  const called = await promise(shell.db, [draft({ outcome: calledBack })], clock.now());
  await advanceHandoff(shell, called, 1);
  const body = Buffer.from('{"ok":true}');
  const said = { source: null, contentType: 'application/json', headers: {}, body };
  const name = { ticketId: called, handoffSeq: 1 };
  expect(await takeCallback(shell, name, said)).toMatchObject({ becomes: 'confirmed' });
  const ticket = await confirmedOne();
  await sweepFor(reconciler, 60_000);
  await sweepFor(reconciler, dayMs);
  expect((await state()).row).toMatchObject({ listed: 1, failures: 0 });
  expect(await again(called)).toBeUndefined();
  expect(await again(ticket)).toMatchObject({ step: 1 });
});

test.each<[what: string, outcome: object, changes: object]>([
  ['an outcome with `until`', { until: 'result.budget > 0' }, { name: 'Somebody else' }],
  ['one that is not at its end any more', { until: 'result.budget > 0' }, { budget: 0 }],
  ['one that its destination says has failed', { failWhen: 'result.name == "void"' }, { name: 'void' }],
])('a record of %s is told too when it changes', async (_, changed, changes) => {
  laterThanBefore();
  const reconciler = reconciling();
  const { outcome } = draft();
  const ticket = await promise(
    shell.db,
    [draft({ outcome: { ...outcome, ...changed } as never })],
    clock.now(),
  );
  await workThrough(ticket);
  await sweepFor(reconciler, 60_000);
  Object.assign(recordOf('rec-1'), changes);
  await sweepFor(reconciler, dayMs);
  expect(await exceptionsOf(shell.db, ticket)).toMatchObject([{ mode: 'sync_stale', state: 'open' }]);
});

test('what is told of a record is over when the record is taken back', async () => {
  laterThanBefore();
  const reconciler = reconciling();
  const open = draft({
    handoff: 'other',
    destination: 'nowhere',
    retry: { attemptsMax: 9, forMs: 90 * dayMs },
  });
  const ticket = await promise(shell.db, [draft({ undo: removal() }), open], clock.now());
  await workThrough(ticket);
  await sweepFor(reconciler, 60_000);
  recordOf('rec-1').name = 'Somebody else';
  await sweepFor(reconciler, dayMs);
  expect(await exceptionsOf(shell.db, ticket)).toMatchObject([{ mode: 'sync_stale', state: 'open' }]);
  await shell.db.transaction().execute(async (tx) => {
    const locked = await lockTicket(tx, ticket);
    if (locked !== null)
      await handoffEffects.cancelHandoffs(tx, locked, 'given up', 'person:omar', clock.now());
  });
  await sweepFor(reconciler, dayMs);
  expect(await exceptionsOf(shell.db, ticket)).toMatchObject([{ state: 'resolved', resolution: 'over' }]);
});

test('a finding that a person has settled leaves its room to others, though the record stays as it is', async () => {
  laterThanBefore();
  withLimits({ readAgainOpenMax: 1 });
  const reconciler = reconciling();
  const tickets = [await confirmedOne(), await confirmedOne()];
  await sweepFor(reconciler, 60_000);
  for (const id of target.records.keys()) recordOf(id).name = 'Somebody else';
  await sweepFor(reconciler, dayMs);
  const told = async () => {
    const all = await Promise.all(tickets.map((ticket) => exceptionsOf(shell.db, ticket)));
    return all.flat().map(({ state }) => state);
  };
  expect(await told()).toEqual(['open']);
  for (const ticket of tickets) await settled(ticket);
  await sweepFor(reconciler, dayMs / 4);
  expect((await told()).toSorted()).toEqual(['open', 'resolved']);
});

let months = 0;
/** Beyond what the tests before have confirmed. */
function laterThanBefore(): void {
  months += 1;
  clock.advance(months * 30 * dayMs);
}

test.each<[max: number, entered: number, reason: string]>([
  [2, 2, 'as many as are entered at once'],
  [1, 1, 'one more is entered by the next'],
])('of two confirmations, at most %i at once: %i are entered, %s', async (readAgainEnteredMax, entered) => {
  laterThanBefore();
  const reconciler = reconciling();
  await reconciler.sweep(clock.now());
  await reconciler.settled();
  for (let count = 0; count < 2; count += 1) await confirmedOne();
  clock.advance(limits.readAgainSettleMs + 1);
  withLimits({ readAgainEnteredMax });
  const sweep = async () => {
    await reconciler.sweep(clock.now());
    await reconciler.settled();
    clock.advance(limits.sweepEveryMs);
  };
  await sweep();
  expect((await state()).again).toHaveLength(entered);
  await sweep();
  await sweep();
  expect((await state()).again, 'and no one is left out').toHaveLength(2);
});

test.each<[laterMs: number, entered: number, reason: string]>([
  [limits.readAgainSettleMs, 0, 'another commit of that time may be under way'],
  [limits.readAgainSettleMs + 1, 1, 'it has rested'],
])('a confirmation is entered %i ms later: %i, %s', async (laterMs, entered) => {
  laterThanBefore();
  const reconciler = reconciling();
  await reconciler.sweep(clock.now());
  await reconciler.settled();
  const ticket = await confirmedOne();
  const outcome = shell.db.selectFrom('outcome').select('decided_at').where('ticket_id', '=', ticket);
  const { decided_at: at } = await outcome.executeTakeFirstOrThrow();
  clock.advance(at.getTime() + laterMs - clock.now().getTime());
  await reconciler.sweep(clock.now());
  await reconciler.settled();
  expect((await state()).again).toHaveLength(entered);
});

test.each<[max: number, told: number, reason: string]>([
  [2, 2, 'as many as may be open'],
  [1, 1, 'one more is told when there is room'],
])('of two changed records, with room for %i: %i are told, %s', async (readAgainOpenMax, told) => {
  laterThanBefore();
  const reconciler = reconciling();
  await confirmedOne();
  await confirmedOne();
  await sweepFor(reconciler, 60_000);
  for (const id of target.records.keys()) recordOf(id).name = 'Somebody else';
  withLimits({ readAgainOpenMax });
  await sweepFor(reconciler, dayMs);
  expect((await state()).again.filter((each) => each.told !== null)).toHaveLength(told);
});
