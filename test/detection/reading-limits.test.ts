import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { accountDetector } from '../../src/detection/account/worker.ts';
import { listDrift } from '../../src/detection/drift/store.ts';
import { sweepDrift } from '../../src/detection/drift/worker.ts';
import { findingKey } from '../../src/detection/finding/finding.ts';
import { openFindingsOf } from '../../src/detection/finding/store.ts';
import { openFinding } from '../../src/detection/finding/worker.ts';
import { createHeartbeat } from '../../src/detection/heartbeat/worker.ts';
import { idleClaims, ownedWork } from '../../src/detection/lapse/store.ts';
import { repeating } from '../../src/detection/rates/store.ts';
import { sweepDetection } from '../../src/detection/round/worker.ts';
import { countArrivals } from '../../src/detection/silence/store.ts';
import { stuckTickets } from '../../src/detection/stuck/store.ts';
import { stuckDetector } from '../../src/detection/stuck/worker.ts';
import { movedTickets } from '../../src/detection/thrash/store.ts';
import { limits } from '../../src/limits.ts';
import { firstTicketId, ticketId } from '../../src/platform/ids.ts';
import { plusMs } from '../../src/platform/instant.ts';
import { insertTickets } from '../../src/ticket/store.ts';
import { policy } from '../exceptions/setting.ts';
import { withLimits } from '../support/limits.ts';
import { insertTicket } from '../support/ticket.ts';
import { type Watched, watching } from '../support/watching.ts';

/** How much each detector reads at once, and how often: each bound at its edge. A handful stands for what is thousands. */

let world: Watched;
beforeEach(async () => {
  world = await watching();
});
afterEach(() => world.close());

const ticket = () => insertTicket(world.db, { now: world.clock.now() });

describe('of three, a round looks at', () => {
  const all = {
    async stuck() {
      return (await stuckTickets(world.db, plusMs(world.clock.now(), 1))).length;
    },
    async moved() {
      return (await movedTickets(world.db, plusMs(world.clock.now(), -1))).length;
    },
    async 'with idle claims'() {
      return (await idleClaims(world.db, plusMs(world.clock.now(), -1))).length;
    },
    async 'tickets by owner'() {
      return (await ownedWork(world.db)).find(({ ref }) => ref === 'team:growth')?.tickets;
    },
    async 'exceptions by owner'() {
      return (await ownedWork(world.db)).find(({ ref }) => ref === 'team:triage')?.exceptions;
    },
    async 'handoffs under way'() {
      return (await repeating(world.db))[0]?.under_way;
    },
    async arrivals() {
      const after = firstTicketId(plusMs(world.clock.now(), -1));
      const until = firstTicketId(plusMs(world.clock.now(), 1));
      return (await countArrivals(world.db, after, until))?.tickets;
    },
    async findings() {
      return (await openFindingsOf(world.db, ['worker_silent'])).length;
    },
  };
  const claims = [{ kind: 'claim_lapsed' }, { kind: 'claim_lapsed' }];
  const moves = [{ kind: 'replayed' }, { kind: 'replayed' }];
  test.each<[what: keyof typeof all, limit: keyof typeof limits, max: number, reason: string]>([
    ['stuck', 'detectTicketsMax', 3, 'all of them'],
    ['stuck', 'detectTicketsMax', 2, 'not one more'],
    ['moved', 'detectTicketsMax', 3, 'all of them'],
    ['moved', 'detectTicketsMax', 2, 'not one more'],
    ['with idle claims', 'detectTicketsMax', 3, 'all of them'],
    ['with idle claims', 'detectTicketsMax', 2, 'not one more'],
    ['tickets by owner', 'detectOwnedMax', 3, 'all of them'],
    ['tickets by owner', 'detectOwnedMax', 2, 'not one more'],
    ['exceptions by owner', 'detectOwnedMax', 3, 'all of them'],
    ['exceptions by owner', 'detectOwnedMax', 2, 'not one more'],
    ['handoffs under way', 'detectOwnedMax', 3, 'all of them'],
    ['handoffs under way', 'detectOwnedMax', 2, 'not one more'],
    ['arrivals', 'arrivalsMax', 3, 'all of them'],
    ['arrivals', 'arrivalsMax', 2, 'not one more'],
    ['findings', 'findingsOpenMax', 3, 'all of them'],
    ['findings', 'findingsOpenMax', 2, 'not one more'],
  ])('%s, with %s of %i: so many, %s', async (what, limit, max) => {
    for (let index = 0; index < 3; index += 1) {
      if (what === 'findings') {
        const key = findingKey('worker_silent', `${index}`);
        const finding = { mode: 'worker_silent', key, ticketId: null, source: null, policy } as const;
        await openFinding(world.shell, { ...finding, summary: 'x', detail: {} }, world.clock.now());
      } else if (what === 'exceptions by owner' || what === 'with idle claims') {
        const { ticketId: id } = await world.stopped();
        await world.note(id, claims);
      } else {
        const { id } = await ticket();
        if (what === 'moved') await world.note(id, moves);
        if (what === 'handoffs under way') await world.handoffs(id, 1);
      }
    }
    withLimits({ [limit]: max });
    expect(await all[what]()).toBe(max);
  });
});

