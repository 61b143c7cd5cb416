import { expect, test } from 'vitest';
import { readOneForAudit } from '../../src/audit/store.ts';
import { verifyTicket } from '../../src/audit/verify.ts';
import { handoffEffects } from '../../src/handoff/acts/worker.ts';
import { createEngine, type Engine } from '../../src/handoff/engine/worker.ts';
import { readCircuit } from '../../src/handoff/pace/store.ts';
import { createPacer } from '../../src/handoff/pace/worker.ts';
import { attemptsOf, handoffsOf } from '../../src/handoff/store.ts';
import type { PassedStep } from '../../src/handoff/worker.ts';
import { limits } from '../../src/limits.ts';
import { outcomesOf } from '../../src/outcome/store.ts';
import { changeTicket, lockTicket } from '../../src/ticket/store.ts';
import { draft, handoff, promise, removal } from '../support/handoff.ts';
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
} from './worker-setting.ts';

/* What the engine writes of handoffs, together and one by one. */

useHandoffs();

/** An engine that hears of the steps it passes. */
function engineThat(passes: (step: PassedStep) => void = () => {}): Engine {
  changeShell({ passed: passes });
  return createEngine(shell, createPacer(shell));
}

const promised = (drafts = [draft()]) => promise(shell.db, drafts, start);
const proved = ['handoff_promised', 'handoff_attempted', 'handoff_accepted', 'outcome_confirmed', 'done'];

/** Whether its chain is; no entry of these tickets names their payload. */
async function isSound(ticketId: string): Promise<boolean> {
  const audited = await readOneForAudit(shell.db, ticketId);
  return audited !== null && verifyTicket({ ...audited, payloads: [] }) === null;
}

/** As the dispatcher does: what is left out because its ticket was being worked on is found again, as long as it stays due. */
async function workOff(engine: Engine, ticketId: string): Promise<void> {
  const due = (await handoffsOf(shell.db, ticketId)).filter((row) => row.state === 'ready');
  if (due.length === 0) return;
  await Promise.all(due.map(({ seq: handoffSeq }) => engine({ ticketId, handoffSeq })));
  await workOff(engine, ticketId);
}

async function cancel(ticketId: string): Promise<void> {
  await shell.db.transaction().execute(async (tx) => {
    const ticket = await lockTicket(tx, ticketId);
    if (ticket === null) throw new Error('no ticket');
    await handoffEffects.cancelHandoffs(tx, ticket, 'not wanted', 'person:dana', start);
  });
}

async function note(ticketId: string): Promise<void> {
  await shell.db.transaction().execute(async (tx) => {
    const ticket = await lockTicket(tx, ticketId);
    if (ticket === null) throw new Error('no ticket');
    await changeTicket(tx, ticket, { entries: [{ kind: 'noted', actor: 'person:dana', data: {} }] }, start);
  });
}

test('what stands is proved together with its acceptance', async () => {
  const steps: PassedStep[] = [];
  const ticketId = await promised();
  await engineThat((step) => steps.push(step))({ ticketId, handoffSeq: 1 });
  expect(steps).toEqual(['found', 'claimed', 'answered', 'accepted', 'read', 'proved']);
  expect((await kinds(ticketId)).slice(-5)).toEqual(proved);
  expect(await state(ticketId)).toEqual({ handoff: 'confirmed', ticket: 'done', exception: undefined });
  const row = await handoff(shell, ticketId);
  expect(row).toMatchObject({ probes: 1, attempts: 1, due_at: null, response: { name: 'Lead 1' } });
  expect(await attemptsOf(shell.db, ticketId)).toMatchObject([{ result: 'accepted', status: 201 }]);
  expect(await outcomesOf(shell.db, ticketId)).toMatchObject([{ state: 'confirmed' }]);
  expect(await isSound(ticketId)).toBe(true);
});

test('a record that is slow to read is proved after its acceptance', async () => {
  target.readIn(limits.proofWithAcceptanceMs + 100);
  const states: string[] = [];
  const ticketId = await promised();
  const engine = engineThat((step) => states.push(step));
  await engine({ ticketId, handoffSeq: 1 });
  expect(states).toEqual(['found', 'claimed', 'answered', 'accepted', 'recorded', 'read', 'proved']);
  expect((await kinds(ticketId)).slice(-5)).toEqual(proved);
  expect(await isSound(ticketId)).toBe(true);
});

test('a record that is not there yet is looked for again, and its attempt is not made again', async () => {
  target.behave('store_nothing');
  const ticketId = await promised();
  const engine = engineThat();
  await engine({ ticketId, handoffSeq: 1 });
  expect((await kinds(ticketId)).slice(-2)).toEqual(['handoff_accepted', 'outcome_probed']);
  const row = await handoff(shell, ticketId);
  expect(row).toMatchObject({ state: 'confirming', probes: 1 });
  expect(row.due_at?.getTime()).toBeGreaterThan(clock.now().getTime());
  clock.advance(60_000);
  await engine({ ticketId, handoffSeq: 1 });
  expect(await state(ticketId)).toEqual({
    handoff: 'failed',
    ticket: 'exception',
    exception: 'unconfirmed',
  });
  expect(target.requests).toHaveLength(1);
  expect(await isSound(ticketId)).toBe(true);
});

