import type { Insertable } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DestinationTable } from '../../src/db/schema.ts';
import { workerDetector } from '../../src/detection/workers/worker.ts';
import { limits } from '../../src/limits.ts';
import { plusMs } from '../../src/platform/instant.ts';
import { insertTicket } from '../support/ticket.ts';
import { expectEpisode, type Watched, watcher, watching, withTexts } from '../support/watching.ts';

/** Workers that leave work lying: seen by the work. That the sweeper itself stands still: test/api/health.test.ts. */

const { workerSilentMs: silentMs } = limits;
const pollsForm = withTexts('signalbox.yaml', [
  'verify: { scheme: bearer, secret: { env: FORM_TOKEN } } }',
  'poll: { every: 5m, from: tool, operation: GET /leads, triggers: response.data, cursor: last.at } }',
]);

let world: Watched;
beforeEach(async () => {
  world = await watching(pollsForm);
});
afterEach(() => world.close());

const at = (ms: number) => plusMs(world.clock.now(), ms);
const far = () => at(86_400_000);

/** How each comes to be due at this moment, and how somebody then does it. */
const workers: readonly [worker: string, begin: () => Promise<unknown>, end: () => Promise<unknown>][] = [
  [
    'exceptions',
    async () => {
      await world.stopped();
      await world.db.updateTable('exception').set({ due_at: world.clock.now() }).execute();
    },
    () => world.db.updateTable('exception').set({ due_at: far() }).where('state', '<>', 'resolved').execute(),
  ],
  [
    'handoffs',
    async () => {
      const { id } = await insertTicket(world.db, { now: world.clock.now() });
      await world.handoffs(id, 1);
      await world.db.updateTable('handoff').set({ due_at: world.clock.now() }).execute();
    },
    () => world.db.updateTable('handoff').set({ due_at: far() }).execute(),
  ],
  [
    'approvals',
    async () => {
      const { id } = await insertTicket(world.db, { now: world.clock.now() });
      await world.handoffs(id, 1);
      await world.db.updateTable('handoff').set({ state: 'awaiting_approval', due_at: far() }).execute();
      const asked = { by: 'team:triage', digest: 'a'.repeat(64), due_at: world.clock.now() };
      await world.db
        .insertInto('approval')
        .values({ ticket_id: id, handoff_seq: 1, state: 'waiting', ...asked } as never)
        .execute();
    },
    () => world.db.updateTable('approval').set({ due_at: far() }).execute(),
  ],
  [
    'polls',
    () =>
      world.db
        .insertInto('poll')
        .values({ source: 'form', cursor: 'null', due_at: world.clock.now() } as never)
        .execute(),
    () => world.db.updateTable('poll').set({ due_at: far() }).execute(),
  ],
  [
    'sweep handoffs',
    () =>
      world.db
        .insertInto('sweep')
        .values({ name: 'handoffs', ran_at: world.clock.now(), succeeded_at: world.clock.now(), error: null })
        .execute(),
    () =>
      world.db
        .updateTable('sweep')
        .set({ ran_at: world.clock.now(), succeeded_at: world.clock.now() })
        .execute(),
  ],
  [
    'detector lapse',
    () =>
      world.db
        .insertInto('detector')
        .values({
          name: 'lapse',
          due_at: world.clock.now(),
          ran_at: world.clock.now(),
          succeeded_at: world.clock.now(),
          error: null,
          state: null,
        })
        .execute(),
    () =>
      world.db
        .updateTable('detector')
        .set({ due_at: world.clock.now(), ran_at: world.clock.now(), succeeded_at: world.clock.now() })
        .where('name', '=', 'lapse')
        .execute(),
  ],
];

describe.each(workers)('%s', (worker, begin, end) => {
  test('that nobody does is told once, and over when somebody does it', async () => {
    await expectEpisode(world, {
      detector: workerDetector,
      key: `worker_silent/${worker}`,
      on: watcher,
      says: new RegExp(`^Nobody does the work of ${worker}: it has been due for 61 s$`),
      begin: async () => {
        await begin();
        world.clock.advance(silentMs + 1_000);
        await world.look(workerDetector);
        expect(await world.isOpen('worker_silent/'), 'one round is not enough').toBe(false);
      },
      end,
      because: 'It works again',
    });
  });

  test.each<[lateMs: number, told: boolean, reason: string]>([
    [silentMs, false, 'just as late as it may be'],
    [silentMs + 1, true, 'just over it'],
  ])('due for %i ms: %s, %s', async (lateMs, told) => {
    await begin();
    world.clock.advance(lateMs);
    await world.look(workerDetector);
    await world.look(workerDetector);
    expect(await world.isOpen(`worker_silent/${worker}`)).toBe(told);
  });
});

