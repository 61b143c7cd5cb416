import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addsUp, unaccountedOf } from '../../src/detection/account/account.ts';
import { accountOf } from '../../src/detection/account/store.ts';
import { findingKey } from '../../src/detection/finding/finding.ts';
import { openFinding } from '../../src/detection/finding/worker.ts';
import { createHeartbeat } from '../../src/detection/heartbeat/worker.ts';
import { plusMs } from '../../src/platform/instant.ts';
import { everybody, policy, setting } from '../exceptions/setting.ts';
import { insertFailedHandoff, insertTicket } from '../support/ticket.ts';

let world: Awaited<ReturnType<typeof setting>>;
beforeAll(async () => {
  world = await setting();
});
afterAll(() => world.close());

test('what was received is accounted for; a ticket that does not agree with what stands open on it is named', async () => {
  const now = world.clock.now();
  const window = { from: plusMs(now, -60_000), until: plusMs(now, 60_000) };
  await insertTicket(world.db, { now, state: 'done' });
  await insertTicket(world.db, { now, state: 'rejected' });
  await world.stopped();
  const finding = { mode: 'worker_silent', key: findingKey('worker_silent', 'x'), summary: 'x' } as const;
  await openFinding(world.shell, { ...finding, ticketId: null, source: null, policy, detail: {} }, now);
  const [account, ...others] = await accountOf(world.db, window);
  expect(others, 'a finding was not received').toEqual([]);
  expect(account).toMatchObject({ received: 3, done: 1, refused: 1, in_exception: 1, torn: 0 });
  expect(account && addsUp(account)).toBe(true);

  const givenUp = await insertTicket(world.db, { now, state: 'discarded' });
  await insertFailedHandoff(world.db, givenUp.id, 1, now);
  const undo = { state: 'ready', settled_at: null, due_at: now, plan: '{"undoes":{}}' } as const;
  await promiseAnew({ seq: 2, ...undo });
  const [undoing] = await accountOf(world.db, window);
  expect(undoing, 'what is taken back is no work that is lost').toMatchObject({ refused: 2, torn: 0 });
  await promiseAnew({ seq: 3, ...undo, plan: '{}' });
  expect((await accountOf(world.db, window))[0]?.some_tickets).toEqual([givenUp.id]);
  const cancelled = { state: 'cancelled', settled_at: now, due_at: null } as const;
  await world.db.updateTable('handoff').set(cancelled).where('settled_at', 'is', null).execute();

  async function promiseAnew(changes: Record<string, unknown>): Promise<void> {
    const of = world.db.selectFrom('handoff').selectAll().where('seq', '=', 1);
    const row = await of.where('ticket_id', '=', givenUp.id).executeTakeFirstOrThrow();
    const key = `${row.idempotency_key}-${changes.seq}`;
    await world.db
      .insertInto('handoff')
      .values({ ...row, idempotency_key: key, response: null, ...changes } as never)
      .execute();
  }

  const lost = await insertTicket(world.db, { now, state: 'handoff' });
  const [torn] = await accountOf(world.db, window);
  expect(torn).toMatchObject({ received: 5, in_flight: 1, torn: 1, some_tickets: [lost.id] });
  await world.db.updateTable('ticket').set({ joined: 1 }).where('id', '=', lost.id).execute();
  const [short] = await accountOf(world.db, window);
  expect(short && unaccountedOf(short), 'a join that no entry tells').toBe(-1);
});

test('the heartbeat is called while every check passes, and says what kept it from that', async () => {
  let calls = 0;
  const server = createServer((_request, response) => {
    calls += 1;
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ping`;
  const heartbeat = { url, everyMs: 60_000, allowPrivate: true };
  world.setProject({ ...everybody, heartbeat } as never);
  let trouble: string | null = null;
  const beats = createHeartbeat(world.shell, async () => trouble);
  const now = world.clock.now();
  expect([await beats.beat(now), await beats.beat(plusMs(now, 59_999)), calls]).toEqual([1, 0, 1]);
  trouble = 'sweeper: It is silent.';
  expect([await beats.beat(plusMs(now, 60_000)), calls]).toEqual([0, 1]);
  expect(beats.trouble()).toContain('sweeper: It is silent.');
  trouble = null;
  expect([await beats.beat(plusMs(now, 61_000)), calls, beats.trouble()]).toEqual([1, 2, null]);
  expect([await beats.beat(plusMs(now, -3_600_000)), calls], 'the clock was set back').toEqual([1, 3]);
  await new Promise((resolve) => server.close(resolve));
});
