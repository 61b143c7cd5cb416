import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { entriesOf } from '../../src/audit/store.ts';
import type { Contract } from '../../src/contract/contract.ts';
import { AppError } from '../../src/errors.ts';
import { exceptionsOf } from '../../src/exceptions/store.ts';
import { handoffEffects } from '../../src/handoff/acts/worker.ts';
import type { HandoffDraft } from '../../src/handoff/handoff.ts';
import { attemptsOf, handoffsOf } from '../../src/handoff/store.ts';
import { advanceHandoff, type HandoffShell, sweepHandoffs } from '../../src/handoff/worker.ts';
import { limits } from '../../src/limits.ts';
import { outcomesOf } from '../../src/outcome/store.ts';
import { findTicket, lockTicket, type TicketRow } from '../../src/ticket/store.ts';
import { restateTicket } from '../../src/ticket/worker.ts';
import type { Destination } from '../../src/workflow/project.ts';
import type { CompiledWorkflow } from '../../src/workflow/workflow.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { destination, draft, handoff, promise, type Queued, rememberingQueue } from '../support/handoff.ts';
import { type ManualClock, manualClock, projectOf, testShell } from '../support/shell.ts';
import { type Misbehaviour, startTarget, type Target } from '../support/target.ts';

const start = new Date('2026-03-02T09:00:00.000Z');

let database: TestDatabase;
let target: Target;
let clock: ManualClock;
let shell: HandoffShell;
let queued: Queued[];
let tool: Destination;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  target = await startTarget();
  clock = manualClock(start);
  tool = destination(target.url);
  const remembering = rememberingQueue();
  queued = remembering.queued;
  const project = { ...projectOf({ dana: 'd@x', omar: 'o@x' }, { triage: ['omar'] }) };
  shell = {
    ...testShell(database.db, {
      clock,
      project: () => ({ ...project, destinations: new Map([['tool', tool]]) }),
      queue: remembering.queue,
    }),
    workflowAt: async () => null,
  };
});
afterEach(() => target.close());

/** Works until nothing more is due, moving the clock to each next time; the queue's part, without waiting. */
async function workThrough(ticketId: string, seq = 1): Promise<void> {
  for (;;) {
    const row = await handoff(shell, ticketId, seq);
    if (row.due_at === null) return;
    const waitMs = row.due_at.getTime() - clock.now().getTime();
    if (waitMs > 0) clock.advance(waitMs);
    await advanceHandoff(shell, ticketId, seq);
  }
}

async function kinds(ticketId: string): Promise<string[]> {
  return (await entriesOf(shell.db, ticketId)).map(({ kind }) => kind);
}

async function state(ticketId: string) {
  const [row, ticket] = [await handoff(shell, ticketId), await findTicket(shell.db, ticketId)];
  const [exception] = await exceptionsOf(shell.db, ticketId);
  return { handoff: row.state, ticket: ticket?.state, exception: exception?.mode };
}

const endings: readonly [
  as: Misbehaviour,
  ends: object,
  attempts: number,
  effects: number,
  reason: string,
][] = [
  ['ok', { handoff: 'confirmed', ticket: 'done' }, 1, 1, 'made, read back, equal'],
  [
    'drop_field',
    { handoff: 'failed', ticket: 'exception', exception: 'contradicted' },
    1,
    1,
    'a field is missing',
  ],
  [
    'store_nothing',
    { handoff: 'failed', ticket: 'exception', exception: 'unconfirmed' },
    1,
    0,
    '200 proves nothing',
  ],
  [
    'fail_after_storing',
    { handoff: 'failed', exception: 'attempts_exhausted' },
    5,
    1,
    'the key keeps it at one effect',
  ],
  ['fail', { handoff: 'failed', exception: 'attempts_exhausted' }, 5, 0, '5xx is tried again'],
  [
    'reset',
    { handoff: 'failed', exception: 'attempts_exhausted' },
    5,
    0,
    'a broken connection is tried again',
  ],
  ['too_many', { handoff: 'failed', exception: 'attempts_exhausted' }, 5, 0, '429 says later, not no'],
  ['unauthorized', { handoff: 'failed', exception: 'rejected' }, 1, 0, 'a credential does not mend itself'],
  ['invalid', { handoff: 'failed', exception: 'rejected' }, 1, 0, '422 stays 422'],
  ['huge', { handoff: 'failed', exception: 'attempts_exhausted' }, 5, 1, 'an answer too long is no answer'],
  ['redirect', { handoff: 'failed', exception: 'rejected' }, 1, 0, 'redirects are not followed'],
  ['not_json', { handoff: 'failed', exception: 'unconfirmed' }, 1, 0, 'no id, so nothing to read back'],
];

test.each(endings)(
  'a target that does %s ends as %j after %i attempts',
  async (as, ends, attempts, effects) => {
    target.behave(as);
    const ticketId = await promise(shell.db, [draft()], clock.now());
    await workThrough(ticketId);
    expect(await state(ticketId)).toMatchObject(ends);
    expect(await attemptsOf(shell.db, ticketId)).toHaveLength(attempts);
    expect([...target.effects.values()].reduce((sum, count) => sum + count, 0)).toBe(effects);
    expect(new Set(target.requests.map(({ key }) => key))).toEqual(
      new Set([`sb_${ticketId}_create-record_r1`]),
    );
  },
);

