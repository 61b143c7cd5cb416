import { afterEach, beforeEach, expect, test } from 'vitest';
import { accountDetector } from '../../src/detection/account/worker.ts';
import { findingKey } from '../../src/detection/finding/finding.ts';
import { closeFinding, openFinding } from '../../src/detection/finding/worker.ts';
import { lapseDetector } from '../../src/detection/lapse/worker.ts';
import { limits } from '../../src/limits.ts';
import { plusMs } from '../../src/platform/instant.ts';
import { apiServer } from '../api/api-server.ts';
import { policy } from '../exceptions/setting.ts';
import { withLimits } from '../support/limits.ts';
import { insertTicket } from '../support/ticket.ts';
import { expectEpisode, ofWorkflow, type Watched, watching } from '../support/watching.ts';

/** Bounds of what is looked at in one round, of what a finding names, and of the account. */

const hourMs = 3_600_000;
let world: Watched;
beforeEach(async () => {
  world = await watching();
});
afterEach(() => world.close());

test.each<[tickets: number, named: number, reason: string]>([
  [limits.detectNamedMax, limits.detectNamedMax, 'as many as are named'],
  [limits.detectNamedMax + 1, limits.detectNamedMax, 'one more is counted and not named'],
])('of %i tickets a finding names %i: %s', async (tickets, named) => {
  for (let index = 0; index < tickets; index += 1) {
    const { id } = await insertTicket(world.db, { now: world.clock.now() });
    await world.db.updateTable('ticket').set({ owner: 'person:gone' }).where('id', '=', id).execute();
  }
  await world.look(lapseDetector);
  const [told] = await world.found('ownership_lapse/person:gone');
  const detail = (told?.detail ?? {}) as { some_tickets?: string[] };
  expect(detail).toMatchObject({ tickets });
  expect(detail.some_tickets).toHaveLength(named);
});

test('why a finding is over is kept as far as the record holds it', async () => {
  const key = findingKey('worker_silent', 'x');
  const finding = { mode: 'worker_silent', key, ticketId: null, source: null, policy } as const;
  for (const chars of [1_000, 1_001]) {
    const now = world.clock.now();
    await openFinding(world.shell, { ...finding, summary: 'x', detail: {} }, now);
    await closeFinding(world.shell, key, 'x'.repeat(chars), now);
  }
  expect((await world.found(key)).map((row) => row.closed_because?.length)).toEqual([1_000, 1_000]);
});

test('the first rounds of the account go through a week, so many hours each', async () => {
  const state = async () => {
    const query = world.db.selectFrom('detector').selectAll().where('name', '=', 'account');
    const row = await query.executeTakeFirstOrThrow();
    return new Date((row.state as { next: string }).next).getTime();
  };
  const start = Math.floor(plusMs(world.clock.now(), -limits.accountHistoryMs).getTime() / hourMs) * hourMs;
  await world.look(accountDetector);
  expect(await state()).toBe(start + limits.accountHoursMax * hourMs);
  const rounds = limits.accountHistoryMs / hourMs / limits.accountHoursMax;
  for (let round = 1; round < rounds; round += 1) await world.look(accountDetector);
  const ended = Math.floor(plusMs(world.clock.now(), -limits.driftSettleMs).getTime() / hourMs) * hourMs;
  expect(await state(), 'all hours that have ended').toBe(ended);
});

test('an hour that does not add up is told once, and over when it does', async () => {
  const { id } = await insertTicket(world.db, { now: world.clock.now(), state: 'done' });
  const joined = (count: number) =>
    world.db.updateTable('ticket').set({ joined: count }).where('id', '=', id).execute();
  world.clock.advance(60_000);
  await expectEpisode(world, {
    detector: accountDetector,
    key: 'unaccounted/2026-03-02T10:00:00.000Z/leads/form',
    on: ofWorkflow,
    says: /^Of 1 triggers of form in the hour of 2026-03-02T10:00:00\.000Z, -1 are unaccounted for; 1 tickets do not agree/,
    begin: () => joined(1),
    end: () => joined(0),
    because: 'The account adds up again',
  });
});

test('of more hours that do not add up than one round looks at, each has its turn', async () => {
  withLimits({ accountHistoryMs: 3 * hourMs });
  const ids: string[] = [];
  for (let hour = 0; hour < 2; hour += 1) {
    const { id } = await insertTicket(world.db, { now: world.clock.now(), state: 'done' });
    await world.db.updateTable('ticket').set({ joined: 1 }).where('id', '=', id).execute();
    ids.push(id);
    world.clock.advance(hourMs);
  }
  await world.look(accountDetector);
  world.clock.advance(limits.accountHoursMax * hourMs);
  await world.look(accountDetector);
  withLimits({ accountHoursMax: 1, detectNamedMax: 0 });
  await world.db
    .updateTable('ticket')
    .set({ joined: 0 })
    .where('id', '=', ids[1] ?? '')
    .execute();
  for (let round = 0; round < 2; round += 1) {
    world.clock.advance(limits.detectSlowEveryMs);
    await world.look(accountDetector);
  }
  expect((await world.found('unaccounted/')).map(({ closed_at }) => closed_at !== null)).toEqual([
    false,
    true,
  ]);
});

test.each<[arrived: number, told: boolean, reason: string]>([
  [limits.driftSettleMs - 1, false, 'its commit may still be under way'],
  [limits.driftSettleMs, false, 'up to that, not with it'],
  [limits.driftSettleMs + 1, true, 'just older'],
])('what came %i ms ago counts in the account: %s, %s', async (arrived, told) => {
  const { id } = await insertTicket(world.db, { now: world.clock.now(), state: 'done' });
  await world.db.updateTable('ticket').set({ joined: 1 }).where('id', '=', id).execute();
  world.clock.advance(arrived);
  await world.look(accountDetector);
  expect(await world.isOpen('unaccounted/')).toBe(told);
});

test('so many hours of the account are shown at once', async () => {
  const server = await apiServer();
  const ask = async (hours: number) => {
    const to = new Date('2026-03-02T10:00:00.000Z');
    const from = plusMs(to, -hours * hourMs).toISOString();
    return (await server.ask(`/api/reconciliations/account?from=${from}&to=${to.toISOString()}`)).status;
  };
  expect(await ask(limits.accountShownHoursMax)).toBe(200);
  expect(await ask(limits.accountShownHoursMax + 1)).toBe(400);
  await server.close();
});
