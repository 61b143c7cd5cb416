import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silenceDetector } from '../../src/detection/silence/worker.ts';
import { limits } from '../../src/limits.ts';
import { plusMs } from '../../src/platform/instant.ts';
import { insertTicket } from '../support/ticket.ts';
import { expectEpisode, ofWorkflow, type Watched, watching, withTexts } from '../support/watching.ts';

/** A source that says nothing. The edges of what a learned silence is: src/detection/silence/silence.test.ts. */

const hourMs = 3_600_000;
const expecting = (expect: string) =>
  withTexts('workflows/leads.yaml', ['ticket:\n', `  expect: ${expect}\nticket:\n`]);
const key = 'source_silent/form';
const again = 'The source has spoken again, or need not';

let world: Watched;
afterEach(() => world.close());

/** A ticket of the form that is old enough to be counted. */
async function speak(): Promise<void> {
  await insertTicket(world.db, { now: world.clock.now() });
  world.clock.advance(limits.driftSettleMs + 1);
}

describe('a fixed time', () => {
  beforeEach(async () => {
    world = await watching(expecting('{ every: 4h }'));
  });

  test('a source that stays silent is told once, and over when it speaks', async () => {
    await speak();
    await expectEpisode(world, {
      detector: silenceDetector,
      key,
      on: ofWorkflow,
      says: /^form has been silent for 6 h; it is expected to speak every 4h$/,
      begin: () => world.clock.advance(6 * hourMs),
      end: speak,
      because: again,
    });
  });

  test('one that need not speak any more is over, too', async () => {
    await speak();
    await expectEpisode(world, {
      detector: silenceDetector,
      key,
      on: ofWorkflow,
      says: /silent/,
      begin: () => world.clock.advance(6 * hourMs),
      end: () => world.edit((files) => files),
      because: again,
    });
  });

  test.each<[ms: number, told: boolean, reason: string]>([
    [4 * hourMs - 1, false, 'just under'],
    [4 * hourMs, false, 'just as long as is expected'],
    [4 * hourMs + 1, true, 'just over'],
  ])('silent for %i ms since it is watched, never having spoken: %s, %s', async (ms, told) => {
    await world.look(silenceDetector);
    world.clock.advance(ms);
    await world.look(silenceDetector);
    expect(await world.isOpen(key)).toBe(told);
  });
});

test('what has just come is no silence, though it is not counted yet', async () => {
  world = await watching(expecting('{ every: 1m }'));
  await speak();
  await world.look(silenceDetector);
  world.clock.advance(35_000);
  await insertTicket(world.db, { now: world.clock.now() });
  world.clock.advance(limits.driftSettleMs - 1);
  await world.look(silenceDetector);
  expect(await world.isOpen(key)).toBe(false);
});

describe('learned', () => {
  beforeEach(async () => {
    world = await watching(expecting('{ false_alarm_every: 30d }'));
  });

  /** Ten an hour in the hours that have ended, each to its end. */
  async function learned(hours: number): Promise<void> {
    const end = Math.floor(world.clock.now().getTime() / hourMs) * hourMs;
    const rows = Array.from({ length: hours }, (_, index) => {
      const hour = new Date(end - (hours - index) * hourMs);
      return { source: 'form', hour, tickets: 10, last_at: plusMs(hour, hourMs - 1) };
    });
    await world.db.insertInto('arrival').values(rows).execute();
  }

  test('a silence that its own week does not explain is told once, and over when it speaks', async () => {
    await learned(8 * 168);
    await expectEpisode(world, {
      detector: silenceDetector,
      key,
      on: ofWorkflow,
      says: /^form has been silent for 2 h; 23\.\d triggers are usual in that time/,
      begin: () => world.clock.advance(2 * hourMs),
      end: speak,
      because: again,
    });
  });

  test('a silence is not over because it lasts', async () => {
    await learned(8 * 168);
    world.clock.advance(2 * hourMs);
    await world.look(silenceDetector);
    world.clock.advance(9 * 7 * 86_400_000);
    await world.look(silenceDetector);
    expect(await world.found(key)).toMatchObject([{ state: 'open', closed_at: null }]);
  });

  test.each<[hours: number, told: boolean, reason: string]>([
    [168, false, 'the hour of the last trigger is not learned from: an hour less than a week'],
    [169, true, 'just a week'],
  ])('where %i hours are known: %s, %s', async (hours, told) => {
    await learned(hours);
    world.clock.advance(2 * 86_400_000);
    await world.look(silenceDetector);
    expect(await world.isOpen(key)).toBe(told);
  });
});

test('a backlog is counted before anybody is called silent', async () => {
  world = await watching(expecting('{ every: 4h }'));
  await speak();
  await world.look(silenceDetector);
  expect(await world.db.selectFrom('arrival').select(['source', 'tickets']).execute()).toEqual([
    { source: 'form', tickets: 1 },
  ]);
  await world.look(silenceDetector);
  expect(await world.db.selectFrom('arrival').select('tickets').execute(), 'counted once').toEqual([
    { tickets: 1 },
  ]);
});
