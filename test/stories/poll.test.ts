import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Intake } from '../../src/intake/worker.ts';
import { limits } from '../../src/limits.ts';
import { findPolls, type PollRow } from '../../src/poll/store.ts';
import { type Nodes, pollingNodes } from '../poll/nodes.ts';
import { listed } from '../support/poll-project.ts';

/** A polled source loses nothing and takes nothing twice, whatever happens to the node that reads it or to the source. */

const minuteMs = 60_000;
let nodes: Nodes;

beforeEach(async () => {
  nodes = await pollingNodes();
  nodes.listing.records.push(...[1, 2, 3, 4, 5].map(listed));
});
afterEach(() => nodes.close());

async function row(): Promise<PollRow> {
  const [found] = await findPolls(nodes.database.db, ['crm']);
  if (found === undefined) throw new Error('crm has not been begun');
  return found;
}

const five = ['lead-1', 'lead-2', 'lead-3', 'lead-4', 'lead-5'];

test('a node dies between the commit of a page and the move of the cursor: the next one reads the page again and joins it', async () => {
  const committed = Promise.withResolvers<void>();
  const revived = Promise.withResolvers<void>();
  const dying =
    (intake: Intake): Intake['receive'] =>
    async (trigger) => {
      const received = await intake.receive(trigger);
      committed.resolve();
      await revived.promise;
      return received;
    };
  const late = nodes.start(dying).poller.poll('crm');
  await committed.promise;
  const other = nodes.start();
  await expect(other.poller.poll('crm'), 'its lease holds').rejects.toThrow(/being polled at this moment/);

  nodes.clock.advance(2_000 + limits.pollLeaseMs);
  expect(await other.poller.poll('crm')).toMatchObject({ end: 'caught_up', pages: 3, found: 5, cursor: 5 });
  expect(await nodes.leads(), 'nothing lost, nothing twice').toEqual(five);
  nodes.listing.records.push(listed(6));
  expect(await other.poller.poll('crm')).toMatchObject({ found: 1, cursor: 6 });

  revived.resolve();
  expect(await late, 'the dead one comes back').toMatchObject({ end: 'taken_over' });
  expect(await row(), 'and cannot move the cursor backwards').toMatchObject({
    position: { cursor: 6, round: null },
    failures: 0,
    leaseUntil: null,
  });
  expect(await nodes.leads()).toEqual([...five, 'lead-6']);
});

test('a crash in the middle of a round: it goes on at the page that was not committed', async () => {
  const { poller } = nodes.start();
  nodes.listing.intervene(({ url, answer }) => {
    if (url.searchParams.get('page_token') !== '0.2.2') return false;
    answer(500, {});
    return true;
  });
  expect(await poller.poll('crm')).toMatchObject({ end: 'failed', pages: 1, found: 2 });
  expect((await row()).position).toEqual({
    cursor: 0,
    round: { reached: 2, page: 2, parameters: { page_token: '0.2.2' } },
  });

  nodes.listing.intervene(null);
  const report = await nodes.start().poller.poll('crm');
  expect(report).toMatchObject({ end: 'caught_up', pages: 2, found: 3, cursor: 5 });
  expect(report.triggers.map(({ kind }) => kind)).toEqual(['routed', 'routed', 'routed']);
  expect(await nodes.leads()).toEqual(five);
});

test('a page token that has expired: the round begins again, and what was taken is joined', async () => {
  const { poller } = nodes.start();
  nodes.listing.intervene(({ url, answer }) => {
    if (!url.searchParams.has('page_token')) return false;
    answer(410, {});
    return true;
  });
  await poller.poll('crm');
  expect((await row()).position).toEqual({ cursor: 0, round: null });
  nodes.listing.intervene(null);
  const report = await poller.poll('crm');
  expect(report.triggers.map(({ kind }) => kind)).toEqual(['joined', 'joined', 'routed', 'routed', 'routed']);
  expect(await nodes.leads()).toEqual(five);
});

test('a source that is down for a while is asked less and less, is told of, and is caught up with when it is back', async () => {
  const { poller } = nodes.start();
  nodes.listing.intervene(({ answer }) => {
    answer(503, {});
    return true;
  });
  const waitsMs: number[] = [];
  for (let failures = 1; failures <= 9; failures += 1) {
    expect(await poller.poll('crm')).toMatchObject({
      end: 'failed',
      error: expect.stringContaining('answered 503'),
    });
    const { dueAt, error } = await row();
    expect(error).toContain('answered 503');
    waitsMs.push(dueAt.getTime() - nodes.clock.now().getTime());
    nodes.clock.advance(dueAt.getTime() - nodes.clock.now().getTime());
  }
  expect(waitsMs[0]).toBeLessThanOrEqual(limits.pollBackoffFirstMs);
  expect(Math.min(...waitsMs.slice(-2)), 'bounded').toBeGreaterThanOrEqual(2.5 * minuteMs);
  expect(Math.max(...waitsMs)).toBeLessThanOrEqual(5 * minuteMs);
  expect(await row()).toMatchObject({ failures: 9, lastSuccessAt: null });

  nodes.listing.intervene(null);
  await poller.poll('crm');
  expect(await row()).toMatchObject({ failures: 0, error: null, lastSuccessAt: nodes.clock.now() });
  expect(await nodes.leads()).toEqual(five);
});

test('two nodes sweep at once: one of them polls', async () => {
  const [one, other] = [nodes.start().poller, nodes.start().poller];
  const gate = Promise.withResolvers<void>();
  nodes.listing.intervene(async () => {
    await gate.promise;
    return false;
  });
  await one.sweep(nodes.clock.now());
  for (let round = 0; round < 5; round += 1) {
    const now = nodes.clock.now();
    const begun = await Promise.all([one.sweep(now), other.sweep(now)]);
    expect(begun[0] + begun[1]).toBe(round === 0 ? 1 : 0);
  }
  gate.resolve();
  await Promise.all([one.stop(), other.stop()]);
  expect(nodes.listing.asked.length, 'nothing is asked twice').toBe(1);
  expect(await row(), 'what a stopping node leaves is due at once').toMatchObject({
    dueAt: nodes.clock.now(),
    leaseUntil: null,
  });
});
