import { describe, expect, test } from 'vitest';
import { exceptionsOf } from '../../src/exceptions/store.ts';
import { handoffEffects } from '../../src/handoff/acts/worker.ts';
import type { HandoffDraft } from '../../src/handoff/handoff.ts';
import { attemptsOf, handoffsOf } from '../../src/handoff/store.ts';
import { advanceHandoff, claim, sweepHandoffs } from '../../src/handoff/worker.ts';
import { limits } from '../../src/limits.ts';
import { outcomesOf } from '../../src/outcome/store.ts';
import { findTicket, lockTicket, type TicketRow } from '../../src/ticket/store.ts';
import { restateTicket } from '../../src/ticket/worker.ts';
import { draft, handoff, promise } from '../support/handoff.ts';
import type { Misbehaviour } from '../support/target.ts';
import { clock, kinds, shell, state, target, useHandoffs, workThrough } from './worker-setting.ts';

useHandoffs();

describe('workers that are lost or late', () => {
  test('an attempt whose worker was lost is made again with the same key: one effect', async () => {
    const ticketId = await promise(shell.db, [draft()], clock.now());
    target.behave('hang');
    const arrived = target.nextRequest();
    const lost = advanceHandoff(shell, ticketId, 1);
    await arrived;
    clock.advance(limits.leaseMs);
    await sweepHandoffs(shell, clock.now());
    expect(await handoff(shell, ticketId)).toMatchObject({
      state: 'ready',
      attempts: 1,
      due_at: clock.now(),
    });
    target.behave('ok');
    await workThrough(ticketId);
    expect([...target.effects.values()]).toEqual([1]);
    expect(await state(ticketId)).toMatchObject({ handoff: 'confirmed', ticket: 'done' });
    await target.down();
    await lost;
    expect(await state(ticketId)).toMatchObject({ handoff: 'confirmed', ticket: 'done' });
    expect(await attemptsOf(shell.db, ticketId)).toMatchObject([
      { attempt: 1, result: 'unknown', detail: 'the worker that made this attempt was lost' },
      { attempt: 2, result: 'accepted', status: 201 },
    ]);
    expect((await kinds(ticketId)).at(-1)).toBe('handoff_result_late');
  });

  const find = { ...draft().outcome, that: null, record: null } as NonNullable<HandoffDraft['find']>;
  const looked: readonly [
    attemptsMax: number,
    waitMs: number,
    stored: boolean,
    ends: string,
    sent: number,
    reason: string,
  ][] = [
    [1, 0, true, 'confirmed', 1, 'it is there'],
    [1, 0, false, 'failed', 1, 'it is not there, and there are no attempts left'],
    [5, 3_600_000, true, 'confirmed', 1, 'its time is over, but it is there'],
    [5, 3_600_000, false, 'failed', 1, 'it is not there, and its time is over'],
    [5, 0, false, 'confirmed', 2, 'it is not there, and is sent again'],
  ];
  test.each(looked)(
    'the lost attempt, of at most %i, after %i ms, stored: %s, ends as %s after %i requests: %s',
    async (attemptsMax, waitMs, stored, ends, sent) => {
      const parameters = [{ name: 'id', in: 'path', value: "'rec-1'" }] as const;
      const retry = { attemptsMax, forMs: 3_600_000 };
      const ticketId = await promise(
        shell.db,
        [draft({ retry, find: { ...find, parameters } })],
        clock.now(),
      );
      const stays = Promise.withResolvers<void>();
      if (stored) target.onRecord(() => stays.promise);
      else target.behave('hang');
      const arrived = target.nextRequest();
      const lost = advanceHandoff(shell, ticketId, 1);
      await arrived;
      if (stored) await expect.poll(() => target.records.size).toBe(1);
      clock.advance(Math.max(limits.leaseMs, waitMs));
      await sweepHandoffs(shell, clock.now());
      target.onRecord(async () => {});
      target.behave('ok');
      await workThrough(ticketId);
      expect((await handoff(shell, ticketId)).state).toBe(ends);
      expect(target.requests).toHaveLength(sent);
      expect(await kinds(ticketId)).toContain('handoff_looked_up');
      stays.resolve();
      await target.down();
      await lost;
    },
  );

  test('a lost look is not looked for again', async () => {
    const ticketId = await promise(
      shell.db,
      [draft({ retry: { attemptsMax: 1, forMs: 3_600_000 }, find })],
      clock.now(),
    );
    for (const attempt of [1, 2]) {
      const row = await handoff(shell, ticketId);
      expect(await claim(shell, row)).toMatchObject({ attempts: attempt });
      clock.advance(limits.leaseMs);
      await sweepHandoffs(shell, clock.now());
    }
    expect(await state(ticketId)).toMatchObject({ handoff: 'failed', exception: 'attempts_exhausted' });
  });

  test('a lease that has not lapsed is left alone', async () => {
    const ticketId = await promise(shell.db, [draft()], clock.now());
    target.behave('hang');
    const arrived = target.nextRequest();
    const slow = advanceHandoff(shell, ticketId, 1);
    await arrived;
    clock.advance(limits.leaseMs - 1);
    await sweepHandoffs(shell, clock.now());
    expect(await handoff(shell, ticketId)).toMatchObject({ state: 'attempting', attempts: 1 });
    await target.down();
    await slow;
    expect(await handoff(shell, ticketId)).toMatchObject({ state: 'ready', attempts: 1 });
  });

  test('what a lost node left is taken up by one sweep, also where that is more than one look finds, and before all that waits', async () => {
    const then = draft({ handoff: 'second', after: ['create-record'] });
    const waiting = Array.from({ length: limits.sweepLooksMax + 1 }, () =>
      promise(shell.db, [draft(), then], clock.now()),
    );
    await Promise.all(waiting);
    clock.advance(limits.waitingRecheckMs);
    const lost = await Promise.all([1, 2, 3].map(() => promise(shell.db, [draft()], clock.now())));
    await shell.db
      .updateTable('handoff')
      .set({ state: 'attempting', attempts: 1, due_at: clock.now() })
      .where('ticket_id', 'in', lost)
      .execute();
    await sweepHandoffs(shell, clock.now(), 1);
    const states = await Promise.all(lost.map(async (id) => (await handoff(shell, id)).state));
    expect(states).toEqual(['ready', 'ready', 'ready']);
  });

  test('two workers at once make one attempt', async () => {
    const ticketId = await promise(shell.db, [draft()], clock.now());
    await Promise.all([1, 2, 3].map(() => advanceHandoff(shell, ticketId, 1)));
    expect(await attemptsOf(shell.db, ticketId)).toHaveLength(1);
  });

  test('a settled handoff stays as it is, by the program and by the database', async () => {
    const ticketId = await promise(shell.db, [draft()], clock.now());
    await workThrough(ticketId);
    const before = await handoff(shell, ticketId);
    await advanceHandoff(shell, ticketId, 1);
    expect(await handoff(shell, ticketId)).toEqual(before);
    const overwrite = shell.db
      .updateTable('handoff')
      .set({ state: 'ready', settled_at: null, due_at: clock.now() })
      .where('ticket_id', '=', ticketId)
      .execute();
    await expect(overwrite).rejects.toThrow('a settled handoff is written once');
  });
});

