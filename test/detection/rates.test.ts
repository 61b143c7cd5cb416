import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { errorRateDetector, retryStormDetector } from '../../src/detection/rates/worker.ts';
import { limits } from '../../src/limits.ts';
import { plusMs } from '../../src/platform/instant.ts';
import { insertTicket } from '../support/ticket.ts';
import { expectEpisode, ofWorkflow, type Watched, watcher, watching } from '../support/watching.ts';

/** Retry storms and jumps of the error rate. The edges of what is a jump: src/detection/rates/rates.test.ts. */

let world: Watched;
beforeEach(async () => {
  world = await watching();
});
afterEach(() => world.close());

/** Handoffs of the tool under way, of which so many have failed so often; those before are settled. */
async function underWay(failing: number, of: number, attempts: number): Promise<void> {
  const { id } = await insertTicket(world.db, { now: world.clock.now() });
  await world.db
    .updateTable('handoff')
    .set({ state: 'failed', settled_at: world.clock.now(), due_at: null })
    .where('settled_at', 'is', null)
    .execute();
  await world.handoffs(id, failing, { attempts });
  await world.handoffs(id, of - failing, { from: failing + 1 });
}

const storm = 'retry_storm/tool';
const { stormHandoffsMin: least, stormAttemptsMin: often, stormPart: part } = limits;

test('a retry storm is told once, and over when the destination takes what it is given', async () => {
  await expectEpisode(world, {
    detector: retryStormDetector,
    key: storm,
    on: watcher,
    says: /^30 of 40 handoffs to tool have failed 3 times or more and are tried again$/,
    begin: () => underWay(30, 40, often),
    end: () => underWay(0, 40, often),
    because: 'The destination takes what it is given again',
  });
});

describe('what a retry storm is', () => {
  test.each<[failing: number, of: number, attempts: number, told: boolean, reason: string]>([
    [least - 1, least - 1, often, false, 'one too few'],
    [least, least, often, true, 'just enough'],
    [least, least / part, often, true, 'just half of all'],
    [least, least / part + 1, often, false, 'just under half'],
    [least, least, often - 1, false, 'each tried once less'],
  ])('%i of %i handoffs with %i attempts: %s, %s', async (failing, of, attempts, told) => {
    await underWay(failing, of, attempts);
    await world.look(retryStormDetector);
    expect(await world.isOpen(storm)).toBe(told);
  });
});

describe('when a told one is over: at half of it', () => {
  test.each<[failing: number, of: number, told: boolean, reason: string]>([
    [least / 2, least / 2, true, 'half as many are still one'],
    [least / 2 - 1, least / 2 - 1, false, 'one less is none'],
    [least / 2, least * 2, true, 'a quarter of all is still one'],
    [least / 2, least * 2 + 1, false, 'just under a quarter is none'],
  ])('%i of %i: %s, %s', async (failing, of, told) => {
    await underWay(least, least, often);
    await world.look(retryStormDetector);
    await underWay(failing, of, often);
    await world.look(retryStormDetector);
    expect(await world.isOpen(storm)).toBe(told);
  });
});

/** Tickets of the ten minutes that the next look is about, of which so many were stopped. */
async function window(stopped: number, of: number): Promise<void> {
  world.clock.advance(limits.rateWindowMs);
  const at = plusMs(world.clock.now(), -limits.driftSettleMs - 60_000);
  for (let index = 0; index < of; index += 1) {
    if (index < stopped) await world.stopped('check_failed', at);
    else await insertTicket(world.db, { now: at, state: 'done' });
  }
}

const jump = 'error_rate/leads';

test('a jump of the error rate is told once, names what stops them, and is over with the next window as usual', async () => {
  await window(1, 120);
  await expectEpisode(world, {
    detector: errorRateDetector,
    key: jump,
    on: ofWorkflow,
    says: /^10 of the last 20 tickets of leads were stopped; 0\.8 % are usual$/,
    begin: () => window(10, 20),
    end: async () => {
      const [told] = await world.found(jump);
      expect(told?.detail).toMatchObject({ failed: 10, of: 20, modes: { check_failed: 10 } });
      await window(0, 20);
    },
    because: 'It fails no more than is usual',
  });
});

test('a told jump is not over, nor becomes usual, where few tickets come and most of them fail', async () => {
  await window(0, 100);
  await world.look(errorRateDetector);
  await window(10, 20);
  await world.look(errorRateDetector);
  for (let round = 0; round < 2; round += 1) {
    await window(8, 10);
    await world.look(errorRateDetector);
  }
  await window(10, 20);
  await world.look(errorRateDetector);
  expect(await world.found(jump)).toMatchObject([{ state: 'open', closed_at: null }]);
});

describe('what a jump is, where a hundred went well before', () => {
  const { rateTicketsMin, rateFailuresMin } = limits;
  test.each<[stopped: number, of: number, told: boolean, reason: string]>([
    [rateFailuresMin - 1, rateTicketsMin, false, 'one failure too few'],
    [rateFailuresMin, rateTicketsMin - 1, false, 'one ticket too few'],
    [rateFailuresMin + 1, rateTicketsMin, true, 'enough, and not by chance'],
  ])('%i of %i: %s, %s', async (stopped, of, told) => {
    await window(0, 100);
    await world.look(errorRateDetector);
    await window(stopped, of);
    await world.look(errorRateDetector);
    expect(await world.isOpen(jump)).toBe(told);
  });

  test('findings are no failures of the tickets that came', async () => {
    await window(0, 100);
    await world.look(errorRateDetector);
    world.clock.advance(limits.rateWindowMs);
    const at = plusMs(world.clock.now(), -limits.driftSettleMs - 60_000);
    for (let index = 0; index < 20; index += 1) await world.stopped('stuck', at);
    await world.look(errorRateDetector);
    expect(await world.isOpen(jump)).toBe(false);
  });
});
