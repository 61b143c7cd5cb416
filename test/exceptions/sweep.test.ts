import { afterEach, beforeEach, expect, test } from 'vitest';
import { actOnException, sweepExceptions } from '../../src/exceptions/worker.ts';
import { limits } from '../../src/limits.ts';
import { lockTicket } from '../../src/ticket/store.ts';
import { withLimits } from '../support/limits.ts';
import { projectOf } from '../support/shell.ts';
import { policy, setting } from './setting.ts';

let world: Awaited<ReturnType<typeof setting>>;
beforeEach(async () => {
  world = await setting();
});
afterEach(() => world.close());

function sweep(): Promise<number> {
  return sweepExceptions(world.deps, world.clock.now());
}

test('a claim that nobody works on lapses, and the exception goes to the alternate', async () => {
  const key = await world.stopped();
  await actOnException(world.deps, key, { act: 'claim' }, 'person:ann');
  world.clock.advance(policy.claimLeaseMs - 1);
  await actOnException(world.deps, key, { act: 'note', text: 'Still at it.' }, 'person:ann');
  world.clock.advance(1);
  expect(await sweep(), 'the note renewed the lease').toBe(0);
  world.clock.advance(policy.claimLeaseMs);
  expect(await sweep()).toBe(1);
  expect(await world.row(key)).toMatchObject({
    state: 'open',
    claimed_by: null,
    responsible: 'person:dana',
    level: 1,
  });
});

test.each<[max: number, swept: number[], reason: string]>([
  [3, [3, 0], 'as many as one sweep takes'],
  [2, [2, 1], 'one more is taken by the next'],
])('of three whose time has come, at most %i at once: %j, %s', async (sweepRowsMax, swept) => {
  for (let count = 0; count < 3; count += 1) await world.stopped();
  world.clock.advance(policy.ttlMs);
  withLimits({ sweepRowsMax });
  expect([await sweep(), await sweep()]).toEqual(swept);
});

test('an SLA is missed once, however often it is swept', async () => {
  const key = await world.stopped();
  for (let day = 0; day < 4; day += 1) {
    world.clock.advance(policy.resolveWithinMs);
    await sweep();
    await sweep();
  }
  const kinds = await world.kinds(key.ticketId);
  expect(kinds.filter((kind) => kind === 'exception_sla_missed')).toHaveLength(1);
  expect((await world.row(key)).sla_missed_at).not.toBeNull();
});

test('one row that cannot be read never stops the rest, is set aside, and is told', async () => {
  const poison = await world.stopped();
  const rest = [await world.stopped(), await world.stopped()];
  await world.db
    .updateTable('exception')
    .set({ policy: '"poison"' })
    .where('ticket_id', '=', poison.ticketId)
    .execute();
  world.clock.advance(policy.ttlMs);

  await expect(sweep()).rejects.toThrow('1 rows could not be handled');
  for (const key of rest) expect(await world.row(key)).toMatchObject({ responsible: 'person:dana' });
  const setAside = world.clock.now().getTime() + limits.sweepSetAsideMs;
  expect((await world.row(poison)).due_at?.getTime()).toBe(setAside);
  expect(await sweep(), 'nothing is due meanwhile').toBe(0);

  await world.db
    .updateTable('exception')
    .set({ policy: JSON.stringify(policy) })
    .where('ticket_id', '=', poison.ticketId)
    .execute();
  world.clock.advance(limits.sweepSetAsideMs);
  expect(await sweep(), 'repaired, it goes on').toBe(1);
  expect(await world.row(poison)).toMatchObject({ responsible: 'person:dana' });
});

test('an owner who leaves, or loses the only address, is passed over at once', async () => {
  const key = await world.stopped();
  expect(await sweep(), 'all is well').toBe(0);
  world.setProject(
    projectOf({ ann: null, dana: 'dana@example.com', coo: 'coo@example.com' }, { triage: ['ann'] }),
  );
  expect(await sweep(), 'the team has no way to be reached').toBe(1);
  expect(await world.row(key)).toMatchObject({ responsible: 'person:dana' });
  world.setProject(projectOf({ coo: 'coo@example.com' }, {}));
  expect(await sweep(), 'dana is gone').toBe(1);
  expect(await world.row(key)).toMatchObject({ responsible: 'person:coo' });
  world.setProject(projectOf({}, {}));
  expect(await sweep(), 'nobody is above the last').toBe(0);
});

test('where nobody above can be reached nothing is to be done, and it stands in nobody’s way', async () => {
  const people = { ann: null, dana: 'dana@example.com', coo: null, eve: 'eve@example.com' };
  const stopped = await world.stopped();
  const lost = JSON.stringify({ ...policy, alternate: 'person:gone' });
  await world.db.updateTable('exception').set({ policy: lost, alternate: 'person:gone' }).execute();
  world.clock.advance(1_000);
  const other = await world.stopped();
  world.setProject(projectOf(people, { triage: ['ann'] }));
  expect(await sweepExceptions(world.deps, world.clock.now(), 1)).toBe(1);
  expect(await world.row(other)).toMatchObject({ responsible: 'person:dana' });
  expect(await world.row(stopped), 'it waits for its deadline').toMatchObject({ level: 0 });
});

test('two sweepers at once escalate once', async () => {
  const key = await world.stopped();
  world.clock.advance(policy.ttlMs);
  const changed = await Promise.all([sweep(), sweep(), sweep()]);
  expect(changed.reduce((sum, each) => sum + each, 0)).toBe(1);
  expect(await world.row(key)).toMatchObject({ responsible: 'person:dana', level: 1 });
});

test('a ticket that a person is at work on is left for the next round', async () => {
  const key = await world.stopped();
  world.clock.advance(policy.ttlMs);
  await world.db.transaction().execute(async (tx) => {
    await lockTicket(tx, key.ticketId);
    expect(await sweep()).toBe(0);
  });
  expect(await sweep()).toBe(1);
});

test('a sweep takes at most its number of rows, the longest overdue first', async () => {
  const first = await world.stopped();
  world.clock.advance(1_000);
  const second = await world.stopped();
  world.clock.advance(policy.ttlMs);
  expect(await sweepExceptions(world.deps, world.clock.now(), 1)).toBe(1);
  expect([(await world.row(first)).level, (await world.row(second)).level]).toEqual([1, 0]);
  expect(await sweepExceptions(world.deps, world.clock.now(), 1)).toBe(1);
  expect((await world.row(second)).level).toBe(1);
});
