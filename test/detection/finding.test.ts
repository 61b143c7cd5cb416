import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyOne } from '../../src/audit/worker.ts';
import { type Finding, findingKey } from '../../src/detection/finding/finding.ts';
import { openFindingOf } from '../../src/detection/finding/store.ts';
import { closeFinding, openFinding } from '../../src/detection/finding/worker.ts';
import { detectedModes } from '../../src/exceptions/exception.ts';
import { listExceptions } from '../../src/exceptions/store.ts';
import { actOnException } from '../../src/exceptions/worker.ts';
import { limits } from '../../src/limits.ts';
import { findTicket } from '../../src/ticket/store.ts';
import { policy, setting } from '../exceptions/setting.ts';
import { insertTicket } from '../support/ticket.ts';

let world: Awaited<ReturnType<typeof setting>>;
beforeAll(async () => {
  world = await setting();
});
afterAll(() => world.close());

let names = 0;
function found(changes: Partial<Finding> = {}): Finding {
  const mode = changes.mode ?? 'source_silent';
  names += 1;
  return {
    mode,
    key: findingKey(mode, `source-${names}`),
    ticketId: null,
    source: 'form',
    policy,
    summary: 'The form is silent',
    detail: { silent_ms: 60_000 },
    ...changes,
  };
}
const open = (finding: Finding) => openFinding(world.shell, finding, world.clock.now());
const close = (finding: Finding, because = 'It spoke again') =>
  closeFinding(world.shell, finding.key, because, world.clock.now());
async function toldBy(finding: Finding) {
  const row = await openFindingOf(world.db, finding.key);
  if (row === null) throw new Error(`${finding.key} is not open`);
  return { ticketId: row.ticket_id, seq: row.exception_seq };
}
async function settle(key: { ticketId: string; seq: number }) {
  const by = 'person:ann';
  const { deps } = world;
  await actOnException(deps, key, { act: 'claim' }, by);
  const points = (await world.row(key)).checklist as unknown[];
  for (const [index] of points.entries()) await actOnException(deps, key, { act: 'tick', index }, by);
  const how = { resolution: 'confirm', evidence: 'The campaign has ended' } as const;
  await actOnException(deps, key, { act: 'resolve', rootCause: 'human-error', note: '', ...how }, by);
}

test('one about no ticket has its own, with owner, deadline and checklist, in the same queue and record', async () => {
  const finding = found();
  expect(await open(finding)).toBe(true);
  const key = await toldBy(finding);
  const listed = await listExceptions(world.db, { mode: 'source_silent', limit: 10 });
  const row = listed.rows.find(({ ticket_id }) => ticket_id === key.ticketId);
  expect(row).toMatchObject({ source: 'signalbox', responsible: policy.owner, alternate: policy.alternate });
  expect(row?.checklist).toMatchObject([{ state: 'open' }, { state: 'open' }]);
  expect(await close(finding)).toBe(true);
  expect(await world.row(key)).toMatchObject({ resolution: 'over', resolution_note: 'It spoke again' });
  expect(await findTicket(world.db, key.ticketId)).toMatchObject({ state: 'done' });
  expect(await world.kinds(key.ticketId)).toEqual([
    'found',
    'exception_opened',
    'exception_resolved',
    'done',
  ]);
  expect(await close(finding), 'it is over already').toBe(false);
  expect(await open(finding), 'a new episode is told anew').toBe(true);
});

test('one about a ticket is an exception of it, beside what stopped it, and leaves it as it was', async () => {
  const stopped = await world.stopped('low_confidence');
  const finding = found({ mode: 'routing_thrash', ticketId: stopped.ticketId });
  await open(finding);
  await open(found({ mode: 'stuck', ticketId: stopped.ticketId }));
  expect(await toldBy(finding)).toEqual({ ticketId: stopped.ticketId, seq: 2 });
  expect(await findTicket(world.db, stopped.ticketId)).toMatchObject({ state: 'exception' });

  const running = await insertTicket(world.db, { now: world.clock.now(), state: 'done' });
  const other = found({ mode: 'sync_stale', ticketId: running.id });
  await open(other);
  await close(other);
  expect(await findTicket(world.db, running.id), 'what is settled stays so').toMatchObject({ state: 'done' });
});

test('opened by several nodes at once it is told once', async () => {
  const finding = found();
  const opened = await Promise.all(Array.from({ length: 8 }, () => open(finding)));
  expect(opened.filter(Boolean)).toHaveLength(1);
  const tickets = await world.db
    .selectFrom('ticket')
    .select('id')
    .where('identity', '=', finding.key)
    .execute();
  expect(tickets).toHaveLength(1);
  const closed = await Promise.all(Array.from({ length: 8 }, () => close(finding)));
  expect(closed.filter(Boolean)).toHaveLength(1);
});

test('settled by a person it stays silent while it is so, and is told again one SLA later', async () => {
  const finding = found();
  await open(finding);
  const first = await toldBy(finding);
  await settle(first);
  expect(await findTicket(world.db, first.ticketId)).toMatchObject({ state: 'done' });
  expect(await open(finding)).toBe(false);
  world.clock.advance(policy.resolveWithinMs - 1);
  expect(await open(finding)).toBe(false);
  world.clock.advance(1);
  expect(await open(finding)).toBe(true);
  expect(await toldBy(finding)).not.toEqual(first);
  await close(finding);
});

test('what is counted over a time is told again only when it has happened again', async () => {
  const finding = { ...found(), lastAt: world.clock.now() };
  await open(finding);
  await settle(await toldBy(finding));
  world.clock.advance(policy.resolveWithinMs);
  expect(await open(finding), 'nothing has happened since').toBe(false);
  expect(await open({ ...finding, lastAt: world.clock.now() })).toBe(true);
  await close(finding);
});

test('what a person settled is closed without a second resolution', async () => {
  const finding = found();
  await open(finding);
  const key = await toldBy(finding);
  await settle(key);
  expect(await close(finding)).toBe(true);
  expect(await world.row(key)).toMatchObject({ resolution: 'confirm', resolved_by: 'person:ann' });
});

test('a key has its bound, and a longer one its digest', () => {
  const fits = 'x'.repeat(limits.findingKeyCharsMax - 'stuck/'.length);
  expect(findingKey('stuck', fits)).toBe(`stuck/${fits}`);
  expect(findingKey('stuck', `${fits}y`)).not.toBe(findingKey('stuck', `${fits}z`));
  expect(findingKey('stuck', `${fits}y`).length).toBeLessThanOrEqual(limits.findingKeyCharsMax);
});

test('the database lets a ticket have one of each mode that detection alone opens', async () => {
  const { rows } = await world.pool.query(
    `select pg_get_indexdef('exception_one_open'::regclass) as definition`,
  );
  const named = [...String(rows[0].definition).matchAll(/'(\w+)'::text/g)].map(([, name]) => name);
  for (const mode of detectedModes) expect(named).toContain(mode);
});

test('the chain of a ticket of its own verifies', async () => {
  const finding = found();
  await open(finding);
  const { ticketId } = await toldBy(finding);
  await close(finding);
  expect(await verifyOne(world.db, ticketId)).toMatchObject({ entries: 4, payloads: 0, broken: null });
});
