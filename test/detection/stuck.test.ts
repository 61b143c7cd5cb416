import { afterEach, beforeEach, expect, test } from 'vitest';
import { stuckDetector } from '../../src/detection/stuck/worker.ts';
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
