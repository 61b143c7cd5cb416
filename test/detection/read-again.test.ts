import { beforeEach, expect, test } from 'vitest';
import { entriesOf } from '../../src/audit/store.ts';
import { findRuns } from '../../src/detection/reconciliation/store.ts';
import { createReconciler, type Reconciler } from '../../src/detection/reconciliation/worker.ts';
import { exceptionsOf } from '../../src/exceptions/store.ts';
import { limits } from '../../src/limits.ts';
import { clock, setTool, shell, target, tool, useHandoffs, workThrough } from '../handoff/worker-setting.ts';
import { draft, promise } from '../support/handoff.ts';

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