test.each<[detector: typeof stuckDetector, everyMs: number, reason: string]>([
  [stuckDetector, limits.detectEveryMs, 'most'],
  [accountDetector, limits.detectSlowEveryMs, 'what adds up hours'],
])('a detector does its round again after its time, and not before: %#', async (detector, everyMs) => {
  const looked = async () => {
    const query = world.db.selectFrom('detector').select('due_at').where('name', '=', detector.name);
    return (await query.executeTakeFirstOrThrow()).due_at.getTime();
  };
  const sweep = () => sweepDetection(world.shell, [detector], world.clock.now());
  await sweep();
  // The first rounds of the account go through a week at once.
  while ((await looked()) <= world.clock.now().getTime()) await sweep();
  const began = world.clock.now().getTime();
  expect(await looked()).toBe(began + everyMs);
  world.clock.advance(everyMs - 1);
  await sweep();
  expect(await looked(), 'a moment before').toBe(began + everyMs);
  world.clock.advance(1);
  await sweep();
  expect(await looked(), 'with it').toBeGreaterThan(began + everyMs);
});

test('a clock that is set back keeps no detector from its rounds', async () => {
  const looked = async () => {
    const query = world.db.selectFrom('detector').select('ran_at').where('name', '=', stuckDetector.name);
    return (await query.executeTakeFirstOrThrow()).ran_at;
  };
  await sweepDetection(world.shell, [stuckDetector], world.clock.now());
  world.clock.advance(-3_600_000);
  await sweepDetection(world.shell, [stuckDetector], world.clock.now());
  expect(await looked()).toEqual(world.clock.now());
});

