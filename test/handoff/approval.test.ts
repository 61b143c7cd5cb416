import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { listApprovals } from '../../src/approval/store.ts';
import { decideApproval } from '../../src/approval/worker.ts';
import { entriesOf } from '../../src/audit/store.ts';
import { exceptionsOf } from '../../src/exceptions/store.ts';
import { handoffEffects } from '../../src/handoff/acts/worker.ts';
import { advanceHandoff, type HandoffShell, sweepHandoffs } from '../../src/handoff/worker.ts';
import { findTicket, lockTicket } from '../../src/ticket/store.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { destination, draft, handoff, promise } from '../support/handoff.ts';
import { type ManualClock, manualClock, projectOf, testShell } from '../support/shell.ts';
import { startTarget, type Target } from '../support/target.ts';

const approval = { by: 'team:finance', withinMs: 60_000 } as const;
const yes = { approve: true, reason: '' };

let database: TestDatabase;
let target: Target;
let clock: ManualClock;
let shell: HandoffShell;

beforeAll(async () => {
  [database, target] = await Promise.all([testDatabase(), startTarget()]);
});
afterAll(async () => {
  await Promise.all([database.close(), target.close()]);
});
beforeEach(() => {
  clock = manualClock(new Date('2026-03-02T09:00:00.000Z'));
  const project = projectOf({ dana: 'd@x', omar: 'o@x' }, { finance: ['dana'], triage: ['omar'] });
  const destinations = new Map([['tool', destination(target.url)]]);
  const common = testShell(database.db, {
    clock,
    project: () => ({ ...project, destinations }),
  });
  shell = { ...common, workflowAt: async () => null };
});

async function waiting(): Promise<{ ticketId: string; handoffSeq: number }> {
  return { ticketId: await promise(shell.db, [draft({ approval })], clock.now()), handoffSeq: 1 };
}

test('nothing is sent before the yes; then it is', async () => {
  const name = await waiting();
  await advanceHandoff(shell, name.ticketId, 1);
  expect(target.requests).toHaveLength(0);
  const [listed] = (await listApprovals(shell.db)).filter((row) => row.ticket_id === name.ticketId);
  expect(listed).toMatchObject({
    by: 'team:finance',
    handoff: 'create-record',
    request: { path: '/records' },
  });

  clock.advance(1_000);
  await decideApproval(shell, name, yes, 'person:dana');
  const row = await handoff(shell, name.ticketId);
  expect(row.state).toBe('ready');
  // The time for retries begins with the yes.
  expect(row.give_up_at.getTime()).toBe(clock.now().getTime() + row.plan.retry.forMs);
  await advanceHandoff(shell, name.ticketId, 1);
  expect(target.requests).toHaveLength(1);
  const kinds = (await entriesOf(shell.db, name.ticketId)).map(({ kind, actor }) => `${kind} ${actor}`);
  expect(kinds).toContain('approval_approved person:dana');
  expect((await listApprovals(shell.db)).some((each) => each.ticket_id === name.ticketId)).toBe(false);
});

test('a no is an exception with its reason, and final', async () => {
  const name = await waiting();
  await decideApproval(shell, name, { approve: false, reason: 'too dear' }, 'person:dana');
  expect(await handoff(shell, name.ticketId)).toMatchObject({ state: 'failed' });
  expect((await findTicket(shell.db, name.ticketId))?.state).toBe('exception');
  const [exception] = await exceptionsOf(shell.db, name.ticketId);
  expect(exception).toMatchObject({ mode: 'refused', summary: expect.stringContaining('too dear') });
  await expect(decideApproval(shell, name, yes, 'person:dana')).rejects.toMatchObject({ code: 'conflict' });
});

test('no answer in time is an exception at the deadline, not before', async () => {
  const name = await waiting();
  clock.advance(approval.withinMs - 1);
  await sweepHandoffs(shell, clock.now());
  expect((await handoff(shell, name.ticketId)).state).toBe('awaiting_approval');
  clock.advance(1);
  await sweepHandoffs(shell, clock.now());
  expect((await exceptionsOf(shell.db, name.ticketId)).map(({ mode }) => mode)).toEqual(['approval_overdue']);
});

test('somebody else cannot decide it', async () => {
  const name = await waiting();
  await expect(decideApproval(shell, name, yes, 'person:omar')).rejects.toMatchObject({ code: 'forbidden' });
  const none = { ...name, handoffSeq: 7 };
  await expect(decideApproval(shell, none, yes, 'person:dana')).rejects.toMatchObject({ code: 'not_found' });
});

test('a request that was changed after the yes is not sent', async () => {
  const name = await waiting();
  await decideApproval(shell, name, yes, 'person:dana');
  const sent = target.requests.length;
  const plan = draft({ approval });
  const other = { ...plan, request: { ...plan.request, body: { name: 'Somebody else' } } };
  await database.db
    .updateTable('handoff')
    .set({ plan: JSON.stringify(other) })
    .where('ticket_id', '=', name.ticketId)
    .execute();
  await advanceHandoff(shell, name.ticketId, 1);
  expect(target.requests).toHaveLength(sent);
  expect((await exceptionsOf(shell.db, name.ticketId)).map(({ mode }) => mode)).toEqual(['refused']);
});

test('a retry of what was approved needs no second yes', async () => {
  const name = await waiting();
  await decideApproval(shell, name, yes, 'person:dana');
  target.behave('invalid');
  await advanceHandoff(shell, name.ticketId, 1);
  target.behave('ok');
  await shell.db.transaction().execute(async (tx) => {
    const ticket = await lockTicket(tx, name.ticketId);
    if (ticket === null) throw new Error('no ticket');
    await handoffEffects.retryHandoff(tx, ticket, 1, 'person:dana', clock.now());
  });
  await advanceHandoff(shell, name.ticketId, 2);
  expect((await handoff(shell, name.ticketId, 2)).state).toBe('confirming');
});
