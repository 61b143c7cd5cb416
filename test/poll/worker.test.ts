import { afterEach, beforeEach, expect, test } from 'vitest';
import { limits } from '../../src/limits.ts';
import { findPolls } from '../../src/poll/store.ts';
import { listed } from '../support/poll-project.ts';
import { type Nodes, pollingNodes } from './nodes.ts';

let nodes: Nodes;
beforeEach(async () => {
  nodes = await pollingNodes();
});
afterEach(() => nodes.close());

/** How long until the source is asked again, and what is known of it. */
async function after() {
  const [row] = await findPolls(nodes.database.db, ['crm']);
  if (row === undefined) throw new Error('crm has not been begun');
  return { ...row, waitMs: row.dueAt.getTime() - nodes.clock.now().getTime() };
}

test('the request: parameters, credential, no idempotency key', async () => {
  let headers: unknown;
  const { poller } = nodes.start();
  nodes.listing.intervene(({ request }) => {
    headers = request.headers;
    return false;
  });
  await poller.poll('crm');
  expect(nodes.listing.asked.map(String)).toEqual(['since=0&limit=2']);
  expect(headers).toMatchObject({ authorization: 'Bearer crm-token' });
  expect(headers).not.toHaveProperty('idempotency-key');
});

test('429 with Retry-After is kept', async () => {
  nodes.listing.intervene(({ answer }) => {
    answer(429, {}, { 'retry-after': '120' });
    return true;
  });
  await nodes.start().poller.poll('crm');
  expect(await after()).toMatchObject({ failures: 1, waitMs: 120_000 });
});

test('a redirect is not followed, and an answer without end is cut off', async () => {
  const { poller } = nodes.start();
  nodes.listing.intervene(({ answer }) => {
    answer(302, {}, { location: 'http://169.254.169.254/' });
    return true;
  });
  expect(await poller.poll('crm')).toMatchObject({
    error: expect.stringContaining('redirects are not followed'),
  });
  nodes.listing.intervene(({ answer }) => {
    answer(200, { data: [], filler: 'x'.repeat(limits.responseBytesMax) });
    return true;
  });
  expect(await poller.poll('crm')).toMatchObject({
    error: expect.stringContaining('more than 1048576 bytes'),
  });
  expect((await after()).position).toEqual({ cursor: 0, round: null });
});

test('a busy intake is no failure of the source: the page is read again in a moment', async () => {
  nodes.listing.records.push(listed(1));
  const busy = { split: false, submitted: { kind: 'busy', retryAfterSeconds: 1 } } as const;
  const { poller } = nodes.start(() => async () => busy);
  expect(await poller.poll('crm')).toMatchObject({ end: 'busy', found: 0, cursor: 0 });
  expect(await after()).toMatchObject({ failures: 0, error: null, waitMs: limits.retryAfterSeconds * 1000 });
});

test('a record that breaks the contract is an exception, and keeps none of the others', async () => {
  nodes.listing.records.push(listed(1), { ...listed(2), budget: 'much' }, listed(3));
  const { triggers, end } = await nodes.start().poller.poll('crm');
  expect([end, ...triggers.map(({ kind }) => kind)]).toEqual(['caught_up', 'routed', 'stopped', 'routed']);
});

test('a record that changes nothing is joined; one that has changed is the contract’s other content', async () => {
  nodes.listing.records.push(listed(1));
  const { poller } = nodes.start();
  await poller.poll('crm');
  nodes.listing.records.push({ ...listed(1), at: 2 });
  const { triggers } = await poller.poll('crm');
  expect(triggers).toMatchObject([{ kind: 'stopped', text: expect.stringContaining('other content') }]);
});

test('one poll reads so many pages and no more; the next goes on at once', async () => {
  nodes.listing.records.push(
    ...Array.from({ length: 2 * limits.pollPages + 1 }, (_, index) => listed(index + 1)),
  );
  const { poller } = nodes.start();
  const first = await poller.poll('crm');
  expect(first).toMatchObject({ end: 'more', pages: limits.pollPages, found: 2 * limits.pollPages });
  expect(await after()).toMatchObject({ waitMs: 0, failures: 0 });
  expect(await poller.poll('crm')).toMatchObject({ end: 'caught_up', pages: 1, found: 1 });
});

test('a dry run reads and decides, and neither a row nor a ticket tells of it', async () => {
  nodes.listing.records.push(listed(1), listed(2), listed(3));
  const report = await nodes.start().poller.tryOut('crm');
  expect(report).toMatchObject({ dryRun: true, end: 'more', pages: 1, found: 2, cursor: 0 });
  expect(report.triggers).toEqual([1, 2].map(() => ({ ticketId: null, kind: 'routed', text: 'team:web' })));
  expect(await findPolls(nodes.database.db, ['crm'])).toEqual([]);
  expect(await nodes.leads()).toEqual([]);
});

test('a dry run knows what came before', async () => {
  nodes.listing.records.push(listed(1));
  const { poller, intake } = nodes.start();
  const body = Buffer.from(JSON.stringify(listed(1)));
  const { submitted } = await intake.receive({
    source: 'crm',
    contentType: 'application/json',
    headers: {},
    body,
  });
  const { triggers } = await poller.tryOut('crm');
  expect(submitted).toMatchObject({ kind: 'accepted', ticketId: triggers[0]?.ticketId });
  expect(triggers).toMatchObject([{ kind: 'joined' }]);
});

test('the schedule: begun by the first sweep, polled by the next, then not before its time', async () => {
  nodes.listing.records.push(listed(1));
  const { poller } = nodes.start();
  const begun: number[] = [];
  const sweep = async () => {
    begun.push(await poller.sweep(nodes.clock.now()));
    await expect.poll(async () => (await after()).leaseUntil).toBeNull();
  };
  for (let round = 0; round < 3; round += 1) await sweep();
  nodes.clock.advance(300_000 - 1);
  await sweep();
  nodes.clock.advance(1);
  await sweep();
  expect(begun).toEqual([0, 1, 0, 0, 1]);
  expect(nodes.listing.asked.map((query) => query.get('since'))).toEqual(['0', '1']);
});

test('what a stopped poller is asked for is refused', async () => {
  const { poller } = nodes.start();
  await poller.stop();
  expect(await poller.sweep(nodes.clock.now())).toBe(0);
  await expect(poller.poll('crm')).rejects.toMatchObject({ code: 'conflict' });
});

test('a node has so many polls under way and no more; the others wait their turn', async () => {
  const others = Array.from({ length: limits.pollsInFlightMax }, (_, index) => `crm-${index}`);
  const many = await pollingNodes(['crm', ...others]);
  const { poller } = many.start();
  const gate = Promise.withResolvers<void>();
  many.listing.intervene(async () => {
    await gate.promise;
    return false;
  });
  const now = many.clock.now();
  const begun = [await poller.sweep(now), await poller.sweep(now), await poller.sweep(now)];
  expect(begun).toEqual([0, limits.pollsInFlightMax, 0]);
  gate.resolve();
  await expect.poll(() => poller.sweep(now)).toBe(1);
  await many.close();
});