describe('the record', () => {
  test('a confirmed handoff tells its whole way', async () => {
    const ticketId = await promise(shell.db, [draft()], clock.now());
    await workThrough(ticketId);
    expect(await kinds(ticketId)).toEqual([
      'received',
      'handoff_promised',
      'handoff_attempted',
      'handoff_accepted',
      'outcome_confirmed',
      'done',
    ]);
    const [outcome] = await outcomesOf(shell.db, ticketId);
    expect(outcome).toMatchObject({ state: 'confirmed', decided_by: 'signalbox' });
    expect(outcome?.compared).toContainEqual({ field: 'budget', sent: 5000, found: 5000, equal: true });
  });

  test('a contradiction names the field with both values, in the exception and not in the chain', async () => {
    target.behave('drop_field');
    const ticketId = await promise(shell.db, [draft()], clock.now());
    await workThrough(ticketId);
    const [exception] = await exceptionsOf(shell.db, ticketId);
    expect(exception?.summary).toBe('tool holds something else: type is missing, sent was "web"');
    const entries = await entriesOf(shell.db, ticketId);
    const contradicted = entries.find(({ kind }) => kind === 'outcome_contradicted');
    expect(JSON.parse(contradicted?.data ?? '')).toMatchObject({ fields: ['type'], verdict: 'differs' });
    expect(entries.some(({ data }) => data.includes('Lead 1'))).toBe(false);
    // The same verdict again and again is one entry.
    expect(entries.filter(({ kind }) => kind === 'outcome_probed')).toHaveLength(1);
  });

  test('the last look is at confirm_by, not before and not after', async () => {
    target.behave('store_nothing');
    const ticketId = await promise(shell.db, [draft()], clock.now());
    await workThrough(ticketId);
    const row = await handoff(shell, ticketId);
    expect(row.settled_at).toEqual(row.confirm_by);
    expect(row.probes).toBeGreaterThan(5);
  });
});

describe('retries', () => {
  test('a target that is down for some attempts and then back gets it once', async () => {
    await target.down();
    const ticketId = await promise(shell.db, [draft()], clock.now());
    for (let attempt = 1; attempt <= 3; attempt++) {
      await advanceHandoff(shell, ticketId, 1);
      const row = await handoff(shell, ticketId);
      expect(row).toMatchObject({ state: 'ready', attempts: attempt });
      expect(queued.at(-1)).toEqual({ ticketId, handoffSeq: 1, at: row.due_at });
      clock.advance((row.due_at?.getTime() ?? 0) - clock.now().getTime());
    }
    await target.up();
    await workThrough(ticketId);
    expect(await state(ticketId)).toMatchObject({ handoff: 'confirmed', ticket: 'done' });
    expect([...target.effects.values()]).toEqual([1]);
    const [first] = await attemptsOf(shell.db, ticketId);
    expect(first).toMatchObject({
      result: 'not_sent',
      status: null,
      detail: `tool refused the connection at 127.0.0.1:${target.port}`,
    });
  });

  test('no attempt is made before its time, and age ends them before the count does', async () => {
    await target.down();
    const retry = { attemptsMax: 100, forMs: 10_000 };
    const ticketId = await promise(shell.db, [draft({ retry })], clock.now());
    await advanceHandoff(shell, ticketId, 1);
    await advanceHandoff(shell, ticketId, 1);
    expect((await handoff(shell, ticketId)).attempts).toBe(1);
    await workThrough(ticketId);
    const row = await handoff(shell, ticketId);
    expect(row).toMatchObject({ state: 'failed', settled_at: row.give_up_at });
    expect(row.attempts).toBeLessThan(10);
    expect(clock.now()).toEqual(row.give_up_at);
  });

  test('Retry-After is kept', async () => {
    target.behave('too_many');
    const ticketId = await promise(shell.db, [draft()], clock.now());
    await advanceHandoff(shell, ticketId, 1);
    expect((await handoff(shell, ticketId)).due_at).toEqual(new Date(start.getTime() + 7_000));
  });

  test('a refused credential is an exception that says so and names no credential', async () => {
    target.behave('unauthorized');
    tool = { ...tool, auth: { scheme: 'bearer', secret: { env: 'TOOL_TOKEN' } } };
    shell = { ...shell, secrets: () => ['s3cret-token'] };
    const ticketId = await promise(shell.db, [draft()], clock.now());
    await workThrough(ticketId);
    expect(target.requests[0]?.headers.authorization).toBe('Bearer s3cret-token');
    const [exception] = await exceptionsOf(shell.db, ticketId);
    expect(exception?.summary).toBe('The credential of tool is refused: tool answered 401');
    const everything = JSON.stringify([
      await entriesOf(shell.db, ticketId),
      await attemptsOf(shell.db, ticketId),
      await exceptionsOf(shell.db, ticketId),
    ]);
    expect(everything).not.toContain('s3cret');
  });

  test('a credential that is not set is an exception too, without a request', async () => {
    tool = { ...tool, auth: { scheme: 'bearer', secret: { env: 'TOOL_TOKEN' } } };
    shell = {
      ...shell,
      secrets: () => {
        throw new AppError('invalid_project', 'The environment variable TOOL_TOKEN is not set');
      },
    };
    const ticketId = await promise(shell.db, [draft()], clock.now());
    await workThrough(ticketId);
    const [exception] = await exceptionsOf(shell.db, ticketId);
    expect(exception?.mode).toBe('rejected');
    expect(exception?.summary).toContain('TOOL_TOKEN is not set');
    expect(target.requests).toHaveLength(0);
  });
});

