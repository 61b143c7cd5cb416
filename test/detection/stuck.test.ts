import { afterEach, beforeEach, expect, test } from 'vitest';
import { stuckDetector } from '../../src/detection/stuck/worker.ts';
import { actOnException } from '../../src/exceptions/worker.ts';
import { limits } from '../../src/limits.ts';
import { withLimits } from '../support/limits.ts';
import { insertTicket } from '../support/ticket.ts';
import { expectEpisode, ofWorkflow, type Watched, watching } from '../support/watching.ts';

/** Tickets of which nothing moves; the project says after 2 h. */

const afterMs = 2 * 3_600_000;

let world: Watched;
beforeEach(async () => {
  world = await watching();
});
afterEach(() => world.close());

async function waiting(): Promise<string> {
  const { id } = await insertTicket(world.db, { now: world.clock.now() });
  await world.handoffs(id, 1);
  return id;
}

test.each<[end: (id: string) => Promise<void>, reason: string]>([
  [
    async (id) => {
      world.clock.advance(1);
      await world.note(id, [{ kind: 'handoff_attempted' }]);
    },
    'it moves',
  ],
  [(id) => world.note(id, [{ kind: 'done' }], 'done'), 'it is settled'],
])('a ticket that lies still is told once, and over when %#', async (end) => {
  const id = await waiting();
  await expectEpisode(world, {
    detector: stuckDetector,
    key: `stuck/${id}`,
    on: ofWorkflow,
    says: /^Nothing has moved for more than 2h; it waits for create-record: ready$/,
    begin: () => world.clock.advance(afterMs + 1),
    end: () => end(id),
    because: 'The ticket has moved',
  });
});

test('what people do about the finding is no movement', async () => {
  const id = await waiting();
  world.clock.advance(afterMs + 1);
  await world.look(stuckDetector);
  world.clock.advance(1);
  await world.note(id, [
    { kind: 'exception_claimed' },
    { kind: 'claim_lapsed' },
    { kind: 'checklist_ticked' },
  ]);
  await world.look(stuckDetector);
  expect(await world.isOpen(`stuck/${id}`)).toBe(true);
});

test('settled by a person while it lies still, it is told again one SLA later', async () => {
  const id = await waiting();
  world.clock.advance(afterMs + 1);
  await world.look(stuckDetector);
  const [told] = await world.found(`stuck/${id}`);
  await settle({ ticketId: id, seq: told?.seq ?? 0 });
  await world.look(stuckDetector);
  expect(await world.found(`stuck/${id}`), 'it is known').toMatchObject([{ state: 'resolved' }]);
  world.clock.advance(86_400_000);
  await world.look(stuckDetector);
  expect(await world.found(`stuck/${id}`)).toMatchObject([{ state: 'open', seq: 2, closed_at: null }]);
});

test('an approval of what was cancelled is no person who is asked', async () => {
  const id = await waiting();
  await world.handoffs(id, 1, { from: 2 });
  const cancelled = { state: 'cancelled', settled_at: world.clock.now(), due_at: null } as const;
  await world.db.updateTable('handoff').set(cancelled).where('seq', '=', 1).execute();
  const asked = { state: 'waiting', by: 'team:triage', digest: 'a'.repeat(64), due_at: world.clock.now() };
  await world.db
    .insertInto('approval')
    .values({ ticket_id: id, handoff_seq: 1, ...asked } as never)
    .execute();
  world.clock.advance(afterMs + 1);
  await world.look(stuckDetector);
  expect(await world.isOpen(`stuck/${id}`)).toBe(true);
});

test('one that a person has settled stands in no other’s way', async () => {
  const id = await waiting();
  world.clock.advance(1);
  const other = await waiting();
  withLimits({ detectTicketsMax: 1 });
  world.clock.advance(afterMs + 1);
  await world.look(stuckDetector);
  await settle({ ticketId: id, seq: 1 });
  await world.note(other, [{ kind: 'handoff_attempted' }]);
  world.clock.advance(afterMs + 1);
  await world.look(stuckDetector);
  expect(await world.isOpen(`stuck/${other}`)).toBe(true);
});

async function settle(key: { ticketId: string; seq: number }): Promise<void> {
  const none = () => Promise.reject(new Error('nothing is done'));
  const effects = { redecide: none, retryHandoff: none, confirmHandoff: none, cancelHandoffs: none };
  const act = (input: Parameters<typeof actOnException>[2]) =>
    actOnException({ shell: world.shell, effects }, key, input, 'person:omar');
  const { exception } = await act({ act: 'claim' });
  const { rootCauses } = exception.policy as { rootCauses: string[] };
  for (const index of (exception.checklist as unknown[]).keys()) await act({ act: 'tick', index });
  const how = { resolution: 'confirm', evidence: 'It is known', note: '' } as const;
  await act({ act: 'resolve', rootCause: rootCauses[0] ?? 'known', ...how });
}

test('one that moves is over also where more are open than one round looks at', async () => {
  const ids = [await waiting()];
  world.clock.advance(1);
  ids.push(await waiting());
  world.clock.advance(afterMs + 1);
  await world.look(stuckDetector);
  world.clock.advance(1);
  await world.note(ids[1] ?? '', [{ kind: 'handoff_attempted' }]);
  expect(limits.findingsOpenMax).toBeGreaterThan(1);
  withLimits({ findingsOpenMax: 1 });
  await world.look(stuckDetector);
  expect(await Promise.all(ids.map((id) => world.isOpen(`stuck/${id}`)))).toEqual([true, false]);
});

test.each<[stillMs: number, since: 'moved' | 'asked' | 'received', told: boolean, reason: string]>([
  [afterMs, 'received', false, 'just as long as is allowed'],
  [afterMs + 1, 'received', true, 'just over it'],
  [afterMs - 1, 'moved', false, 'older, but it moved just under that ago'],
  [afterMs, 'moved', true, 'older, and has not moved since'],
  [afterMs + 1, 'asked', false, 'a person who is asked has a deadline of their own'],
])('still for %i ms since it was %s: %s, %s', async (stillMs, since, told) => {
  const id = await waiting();
  if (since === 'moved') {
    world.clock.advance(60_000);
    await world.note(id, [{ kind: 'handoff_attempted' }]);
  }
  if (since === 'asked') {
    await world.db.updateTable('handoff').set({ state: 'awaiting_approval' }).execute();
    const due = new Date(world.clock.now().getTime() + 86_400_000);
    await world.db
      .insertInto('approval')
      .values({
        ticket_id: id,
        handoff_seq: 1,
        state: 'waiting',
        by: 'team:triage',
        digest: 'a'.repeat(64),
        due_at: due,
      } as never)
      .execute();
  }
  world.clock.advance(stillMs);
  await world.look(stuckDetector);
  expect(await world.isOpen(`stuck/${id}`)).toBe(told);
});