describe('handoffs that wait for others', () => {
  const second: Partial<HandoffDraft> = { handoff: 'second', after: ['create-record'] };

  test('one is released when what it comes after is confirmed', async () => {
    const ticketId = await promise(shell.db, [draft(), draft(second)], clock.now());
    await advanceHandoff(shell, ticketId, 2);
    expect((await handoff(shell, ticketId, 2)).state).toBe('waiting');
    await workThrough(ticketId, 1);
    expect(await handoff(shell, ticketId, 2)).toMatchObject({ state: 'ready', due_at: clock.now() });
    expect((await findTicket(shell.db, ticketId))?.state).toBe('handoff');
    await workThrough(ticketId, 2);
    expect((await findTicket(shell.db, ticketId))?.state).toBe('done');
  });

  test('the sweep looks again at one that waits', async () => {
    const ticketId = await promise(shell.db, [draft(), draft(second)], clock.now());
    clock.advance(limits.waitingRecheckMs);
    await sweepHandoffs(shell, clock.now());
    const due = new Date(clock.now().getTime() + limits.waitingRecheckMs);
    expect(await handoff(shell, ticketId, 2)).toMatchObject({ state: 'waiting', due_at: due });
  });
});

describe('what a person does about a failed handoff', () => {
  const effects = () => handoffEffects;

  async function act(
    ticketId: string,
    run: (tx: never, ticket: TicketRow) => Promise<TicketRow>,
  ): Promise<TicketRow> {
    return await shell.db.transaction().execute(async (tx) => {
      const ticket = await lockTicket(tx, ticketId);
      if (ticket === null) throw new Error('no ticket');
      return await restateTicket(tx, await run(tx as never, ticket), clock.now());
    });
  }

  async function failed(drafts: readonly HandoffDraft[] = [draft()]): Promise<string> {
    target.behave('invalid');
    const ticketId = await promise(shell.db, drafts, clock.now());
    await workThrough(ticketId);
    target.behave('ok');
    return ticketId;
  }

  test('a retry is a new row with the same key and a fresh budget', async () => {
    const ticketId = await failed();
    clock.advance(1_000);
    await act(ticketId, (tx, ticket) => effects().retryHandoff(tx, ticket, 1, 'person:dana', clock.now()));
    const [first, again] = await handoffsOf(shell.db, ticketId);
    expect(first?.state).toBe('failed');
    expect(again).toMatchObject({
      seq: 2,
      state: 'ready',
      attempts: 0,
      idempotency_key: first?.idempotency_key,
    });
    await workThrough(ticketId, 2);
    expect((await handoff(shell, ticketId, 2)).state).toBe('confirmed');
  });

  test('a confirmation by hand keeps its evidence and releases what waited', async () => {
    const ticketId = await failed([draft(), draft({ handoff: 'second', after: ['create-record'] })]);
    await act(ticketId, (tx, ticket) =>
      effects().confirmHandoff(tx, ticket, 1, 'PM-77 in the tool', 'person:dana', clock.now()),
    );
    const rows = await handoffsOf(shell.db, ticketId);
    expect(rows.map((row) => row.state)).toEqual(['failed', 'ready', 'confirmed']);
    expect(await outcomesOf(shell.db, ticketId)).toMatchObject([
      {
        handoff_seq: 3,
        state: 'confirmed_by_person',
        evidence: 'PM-77 in the tool',
        decided_by: 'person:dana',
      },
    ]);
  });

  const cancel = (ticketId: string) =>
    act(ticketId, (tx, ticket) =>
      effects().cancelHandoffs(tx, ticket, 'not wanted', 'person:dana', clock.now()),
    );

  test('cancelling stops what is under way: its result is an entry, and what it may have done is told', async () => {
    const ticketId = await promise(shell.db, [draft()], clock.now());
    target.behave('hang');
    const arrived = target.nextRequest();
    const underWay = advanceHandoff(shell, ticketId, 1);
    await arrived;
    await cancel(ticketId);
    await target.down();
    await underWay;
    expect((await handoff(shell, ticketId)).state).toBe('cancelled');
    expect((await kinds(ticketId)).slice(-2)).toEqual(['handoff_result_late', 'exception_opened']);
    expect((await exceptionsOf(shell.db, ticketId)).map(({ mode }) => mode)).toEqual(['unconfirmed']);
  });

  test.each<[Misbehaviour, told: number, reason: string]>([
    ['fail_after_storing', 1, 'what an attempt without an answer did may stand there'],
    ['too_many', 0, 'it was not taken'],
  ])('a handoff that is given up when its target did %s opens %i exceptions: %s', async (behaviour, told) => {
    const ticketId = await promise(shell.db, [draft()], clock.now());
    target.behave(behaviour);
    await advanceHandoff(shell, ticketId, 1);
    expect((await handoff(shell, ticketId)).state).toBe('ready');
    await cancel(ticketId);
    const exceptions = await exceptionsOf(shell.db, ticketId);
    expect(exceptions).toHaveLength(told);
    for (const exception of exceptions) {
      expect(exception).toMatchObject({ mode: 'unconfirmed', handoff_seq: 1, responsible: 'team:triage' });
      expect(exception.summary).toMatch(
        /^create-record was given up, and nobody knows whether tool has done it: /,
      );
    }
    // A person who has looked says what stands there: nothing is promised anew.
    await act(ticketId, (tx, ticket) =>
      effects().confirmHandoff(tx, ticket, 1, 'It is not in the tool', 'person:dana', clock.now()),
    );
    expect(await handoffsOf(shell.db, ticketId)).toHaveLength(1);
  });

  test.each([
    [9, 'not_found', 'there is no such handoff'],
    [1, 'conflict', 'it has not failed'],
  ])('a retry of handoff %i is refused as %s: %s', async (seq, code) => {
    const ticketId = await promise(shell.db, [draft()], clock.now());
    const retried = act(ticketId, (tx, ticket) =>
      effects().retryHandoff(tx, ticket, seq, 'person:dana', clock.now()),
    );
    await expect(retried).rejects.toMatchObject({ code });
  });
});