describe('what a destination says of itself', () => {
  const id: Contract = {
    name: 'tool',
    schema: {},
    validate: (body) => {
      const { id } = body as { id: unknown };
      return id === 'rec-none' ? [{ path: '/id', rule: 'pattern', message: 'id is no id' }] : [];
    },
  };

  const answers: readonly [as: Misbehaviour, ends: string, reason: string][] = [
    ['ok', 'confirmed', 'as documented'],
    ['store_nothing', 'failed', 'not as documented'],
  ];

  test.each(answers)(
    'an answer (%s) is compared with the document of the deciding version: %s',
    async (as, ends) => {
      const asked: string[] = [];
      const handoffs = [{ id: 'create-record', request: { responseContract: id } }];
      shell = {
        ...shell,
        workflowAt: async (version) => {
          asked.push(version);
          return { handoffs } as unknown as CompiledWorkflow;
        },
      };
      target.behave(as);
      const ticketId = await promise(shell.db, [draft()], clock.now());
      await workThrough(ticketId);
      expect((await handoff(shell, ticketId)).state).toBe(ends);
      expect(asked).toEqual([(await findTicket(shell.db, ticketId))?.workflow_version]);
      const modes = (await exceptionsOf(shell.db, ticketId)).map(({ mode }) => mode);
      expect(modes).toEqual(ends === 'failed' ? ['destination_contract_violation'] : []);
    },
  );

  test('one that left the project is an exception, not a loop', async () => {
    const ticketId = await promise(shell.db, [draft({ destination: 'gone' })], clock.now());
    await workThrough(ticketId);
    const [exception] = await exceptionsOf(shell.db, ticketId);
    expect(exception).toMatchObject({
      mode: 'rejected',
      summary: 'gone is no longer a destination of this project',
    });
  });
});

describe('workers that are lost or late', () => {
  test('an attempt whose worker was lost is made again with the same key: one effect', async () => {
    const ticketId = await promise(shell.db, [draft()], clock.now());
    target.behave('hang');
    const arrived = target.nextRequest();
    const lost = advanceHandoff(shell, ticketId, 1);
    await arrived;
    clock.advance(limits.attemptLeaseMs);
    await sweepHandoffs(shell, clock.now());
    expect(await handoff(shell, ticketId)).toMatchObject({
      state: 'ready',
      attempts: 1,
      due_at: clock.now(),
    });
    expect(queued).toContainEqual({ ticketId, handoffSeq: 1, at: clock.now() });
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

  test('a lease that has not lapsed is left alone', async () => {
    const ticketId = await promise(shell.db, [draft()], clock.now());
    target.behave('hang');
    const arrived = target.nextRequest();
    const slow = advanceHandoff(shell, ticketId, 1);
    await arrived;
    clock.advance(limits.attemptLeaseMs - 1);
    await sweepHandoffs(shell, clock.now());
    expect(await handoff(shell, ticketId)).toMatchObject({ state: 'attempting', attempts: 1 });
    await target.down();
    await slow;
    expect(await handoff(shell, ticketId)).toMatchObject({ state: 'ready', attempts: 1 });
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

  test('the sweep wakes what is ready or to be confirmed and was forgotten by the queue', async () => {
    const ticketId = await promise(shell.db, [draft()], clock.now());
    await sweepHandoffs(shell, clock.now());
    expect(queued).toContainEqual({ ticketId, handoffSeq: 1 });
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
  const effects = () => handoffEffects(shell.queue);

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
    expect(queued.at(-1)).toEqual({ ticketId, handoffSeq: 2 });
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

  test('cancelling stops what is under way: its result is an entry only', async () => {
    const ticketId = await promise(shell.db, [draft()], clock.now());
    target.behave('hang');
    const arrived = target.nextRequest();
    const underWay = advanceHandoff(shell, ticketId, 1);
    await arrived;
    await act(ticketId, (tx, ticket) =>
      effects().cancelHandoffs(tx, ticket, 'not wanted', 'person:dana', clock.now()),
    );
    await target.down();
    await underWay;
    expect((await handoff(shell, ticketId)).state).toBe('cancelled');
    expect((await kinds(ticketId)).at(-1)).toBe('handoff_result_late');
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
