import { describe, expect, test } from 'vitest';
import { entriesOf } from '../../src/audit/store.ts';
import type { Contract } from '../../src/contract/contract.ts';
import { AppError } from '../../src/errors.ts';
import { exceptionsOf } from '../../src/exceptions/store.ts';
import { createEngine } from '../../src/handoff/engine/worker.ts';
import { createPacer } from '../../src/handoff/pace/worker.ts';
import { attemptsOf } from '../../src/handoff/store.ts';
import { advanceHandoff } from '../../src/handoff/worker.ts';
import { findConfirmation } from '../../src/outcome/confirmation/store.ts';
import type { OutcomePlan, ReadPlan } from '../../src/outcome/plan.ts';
import { outcomesOf } from '../../src/outcome/store.ts';
import { findTicket } from '../../src/ticket/store.ts';
import type { CompiledWorkflow } from '../../src/workflow/workflow.ts';
import { draft, handoff, promise } from '../support/handoff.ts';
import type { Misbehaviour } from '../support/target.ts';
import {
  changeShell,
  clock,
  kinds,
  setTool,
  shell,
  start,
  state,
  target,
  tool,
  useHandoffs,
  workThrough,
} from './worker-setting.ts';

useHandoffs();

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

describe('a look that throws for a reason of its own', () => {
  const payload = "payload.name != ''";
  const callback = { kind: 'callback', from: 'tool-events', match: 'result.id', key: 'payload.id' } as const;
  const throws = async () => {
    throw new TypeError('nothing was expected here');
  };
  const looks: readonly [outcome: OutcomePlan, reason: string][] = [
    [{ ...(draft().outcome as ReadPlan), that: payload }, 'a record that is read back'],
    [{ ...callback, mark: '', that: null, same: [], withinMs: 60_000 }, 'a callback that is waited for'],
  ];

  test.each(looks)('is made again less and less often, and ends at its deadline: %j, %s', async (outcome) => {
    const ticketId = await promise(shell.db, [draft({ outcome })], clock.now());
    await advanceHandoff(shell, ticketId, 1);
    changeShell({ workflowAt: throws });
    await workThrough(ticketId);
    expect(await state(ticketId)).toMatchObject({ handoff: 'failed', exception: 'unconfirmed' });
    const [exception] = await exceptionsOf(shell.db, ticketId);
    expect(exception?.summary).toBe(
      'The outcome could not be looked at, by a fault of Signalbox itself and not of tool: nothing was expected here',
    );
    const row = await handoff(shell, ticketId);
    expect(row.settled_at).toEqual(row.confirm_by);
    expect(row.probes).toBeLessThan(15);
  });

  test('does not have an accepted attempt made again', async () => {
    const outcome = { ...(draft().outcome as ReadPlan), that: payload };
    const ticketId = await promise(shell.db, [draft({ outcome })], clock.now());
    let asked = 0;
    changeShell({ workflowAt: async () => (++asked > 1 ? await throws() : null) });
    await createEngine(shell, createPacer(shell))({ ticketId, handoffSeq: 1 });
    expect(await handoff(shell, ticketId)).toMatchObject({ state: 'confirming', attempts: 1, probes: 1 });
  });

  test('but what the database throws is no verdict', async () => {
    const outcome = { ...(draft().outcome as ReadPlan), that: payload };
    const ticketId = await promise(shell.db, [draft({ outcome })], clock.now());
    await advanceHandoff(shell, ticketId, 1);
    clock.advance(60_000);
    const away = new Error('Connection terminated unexpectedly');
    changeShell({
      workflowAt: async () => {
        throw away;
      },
    });
    await expect(advanceHandoff(shell, ticketId, 1)).rejects.toBe(away);
    expect((await handoff(shell, ticketId)).state).toBe('confirming');
  });
});

test('a person who is asked late, this server having been stopped, has all of their time', async () => {
  const withinMs = 3_600_000;
  const outcome = {
    kind: 'confirm',
    by: 'person:dana',
    checklist: [],
    remindMs: 600_000,
    that: null,
    same: [],
    withinMs,
  } as const;
  const ticketId = await promise(shell.db, [draft({ outcome })], clock.now());
  await advanceHandoff(shell, ticketId, 1);
  clock.advance(2 * withinMs);
  await advanceHandoff(shell, ticketId, 1);
  const asked = await findConfirmation(shell.db, { ticketId, handoffSeq: 1 });
  const dueAt = new Date(clock.now().getTime() + withinMs);
  expect(asked).toMatchObject({ state: 'waiting', due_at: dueAt });
  expect(await handoff(shell, ticketId)).toMatchObject({ state: 'confirming', confirm_by: dueAt });
  clock.advance(withinMs - 600_000);
  await advanceHandoff(shell, ticketId, 1);
  expect((await kinds(ticketId)).at(-1)).toBe('confirmation_reminded');
});

describe('retries', () => {
  test('a target that is down for some attempts and then back gets it once', async () => {
    await target.down();
    const ticketId = await promise(shell.db, [draft()], clock.now());
    for (let attempt = 1; attempt <= 3; attempt++) {
      await advanceHandoff(shell, ticketId, 1);
      const row = await handoff(shell, ticketId);
      expect(row).toMatchObject({ state: 'ready', attempts: attempt });
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
    setTool({ ...tool, auth: { scheme: 'bearer', secret: { env: 'TOOL_TOKEN' } } });
    changeShell({ secrets: () => ['s3cret-token'] });
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
    setTool({ ...tool, auth: { scheme: 'bearer', secret: { env: 'TOOL_TOKEN' } } });
    changeShell({
      secrets: () => {
        throw new AppError('invalid_project', 'The environment variable TOOL_TOKEN is not set');
      },
    });
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
      changeShell({
        workflowAt: async (version) => {
          asked.push(version);
          return { handoffs, trigger: { jsonField: null } } as unknown as CompiledWorkflow;
        },
      });
      target.behave(as);
      const ticketId = await promise(shell.db, [draft()], clock.now());
      await workThrough(ticketId);
      expect((await handoff(shell, ticketId)).state).toBe(ends);
      const version = (await findTicket(shell.db, ticketId))?.workflow_version;
      // Once for the answer; the look that proves it needs no payload.
      expect(asked).toEqual([version]);
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
