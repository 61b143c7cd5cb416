import { afterEach, beforeEach, expect, test } from 'vitest';
import { entriesOf } from '../../src/audit/store.ts';
import { actOnException, sweepExceptions } from '../../src/exceptions/worker.ts';
import { startSweeper } from '../../src/sweeper.ts';
import { policy, setting } from '../exceptions/setting.ts';

/** Promise 3 and 8: every state that is not final has a deadline, and an exception that nobody takes goes on to somebody else. */

let world: Awaited<ReturnType<typeof setting>>;
beforeEach(async () => {
  world = await setting();
});
afterEach(() => world.close());

/** A sweeper as a server has it, whose own timer stays out of the way; as good as new after every restart. */
function sweeper() {
  const run = (now: Date) => sweepExceptions(world.deps, now);
  return startSweeper({ shell: world.shell, sweeps: [{ name: 'exceptions', run }], everyMs: 3_600_000 });
}

test('unclaimed, an exception goes to the alternate, then up, then reminds the last, whatever restarts', async () => {
  const key = await world.stopped();
  const seen: string[] = [];
  for (let round = 0; round < 4; round += 1) {
    world.clock.advance(policy.ttlMs);
    // Nothing of the sweeper before is left but the rows.
    const restarted = sweeper();
    await restarted.runOnce();
    await restarted.stop();
    seen.push((await world.row(key)).responsible);
  }
  expect(seen).toEqual(['person:dana', 'person:coo', 'person:coo', 'person:coo']);

  const entries = (await entriesOf(world.db, key.ticketId)).slice(2);
  const told = entries.map(({ kind, at, actor }) => `${minutes(at)} ${kind} by ${actor}`);
  expect(told).toEqual([
    '15 exception_escalated by signalbox',
    '30 exception_escalated by signalbox',
    '45 exception_reminded by signalbox',
  ]);
  expect(JSON.parse(entries[0]?.data ?? '{}')).toEqual({
    exception: 1,
    from: 'team:triage',
    to: 'person:dana',
    level: 1,
    why: ['ttl_passed'],
  });
});

test('what was due while nothing ran is caught up with by the next scan', async () => {
  const keys = [await world.stopped(), await world.stopped(), await world.stopped()];
  world.clock.advance(policy.ttlMs * 3);
  const late = sweeper();
  await late.runOnce();
  await late.stop();
  for (const key of keys)
    expect(await world.row(key)).toMatchObject({ responsible: 'person:dana', level: 1 });
});

test('claimed and worked on, it stays with its claimant past every TTL', async () => {
  const key = await world.stopped();
  await actOnException(world.deps, key, { act: 'claim' }, 'person:ann');
  const running = sweeper();
  for (let round = 0; round < 5; round += 1) {
    world.clock.advance(policy.ttlMs);
    await actOnException(world.deps, key, { act: 'note', text: 'Waiting for the sender.' }, 'person:ann');
    await running.runOnce();
  }
  await running.stop();
  expect(await world.row(key)).toMatchObject({
    state: 'claimed',
    claimed_by: 'person:ann',
    responsible: 'team:triage',
  });
});

test('a workflow that is no longer in the project breaks nothing in flight: its policy was frozen', async () => {
  const key = await world.stopped();
  expect(world.shell.project().workflows.has('leads')).toBe(false);
  world.clock.advance(policy.ttlMs);
  const running = sweeper();
  await running.runOnce();
  await running.stop();
  expect(await world.row(key)).toMatchObject({ responsible: 'person:dana' });
});

function minutes(at: Date): number {
  return (at.getTime() - new Date('2026-03-02T09:00:00.000Z').getTime()) / 60_000;
}
