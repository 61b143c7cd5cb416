import { afterEach, beforeEach, expect, test } from 'vitest';
import { partialSyncs } from '../../src/detection/sync/store.ts';
import { syncDetector } from '../../src/detection/sync/worker.ts';
import { limits } from '../../src/limits.ts';
import { plusMs } from '../../src/platform/instant.ts';
import { withLimits } from '../support/limits.ts';
import { insertTicket } from '../support/ticket.ts';
import { expectEpisode, type Watched, watcher, watching } from '../support/watching.ts';

/** A field that a destination does not store as it is sent. One that changes later: test/detection/read-again.test.ts. */

let world: Watched;
beforeEach(async () => {
  world = await watching();
});
afterEach(() => world.close());

/** Outcomes of so many tickets, `each` of one, that did not find a field as it was sent. */
async function contradicted(tickets: number, each = 1, field: string | null = 'type'): Promise<void> {
  for (let index = 0; index < tickets; index += 1) {
    const { id } = await insertTicket(world.db, { now: world.clock.now() });
    await world.handoffs(id, each);
    await world.db
      .insertInto('outcome')
      .values(
        Array.from({ length: each }, (_, seq) => ({
          ticket_id: id,
          handoff_seq: seq + 1,
          state: 'contradicted' as const,
          compared: JSON.stringify([
            { field: 'name', equal: true },
            { field, equal: false },
          ]),
          decided_at: world.clock.now(),
          decided_by: 'signalbox',
        })),
      )
      .execute();
  }
}

const key = 'sync_stale/field/tool/type';

test('a field that is dropped again and again is told once, and over when none was for a week', async () => {
  await expectEpisode(world, {
    detector: syncDetector,
    key,
    on: watcher,
    says: /^tool has not stored the field type as it was sent 3 times within 7 d$/,
    begin: () => contradicted(limits.syncContradictedMin),
    end: () => world.clock.advance(limits.syncWindowMs),
    because: 'The field has been stored as it was sent for a week',
  });
});

test.each<[tickets: number, each: number, ageMs: number, told: boolean, reason: string]>([
  [limits.syncContradictedMin - 1, 1, 0, false, 'one too few'],
  [limits.syncContradictedMin, 1, 0, true, 'just enough'],
  [1, limits.syncContradictedMin, 0, false, 'as often, but of one ticket'],
  [limits.syncContradictedMin, 1, limits.syncWindowMs - 1, true, 'just within the week'],
  [limits.syncContradictedMin, 1, limits.syncWindowMs, false, 'just a week ago'],
])('%i tickets with %i each, %i ms ago: %s, %s', async (tickets, each, ageMs, told) => {
  await contradicted(tickets, each);
  world.clock.advance(ageMs);
  await world.look(syncDetector);
  expect(await world.isOpen(key)).toBe(told);
});

test('is not over because other fields are dropped after it', async () => {
  await contradicted(limits.syncContradictedMin);
  world.clock.advance(1);
  await contradicted(limits.syncContradictedMin, 1, 'owner');
  withLimits({ detectTicketsMax: limits.syncContradictedMin });
  await world.look(syncDetector);
  expect((await world.found('sync_stale/')).map((found) => found.key).sort()).toEqual([
    'sync_stale/field/tool/owner',
    key,
  ]);
});

test('when it last happened is known, so that what a person has mended is not told again', async () => {
  await contradicted(limits.syncContradictedMin - 1);
  world.clock.advance(60_000);
  await contradicted(1);
  const [partial] = await partialSyncs(world.db, plusMs(world.clock.now(), -limits.syncWindowMs));
  expect(partial).toMatchObject({ times: limits.syncContradictedMin, last_at: world.clock.now() });
});

test('what no field says is no partial sync', async () => {
  await contradicted(limits.syncContradictedMin, 1, null);
  await world.look(syncDetector);
  expect(await world.found('sync_stale/')).toEqual([]);
});
