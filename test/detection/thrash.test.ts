import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { thrashDetector } from '../../src/detection/thrash/worker.ts';
import { limits } from '../../src/limits.ts';
import { withLimits } from '../support/limits.ts';
import { insertTicket } from '../support/ticket.ts';
import { expectEpisode, ofWorkflow, type Watched, watching } from '../support/watching.ts';

/** Tickets that go back and forth. The edges of what a thrash is: src/detection/thrash/thrash.test.ts. */

let world: Watched;
beforeEach(async () => {
  world = await watching();
});
afterEach(() => world.close());

/** Where a ticket has been put, a minute apart: by routing with a confidence, or by a person where that is null. */
async function put(id: string, places: readonly [to: string, confidence: number | null][]): Promise<void> {
  for (const [to, confidence] of places) {
    world.clock.advance(60_000);
    await world.note(
      id,
      confidence === null
        ? [{ kind: 'ownership_transferred', data: { to } }]
        : [{ kind: 'replayed' }, { kind: 'decided', data: { route: to, confidence } }],
    );
  }
}

const [web, growth] = ['team:web', 'team:growth'];
const stayed = 'The ticket is settled, or has stayed where it is';

describe.each<[says: RegExp, places: [string, number | null][], reason: string]>([
  [
    /^It went from team:web to team:growth and back within 24 h$/,
    [
      [web, 1],
      [growth, 1],
      [web, 1],
    ],
    'A→B→A',
  ],
  [
    /^It went from team:web to person:dana and back/,
    [
      [web, 1],
      ['person:dana', null],
      [web, null],
    ],
    'also by the hands of people',
  ],
  [
    /^It was reassigned 5 times/,
    ['a', 'b', 'c', 'd', 'e', 'f'].map((to): [string, number] => [`team:${to}`, 1]),
    'more often than the bound',
  ],
  [
    /^Its confidence went over and under the threshold of 0\.8 3 times/,
    [
      [web, 0.9],
      [web, 0.7],
      [web, 0.9],
      [web, 0.7],
    ],
    'confidence that swings',
  ],
])('%s', (says, places) => {
  test('is told once, and over when the ticket has stayed where it is', async () => {
    const { id } = await insertTicket(world.db, { now: world.clock.now() });
    await expectEpisode(world, {
      detector: thrashDetector,
      key: `routing_thrash/${id}`,
      on: ofWorkflow,
      says,
      begin: () => put(id, places),
      end: () => world.clock.advance(limits.thrashWindowMs),
      because: stayed,
    });
  });
});

test('is not over because others are moved after it', async () => {
  const { id } = await insertTicket(world.db, { now: world.clock.now() });
  const thrash: [string, number][] = [
    [web, 1],
    [growth, 1],
    [web, 1],
  ];
  await put(id, thrash);
  await world.look(thrashDetector);
  const other = await insertTicket(world.db, { now: world.clock.now() });
  await put(other.id, thrash);
  withLimits({ detectTicketsMax: 1 });
  await world.look(thrashDetector);
  for (const each of [id, other.id]) expect(await world.isOpen(`routing_thrash/${each}`)).toBe(true);
});

test('is over when the ticket is settled', async () => {
  const { id } = await insertTicket(world.db, { now: world.clock.now() });
  await expectEpisode(world, {
    detector: thrashDetector,
    key: `routing_thrash/${id}`,
    on: ofWorkflow,
    says: /and back/,
    begin: () =>
      put(id, [
        [web, 1],
        [growth, 1],
        [web, 1],
      ]),
    end: () => world.note(id, [{ kind: 'done' }], 'done'),
    because: stayed,
  });
});

test.each<[places: [string, number | null][], told: boolean, reason: string]>([
  [
    [
      [web, 1],
      [growth, 1],
    ],
    false,
    'one move is none',
  ],
  [
    ['a', 'b', 'c', 'd', 'e'].map((to): [string, number] => [`team:${to}`, 1]),
    false,
    `${limits.thrashPlacementsMax} moves are the bound`,
  ],
  [
    [
      [web, 0.9],
      [web, 0.7],
      [web, 0.9],
    ],
    false,
    `one crossing fewer than ${limits.thrashCrossingsMax}`,
  ],
  [
    [
      [web, 0.8],
      [web, 0.7],
      [web, 0.8],
      [web, 0.7],
    ],
    true,
    'the threshold itself is over it',
  ],
])('put to %j: %s, %s', async (places, told) => {
  const { id } = await insertTicket(world.db, { now: world.clock.now() });
  await put(id, places);
  await world.look(thrashDetector);
  expect(await world.isOpen(`routing_thrash/${id}`)).toBe(told);
});