test('a record that differs is contradicted by its last look', async () => {
  target.behave('drop_field');
  const ticketId = await promised();
  const engine = engineThat();
  await engine({ ticketId, handoffSeq: 1 });
  clock.advance(60_000);
  await engine({ ticketId, handoffSeq: 1 });
  expect((await state(ticketId)).exception).toBe('contradicted');
  expect(await isSound(ticketId)).toBe(true);
});

test('what happens to the ticket meanwhile comes first in its chain, and nothing is lost', async () => {
  const ticketId = await promised();
  let noted = Promise.resolve();
  const engine = engineThat((step) => {
    if (step === 'claimed') noted = note(ticketId);
  });
  await engine({ ticketId, handoffSeq: 1 });
  await noted;
  expect((await kinds(ticketId)).filter((kind) => kind !== 'noted').slice(-5)).toEqual(proved);
  expect(await kinds(ticketId)).toContain('noted');
  expect((await state(ticketId)).ticket).toBe('done');
  expect(await isSound(ticketId)).toBe(true);
});

test('a handoff that a person has cancelled meanwhile stays so; its result is an entry', async () => {
  target.readIn(100);
  const ticketId = await promised();
  let cancelled = Promise.resolve();
  const engine = engineThat((step) => {
    if (step === 'accepted') cancelled = cancel(ticketId);
  });
  await engine({ ticketId, handoffSeq: 1 });
  await cancelled;
  expect((await handoff(shell, ticketId)).state).toBe('cancelled');
  expect((await kinds(ticketId)).slice(-2)).toEqual(['handoff_cancelled', 'handoff_result_late']);
  expect(await attemptsOf(shell.db, ticketId)).toMatchObject([{ result: 'accepted' }]);
  expect(await isSound(ticketId)).toBe(true);
});

test('a request that has left when a person cancels its handoff is heard to its end, and what it did is taken back', async () => {
  const [ticketId, beside] = await Promise.all([promised([draft({ undo: removal() })]), promised()]);
  const answer = Promise.withResolvers<void>();
  target.onRecord(() => answer.promise);
  setTool({ ...tool, timeoutMs: 60_000 });
  const engine = engineThat();
  const underWay = Promise.all([ticketId, beside].map((id) => engine({ ticketId: id, handoffSeq: 1 })));
  await expect.poll(() => target.records.size).toBe(2);
  await cancel(ticketId);
  // Leases are renewed together: the second renewal comes after all that followed from the first.
  for (const _ of ['first', 'second']) {
    const { due_at: before } = await handoff(shell, beside);
    clock.advance(1_000);
    await expect
      .poll(async () => (await handoff(shell, beside)).due_at, { timeout: 10_000 })
      .not.toEqual(before);
  }
  answer.resolve();
  await underWay;
  expect(await attemptsOf(shell.db, ticketId)).toMatchObject([{ result: 'accepted' }]);
  expect(await handoff(shell, ticketId, 2)).toMatchObject({ handoff: 'create-record.undo', state: 'ready' });
});

test('handoffs of one ticket side by side are each proved, and the last one ends it', async () => {
  const drafts = ['a', 'b', 'c'].map((id) => draft({ handoff: id }));
  const ticketId = await promised(drafts);
  const engine = engineThat();
  await workOff(engine, ticketId);
  const states = (await handoffsOf(shell.db, ticketId)).map((row) => row.state);
  expect(states).toEqual(['confirmed', 'confirmed', 'confirmed']);
  expect((await kinds(ticketId)).filter((kind) => kind === 'done')).toHaveLength(1);
  expect((await kinds(ticketId)).at(-1)).toBe('done');
  expect((await state(ticketId)).ticket).toBe('done');
  expect(await isSound(ticketId)).toBe(true);
});

test('one that waits for another is released by its proof', async () => {
  const ticketId = await promised([
    draft({ handoff: 'first' }),
    draft({ handoff: 'then', after: ['first'] }),
  ]);
  const engine = engineThat();
  await engine({ ticketId, handoffSeq: 1 });
  expect((await handoff(shell, ticketId, 2)).state).toBe('ready');
  await engine({ ticketId, handoffSeq: 2 });
  expect((await state(ticketId)).ticket).toBe('done');
  expect(await isSound(ticketId)).toBe(true);
});

test('a node that was stopped between claiming and sending sends nothing when it goes on, and blames nobody', async () => {
  const ids = await Promise.all(Array.from({ length: limits.circuitFailuresInRow }, () => promised()));
  const engine = engineThat((step) => {
    if (step === 'claimed') clock.advance(limits.leaseMs);
  });
  for (const ticketId of ids) await engine({ ticketId, handoffSeq: 1 });
  expect(target.requests).toEqual([]);
  for (const id of ids)
    expect(await attemptsOf(shell.db, id)).toMatchObject([
      { result: 'not_sent', ended_at: expect.anything() },
    ]);
  expect(await readCircuit(shell.db, 'tool')).toBeNull();
});

test('of two engines that find the same handoffs each is one’s alone', async () => {
  const ids = await Promise.all(Array.from({ length: 20 }, () => promised()));
  const engines = [engineThat(), engineThat()];
  await Promise.all(engines.flatMap((engine) => ids.map((ticketId) => engine({ ticketId, handoffSeq: 1 }))));
  expect([...target.effects.values()]).toEqual(ids.map(() => 1));
  expect(target.requests).toHaveLength(ids.length);
  for (const id of ids) expect(await isSound(id)).toBe(true);
});