test('a backlog that is worked on is not left lying: its oldest is another at each round', async () => {
  await world.stopped();
  await world.db.updateTable('exception').set({ due_at: world.clock.now() }).execute();
  world.clock.advance(silentMs + 1);
  await world.look(workerDetector);
  await world.db
    .updateTable('exception')
    .set({ due_at: at(-silentMs - 500) })
    .execute();
  await world.look(workerDetector);
  expect(await world.isOpen('worker_silent/')).toBe(false);
});

test('an approval of what was cancelled is nobody’s work', async () => {
  const { id } = await insertTicket(world.db, { now: world.clock.now() });
  await world.handoffs(id, 1);
  const cancelled = { state: 'cancelled', settled_at: world.clock.now(), due_at: null } as const;
  await world.db.updateTable('handoff').set(cancelled).execute();
  await world.db
    .insertInto('approval')
    .values({
      ...{ ticket_id: id, handoff_seq: 1, state: 'waiting', by: 'team:triage', digest: 'a'.repeat(64) },
      due_at: world.clock.now(),
    } as never)
    .execute();
  world.clock.advance(silentMs + 1);
  await world.look(workerDetector);
  await world.look(workerDetector);
  expect(await world.isOpen('worker_silent/')).toBe(false);
});

test('a detector that has failed since its first round is told', async () => {
  const failed = { name: 'lapse', due_at: far(), succeeded_at: null, error: 'no', state: null };
  await world.db
    .insertInto('detector')
    .values({ ...failed, ran_at: world.clock.now() })
    .execute();
  await world.look(workerDetector);
  world.clock.advance(silentMs);
  await world.look(workerDetector);
  expect(await world.isOpen('worker_silent/detector lapse'), 'just as late as it may be').toBe(false);
  world.clock.advance(1);
  await world.look(workerDetector);
  expect(await world.isOpen('worker_silent/detector lapse')).toBe(true);
});

test.each<[waits: () => Promise<unknown>, reason: string]>([
  [() => destination({ state: 'paused', paused_by: 'person:dana' }), 'a person has paused it'],
  [() => destination({ state: 'recovering', held_until: far() }), 'it has asked to be left alone'],
  [
    async () => {
      const { id } = await insertTicket(world.db, { now: world.clock.now() });
      await world.handoffs(id, 1);
      const held = { state: 'attempting', due_at: far() } as const;
      await world.db.updateTable('handoff').set(held).where('ticket_id', '=', id).execute();
    },
    'it is at work on another',
  ],
  [
    async () =>
      world.edit((files) =>
        withTexts('signalbox.yaml', ['timeout: 2s }', 'timeout: 2s, rate: { requests: 1, per: 1m } }'])(
          pollsForm(files),
        ),
      ),
    'it takes one now and then',
  ],
])('a handoff that waits for its destination is not left lying: %#', async (waits) => {
  const { id } = await insertTicket(world.db, { now: world.clock.now() });
  await world.handoffs(id, 1);
  await world.db.updateTable('handoff').set({ due_at: world.clock.now() }).execute();
  await waits();
  world.clock.advance(silentMs + 1);
  await world.look(workerDetector);
  await world.look(workerDetector);
  expect(await world.isOpen('worker_silent/')).toBe(false);
});

async function destination(state: Partial<Insertable<DestinationTable>>) {
  const row = { key: 'tool', state: 'closed', reason: 'theirs', since: world.clock.now(), version: 1 };
  await world.db
    .insertInto('destination')
    .values({ ...row, probe_at: null, held_until: null, paused_by: null, ...state } as never)
    .execute();
}

test.each<[triedMs: number, told: boolean, reason: string]>([
  [86_400_000 - 1, true, 'tried within a day, and it does not succeed'],
  [86_400_000, false, 'nobody has tried it for a day: it is no more'],
])('a sweep that was last tried %i ms ago: %s, %s', async (triedMs, told) => {
  await world.db
    .insertInto('sweep')
    .values({ name: 'retired', ran_at: world.clock.now(), succeeded_at: at(-3_600_000), error: 'x' })
    .execute();
  world.clock.advance(triedMs);
  await world.look(workerDetector);
  await world.look(workerDetector);
  expect(await world.isOpen('worker_silent/sweep retired')).toBe(told);
});
