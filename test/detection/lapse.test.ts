import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lapseDetector } from '../../src/detection/lapse/worker.ts';
import type { Effects } from '../../src/exceptions/worker.ts';
import { actOnException, sweepExceptions } from '../../src/exceptions/worker.ts';
import { limits } from '../../src/limits.ts';
import { withLimits } from '../support/limits.ts';
import { insertTicket } from '../support/ticket.ts';
import {
  expectEpisode,
  ofWorkflow,
  type Watched,
  watcher,
  watching,
  withTexts,
} from '../support/watching.ts';

/** Work whose owner cannot answer for it. The edges of who can be reached: src/detection/lapse/lapse.test.ts. */

const people = 'people:\n';
const lena = (rest: string) =>
  withTexts('signalbox.yaml', [people, `people:\n  lena: { name: Lena Ito${rest} }\n`]);
const here = lena(', email: lena@example.com');

let world: Watched;
beforeEach(async () => {
  world = await watching(here);
});
afterEach(() => world.close());

async function lenasTicket() {
  const ticket = await insertTicket(world.db, { now: world.clock.now() });
  await world.db.updateTable('ticket').set({ owner: 'person:lena' }).where('id', '=', ticket.id).execute();
  return ticket;
}

const back = 'There is an owner again who can answer for it';

test.each<[says: RegExp, begin: () => void, end: () => void, reason: string]>([
  [
    /^person:lena is no longer in the project; 1 open tickets and 0 exceptions are theirs$/,
    () => world.edit((files) => files),
    () => world.edit(here),
    'gone from signalbox.yaml, and back',
  ],
  [
    /^person:lena has no way to be reached/,
    () => world.edit(lena('')),
    () => world.edit(here),
    'without an address, and with one',
  ],
  [
    /^person:lena is away until 2026-03-03, and nobody covers for them/,
    () => world.edit(lena(', email: lena@example.com, away: [{ from: "2026-03-02", until: "2026-03-03" }]')),
    () => world.clock.advance(38 * 3_600_000),
    'on leave without cover, until the day after',
  ],
  [
    /^person:lena is away/,
    () => world.edit(lena(', email: lena@example.com, away: [{ from: "2026-03-02", until: "2026-03-03" }]')),
    () =>
      world.edit(
        lena(
          ', email: lena@example.com, away: [{ from: "2026-03-02", until: "2026-03-03", cover: person:omar }]',
        ),
      ),
    'on leave, and then somebody covers',
  ],
])('%s (%#)', async (says, begin, end) => {
  await lenasTicket();
  const key = 'ownership_lapse/person:lena';
  await expectEpisode(world, { detector: lapseDetector, key, on: watcher, says, begin, end, because: back });
});

test('it is over too when none of the work is open any more', async () => {
  const ticket = await lenasTicket();
  await expectEpisode(world, {
    detector: lapseDetector,
    key: 'ownership_lapse/person:lena',
    on: watcher,
    says: /no longer in the project/,
    begin: () => world.edit((files) => files),
    end: () => world.note(ticket.id, [{ kind: 'done' }], 'done'),
    because: back,
  });
});

test('what tells of it is no work that keeps it open', async () => {
  const ticket = await lenasTicket();
  const onLena = withTexts('signalbox.yaml', [
    'detection: { owner: team:growth, alternate: person:dana',
    'detection: { owner: person:lena, alternate: person:dana',
  ]);
  world.edit((files) => onLena(lena('')(files)));
  await world.look(lapseDetector);
  expect(await world.isOpen('ownership_lapse/person:lena')).toBe(true);
  await world.note(ticket.id, [{ kind: 'done' }], 'done');
  await world.look(lapseDetector);
  expect(await world.found('ownership_lapse/person:lena')).toMatchObject([{ resolution: 'over' }]);
});

const none = () => Promise.reject(new Error('nothing is done'));
const effects: Effects = {
  redecide: none,
  retryHandoff: none,
  confirmHandoff: none,
  cancelHandoffs: none,
};

async function claimAndLetLie(key: { ticketId: string; seq: number }): Promise<void> {
  await actOnException({ shell: world.shell, effects }, key, { act: 'claim' }, 'person:omar');
  world.clock.advance(3_600_000);
  await sweepExceptions({ shell: world.shell }, world.clock.now());
}

test('a claim that lapses twice without any work is told, and over after a day without another', async () => {
  const key = await world.stopped();
  await claimAndLetLie(key);
  await expectEpisode(world, {
    detector: lapseDetector,
    key: `ownership_lapse/claim/${key.ticketId}`,
    on: ofWorkflow,
    says: /^2 claims of its exceptions have lapsed without any work on them$/,
    begin: () => claimAndLetLie(key),
    end: () => world.clock.advance(limits.thrashWindowMs),
    because: back,
  });
});

test('it is not over because others lapse after it', async () => {
  const ids: string[] = [];
  for (let index = 0; index < 2; index += 1) {
    const { ticketId } = await world.stopped();
    await world.note(ticketId, [{ kind: 'claim_lapsed' }, { kind: 'claim_lapsed' }]);
    withLimits({ detectTicketsMax: 1 });
    await world.look(lapseDetector);
    world.clock.advance(1);
    ids.push(ticketId);
  }
  for (const id of ids) expect(await world.isOpen(`ownership_lapse/claim/${id}`)).toBe(true);
});

describe('how many lapsed claims are told', () => {
  test.each<[agesMs: number[], told: boolean, reason: string]>([
    [[0], false, `one may happen; ${limits.lapsedClaimsMax} are told`],
    [[0, 60_000], true, 'twice is told'],
    [[0, 60_000, 120_000], true, 'and more often, too'],
    [[0, limits.thrashWindowMs], false, 'the first just left the time looked at'],
    [[0, limits.thrashWindowMs - 1], true, 'the first is just within it'],
  ])('lapsed %j ms ago: %s, %s', async (agesMs, told) => {
    const { ticketId } = await world.stopped();
    let before = Math.max(...agesMs);
    for (const age of [...agesMs].sort((a, b) => b - a)) {
      world.clock.advance(before - age);
      before = age;
      await world.note(ticketId, [{ kind: 'claim_lapsed' }]);
    }
    await world.look(lapseDetector);
    expect(await world.isOpen(`ownership_lapse/claim/${ticketId}`)).toBe(told);
  });
});
