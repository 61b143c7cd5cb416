import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { findingKey } from '../../src/detection/finding/finding.ts';
import { openFinding } from '../../src/detection/finding/worker.ts';
import { AppError } from '../../src/errors.ts';
import type { Act } from '../../src/exceptions/lifecycle.ts';
import { draftException } from '../../src/exceptions/open.ts';
import { openExceptionsOf } from '../../src/exceptions/store.ts';
import { actOnException } from '../../src/exceptions/worker.ts';
import { findTicket } from '../../src/ticket/store.ts';
import { insertFailedHandoff, insertTicket, openOn } from '../support/ticket.ts';
import { policy, setting } from './setting.ts';

let world: Awaited<ReturnType<typeof setting>>;
beforeAll(async () => {
  world = await setting();
});
afterAll(() => world.close());
afterEach(() => world.calls.splice(0));

type Key = { ticketId: string; seq: number };
const ann = 'person:ann';

async function act(key: Key, input: Act, by = ann) {
  return await actOnException(world.deps, key, input, by);
}

/** Claims it and ticks its whole checklist. */
async function prepare(key: Key): Promise<void> {
  const { exception } = await act(key, { act: 'claim' });
  for (const index of (exception.checklist as unknown[]).keys()) await act(key, { act: 'tick', index });
}

async function refusal(work: Promise<unknown>): Promise<AppError> {
  const error: unknown = await work.then(() => null).catch((caught: unknown) => caught);
  if (!(error instanceof AppError)) throw new Error('it was not refused', { cause: error });
  return error;
}

const resolve = { act: 'resolve', rootCause: 'human-error', note: 'They forgot.' } as const;

test('of twenty claims at once exactly one wins, and the others learn who has it', async () => {
  const key = await world.stopped();
  const people = Array.from({ length: 20 }, (_, index) => `person:p${index}`);
  const results = await Promise.allSettled(people.map((by) => act(key, { act: 'claim' }, by)));
  const winners = people.filter((_, index) => results[index]?.status === 'fulfilled');
  expect(winners).toHaveLength(1);
  for (const result of results) {
    if (result.status === 'fulfilled') continue;
    expect(result.reason).toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(String(winners[0])),
    });
  }
  expect(await world.row(key)).toMatchObject({ state: 'claimed', claimed_by: winners[0] });
  expect(await world.kinds(key.ticketId)).toEqual(['received', 'exception_opened', 'exception_claimed']);
});

describe('of a ticket that is settled', () => {
  async function told(): Promise<Key> {
    const ticket = await insertTicket(world.db, { now: world.clock.now(), state: 'done' });
    const about = { mode: 'routing_thrash', key: findingKey('routing_thrash', ticket.id) } as const;
    const finding = { ...about, ticketId: ticket.id, source: null, policy, summary: 'x', detail: {} };
    await openFinding(world.shell, finding, world.clock.now());
    return { ticketId: ticket.id, seq: 1 };
  }

  test.each<[how: Partial<Act>, reason: string]>([
    [{ resolution: 'replay' }, 'it is not decided again'],
    [{ resolution: 'reroute', to: 'team:web' }, 'nor goes elsewhere'],
  ])('%j is refused: %s', async (how) => {
    const key = await told();
    await prepare(key);
    const error = await refusal(act(key, { ...resolve, ...how } as Act));
    expect(error).toMatchObject({
      code: 'conflict',
      message: 'The ticket is done: it is not decided again.',
    });
    expect(await world.row(key)).toMatchObject({ state: 'claimed' });
    expect(world.calls).toEqual([]);
  });

  test('discarding settles the exception, and takes back nothing of what was done', async () => {
    const key = await told();
    await prepare(key);
    await act(key, { ...resolve, resolution: 'discard', reason: 'The tool was right' });
    expect(await world.row(key)).toMatchObject({ state: 'resolved', resolution: 'discard' });
    expect(world.calls).toEqual([]);
    expect(await findTicket(world.db, key.ticketId)).toMatchObject({ state: 'done' });
  });
});