test('a heartbeat that is not taken in time has failed', async () => {
  const server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ping`;
  withLimits({ heartbeatMs: 20 });
  const shell = {
    ...world.shell,
    project: () => ({ ...world.shell.project(), heartbeat: { url, everyMs: 60_000, allowPrivate: true } }),
  };
  const heartbeat = createHeartbeat(shell, async () => null);
  expect(await heartbeat.beat(world.clock.now())).toBe(0);
  expect(heartbeat.trouble()).toContain('did not take it');
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe('drift', () => {
  const lead = { lead_id: 'L-1', name: 'Noor', project_type: 'web', budget: 5000 };

  /** Tickets that came at a time with these payloads. */
  async function came(payloads: readonly object[], agoMs = limits.driftSettleMs + 1): Promise<void> {
    const at = plusMs(world.clock.now(), -agoMs);
    const like = await insertTicket(world.db, { now: plusMs(at, -limits.driftHistoryMs) });
    const made = payloads.map((payload) => ({
      id: ticketId(at, 'form', '', randomBytes(8)),
      body: Buffer.from(JSON.stringify(payload)),
    }));
    const about = { revision: 1, content_type: 'application/json', headers: '{}' };
    const digest = { salt: randomBytes(16), digest: randomBytes(32) };
    await world.db.transaction().execute((tx) =>
      insertTickets(
        tx,
        made.map(({ id }) => ({ ...like, id, fields: '{}' })),
        made.map(({ id, body }) => ({ ticket_id: id, ...about, body, ...digest })),
      ),
    );
  }
  const read = () => sweepDrift(world.shell, world.clock.now());
  /** How many payloads have been looked at, by kind. */
  async function seen(): Promise<Record<string, number>> {
    const rows = await world.db.selectFrom('payload_shape').select(['kind', 'recent', 'younger']).execute();
    return Object.fromEntries(
      rows.map(({ kind, recent, younger }) => [
        kind,
        ((recent ?? younger) as { samples?: number } | null)?.samples ?? 0,
      ]),
    );
  }
  const total = async () => Object.values(await seen()).reduce((sum, count) => sum + count, 0);
  const many = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ ...lead, lead_id: `L-${index}` }));

  test.each<[agoMs: number, looked: number, reason: string]>([
    [limits.driftHistoryMs, 1, 'as far as the first reading goes back'],
    [limits.driftHistoryMs + 1, 0, 'further than that'],
  ])('what came %i ms before the first reading is looked at: %i, %s', async (agoMs, looked) => {
    await came([lead], agoMs);
    await read();
    expect(await total()).toBe(looked);
  });

  test.each<[limit: 'driftTicketsMax' | 'driftPayloadsMax', max: number, looked: number, reason: string]>([
    ['driftTicketsMax', 3, 3, 'as many tickets as a reading passes'],
    ['driftTicketsMax', 2, 2, 'the third is passed by the next one'],
    ['driftPayloadsMax', 3, 3, 'as many payloads as it looks at'],
    ['driftPayloadsMax', 2, 2, 'spread over all, and no more'],
  ])('of three tickets with %s of %i: %i, %s', async (limit, max, looked) => {
    await came(many(3));
    withLimits({ [limit]: max });
    await read();
    expect(await total()).toBe(looked);
    await read();
    expect(await total(), 'and the rest at once').toBe(limit === 'driftTicketsMax' ? 3 : looked);
  });

  test.each<[bytes: number, looked: number, reason: string]>([
    [0, 1, 'as large as one that is looked at may be'],
    [1, 0, 'a byte larger'],
  ])('a payload that has %i bytes more than may be is looked at: %i, %s', async (bytes, looked) => {
    await came([lead]);
    withLimits({ driftBodyBytesMax: Buffer.byteLength(JSON.stringify(lead)) - bytes });
    await read();
    expect(await total()).toBe(looked);
  });

  test.each<[max: number, kinds: Record<string, number>, reason: string]>([
    [3, { a: 1, b: 1, c: 1 }, 'each is told apart'],
    [2, { a: 1, b: 1, '': 1 }, 'one more is of the rest, in the same reading too'],
  ])('of three kinds with room for %i: %j, %s', async (driftKindsMax, kinds) => {
    await came([{ ...lead, type: 'a' }]);
    await read();
    world.clock.advance(limits.driftEveryMs);
    withLimits({ driftKindsMax });
    await came([{ ...lead, type: 'b' }]);
    world.clock.advance(limits.driftEveryMs);
    await came([{ ...lead, type: 'c' }]);
    world.clock.advance(limits.driftEveryMs);
    await read();
    expect(await seen()).toEqual(kinds);
  });

  test.each<[max: number, open: number, reason: string]>([
    [2, 2, 'both are told'],
    [1, 1, 'what is more shows when this is settled'],
  ])('two changes, of which %i may be open: %i, %s', async (driftOpenMax, open) => {
    withLimits({ driftOpenMax });
    const reading = async (payload: object) => {
      await came(Array.from({ length: limits.driftKindPayloadsMax }, () => payload));
      world.clock.advance(limits.driftEveryMs);
      await read();
    };
    for (let round = 0; round < 10; round += 1) await reading(lead);
    for (let round = 0; round < 6; round += 1) await reading({ ...lead, utm: 'x', gclid: 'y' });
    expect(await listDrift(world.db, { state: 'open' }, 50)).toHaveLength(open);
  });
});