describe('a resolution', () => {
  test('without its root cause is refused, and nothing changes', async () => {
    const key = await world.stopped();
    await prepare(key);
    const before = await world.row(key);
    const error = await refusal(act(key, { ...resolve, rootCause: '', resolution: 'replay' }));
    expect(error).toMatchObject({ code: 'unprocessable', help: expect.stringContaining('mapping-wrong') });
    expect(await world.row(key)).toEqual(before);
    expect(world.calls).toEqual([]);
  });

  test('with an open point on its checklist is refused; waived with a reason, it goes through', async () => {
    const key = await world.stopped('contract_violation', { checklist: ['Ask the sender'] });
    await act(key, { act: 'claim' });
    const error = await refusal(act(key, { ...resolve, resolution: 'replay' }));
    expect(error).toMatchObject({
      code: 'unprocessable',
      message: expect.stringContaining('Ask the sender'),
    });
    await act(key, { act: 'waive', index: 0, reason: 'the sender is gone' });
    await act(key, { ...resolve, resolution: 'replay' });
    expect((await world.kinds(key.ticketId)).slice(2)).toEqual([
      'exception_claimed',
      'checklist_waived',
      'exception_resolved',
      'done',
    ]);
  });

  type Row = [name: string, act: Act, calls: unknown[], reason: string];
  const rows: Row[] = [
    [
      'replay',
      { ...resolve, resolution: 'replay', payload: { a: 1 } },
      [
        ['cancelHandoffs', 'replay', ann],
        ['redecide', { payload: { a: 1 }, actor: ann }],
      ],
      'old promises are void before new ones are made',
    ],
    ['retry', { ...resolve, resolution: 'retry' }, [['retryHandoff', 3, ann]], 'that one handoff'],
    [
      'confirm',
      { ...resolve, resolution: 'confirm', evidence: 'PM-7' },
      [['confirmHandoff', 3, 'PM-7', ann]],
      'that one',
    ],
    [
      'discard',
      { ...resolve, resolution: 'discard', reason: 'spam' },
      [['cancelHandoffs', 'spam', ann]],
      'all of them',
    ],
  ];
  test.each(rows)('by %s is carried out on the ticket', async (_name, input, calls) => {
    const key = await world.stopped('rejected', { handoffSeq: 3 });
    await prepare(key);
    const { exception } = await act(key, input);
    expect(exception).toMatchObject({
      state: 'resolved',
      resolved_by: ann,
      root_cause: 'human-error',
      due_at: null,
    });
    expect(world.calls).toEqual(calls);
  });

  test('by reroute sends a ticket where the person says', async () => {
    const key = await world.stopped('low_confidence');
    await prepare(key);
    await act(key, { ...resolve, resolution: 'reroute', to: 'team:web' });
    expect(world.calls).toContainEqual(['redecide', { rerouteTo: 'team:web', actor: ann }]);
  });

  test('by reroute to somebody unknown is refused', async () => {
    const key = await world.stopped('low_confidence');
    await prepare(key);
    const error = await refusal(act(key, { ...resolve, resolution: 'reroute', to: 'team:nobody' }));
    expect(error).toMatchObject({ code: 'unprocessable', message: expect.stringContaining('team:nobody') });
    expect(await world.row(key)).toMatchObject({ state: 'claimed' });
  });

  test('by hand before any handoff leaves the ticket done, with the evidence in its chain', async () => {
    const key = await world.stopped();
    await prepare(key);
    const { ticket } = await act(key, {
      ...resolve,
      resolution: 'confirm',
      evidence: 'Made it myself: PM-7',
    });
    expect(ticket).toMatchObject({ state: 'done', settled_at: world.clock.now() });
    expect(world.calls).toEqual([]);
  });

  test('that fails half-way leaves no trace', async () => {
    const key = await world.stopped();
    await prepare(key);
    const broken = { ...world.deps.effects, redecide: () => Promise.reject(new Error('the decision broke')) };
    const acted = actOnException(
      { ...world.deps, effects: broken },
      key,
      { ...resolve, resolution: 'replay' },
      ann,
    );
    await expect(acted).rejects.toThrow('the decision broke');
    expect(await world.row(key)).toMatchObject({ state: 'claimed', resolution: null });
  });
});

test('a discarded ticket leaves none of its exceptions open', async () => {
  const key = await world.stopped();
  await insertFailedHandoff(world.db, key.ticketId, 1, world.clock.now());
  const draft = draftException(policy, 'rejected', { summary: 'Another', detail: {}, handoffSeq: 1 });
  const other = await openOn(world.db, { id: key.ticketId }, draft, world.clock.now());
  await prepare(key);
  const { ticket } = await act(key, { ...resolve, resolution: 'discard', reason: 'a test lead' });
  expect(ticket).toMatchObject({ state: 'discarded' });
  expect(await openExceptionsOf(world.db, key.ticketId)).toEqual([]);
  expect(await world.row({ ...key, seq: other })).toMatchObject({
    resolution: 'superseded',
    resolved_by: ann,
    root_cause: 'human-error',
    resolution_note: 'By the discard of exception 1',
  });
});

test('an act on what is not there says so', async () => {
  const key = await world.stopped();
  expect(await refusal(act({ ...key, seq: 9 }, { act: 'claim' }))).toMatchObject({ code: 'not_found' });
  const nowhere = { ticketId: '00000000-0000-7000-8000-000000000000', seq: 1 };
  expect(await refusal(act(nowhere, { act: 'claim' }))).toMatchObject({ code: 'not_found' });
});

test('a released exception waits for the next with a fresh TTL', async () => {
  const key = await world.stopped();
  await act(key, { act: 'claim' });
  world.clock.advance(60_000);
  const { exception, ticket } = await act(key, { act: 'release' });
  expect(exception).toMatchObject({ state: 'open', claimed_by: null });
  expect(exception.due_at?.getTime()).toBe(world.clock.now().getTime() + policy.ttlMs);
  expect(await findTicket(world.db, key.ticketId)).toEqual(ticket);
});
