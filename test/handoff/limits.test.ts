import { expect, test } from 'vitest';
import { claimGroup } from '../../src/handoff/claiming/worker.ts';
import { createTokens } from '../../src/handoff/connectors/tokens.ts';
import { createGroup } from '../../src/handoff/group/worker.ts';
import type { AttemptOutcome } from '../../src/handoff/handoff.ts';
import { createLeases } from '../../src/handoff/lease/worker.ts';
import { healthy } from '../../src/handoff/pace/circuit.ts';
import { writeCircuit } from '../../src/handoff/pace/store.ts';
import { createPacer } from '../../src/handoff/pace/worker.ts';
import { settleGroup } from '../../src/handoff/settling/worker.ts';
import { limits } from '../../src/limits.ts';
import { evaluate } from '../../src/outcome/expressions.ts';
import { plusMs } from '../../src/platform/instant.ts';
import { changeTicket, lockTicket } from '../../src/ticket/store.ts';
import type { OAuth2 } from '../../src/workflow/project.ts';
import { draft, handoff, promise } from '../support/handoff.ts';
import { withLimits } from '../support/limits.ts';
import { clock, shell, start, useHandoffs } from './worker-setting.ts';

/** Bounds of the work on handoffs, each at its edge. */

useHandoffs();

const promised = () => promise(shell.db, [draft()], start);

test.each<[max: number, groups: number[], reason: string]>([
  [3, [3], 'as many as one commit takes'],
  [2, [2, 1], 'one more is in the next'],
])('three that are written at once, at most %i with one commit: %j, %s', async (handoffGroupMax, groups) => {
  withLimits({ handoffGroupMax });
  const sizes: number[] = [];
  const group = createGroup<string, string>(
    async (items) => {
      sizes.push(items.length);
      return items;
    },
    (item) => item,
  );
  expect(await Promise.all(['a', 'b', 'c'].map((item) => group.offer(item)))).toEqual(['a', 'b', 'c']);
  expect(sizes).toEqual(groups);
});

test.each<[max: number, most: number, reason: string]>([
  [1, 1, 'one commit after the other'],
  [2, 2, 'two at once, and not three'],
])('of three groups, at most %i commits under way: %i, %s', async (handoffGroupsInFlightMax, most) => {
  withLimits({ handoffGroupMax: 1, handoffGroupsInFlightMax });
  let underWay = 0;
  let seen = 0;
  const group = createGroup<string, string>(
    async (items) => {
      underWay += 1;
      seen = Math.max(seen, underWay);
      // Whatever else may begin does so by then.
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
      underWay -= 1;
      return items;
    },
    (item) => item,
  );
  await Promise.all(['a', 'b', 'c'].map((item) => group.offer(item)));
  expect(seen).toBe(most);
});

test.each<[rounds: number, kind: string, reason: string]>([
  [2, 'done', 'it is read again, and written behind what came first'],
  [1, 'closer', 'once more than it may be read'],
])('what moved once while it was worked on, in %i rounds: %s, %s', async (settleRounds, kind) => {
  withLimits({ settleRounds });
  const ticketId = await promised();
  const [claimed] = await claimGroup(shell, shell.db, [{ ticketId, handoffSeq: 1 }]);
  if (claimed?.kind !== 'attempt') throw new Error('it is claimed');
  await shell.db.transaction().execute(async (tx) => {
    const locked = await lockTicket(tx, ticketId);
    if (locked === null) throw new Error('no ticket');
    await changeTicket(tx, locked, { entries: [{ kind: 'noted', actor: 'person:dana', data: {} }] }, start);
  });
  const { row, ticket } = claimed;
  const outcome = { result: 'unknown', status: 500, detail: '', excerpt: null, retryAfter: null } as const;
  const next = { kind: 'retry', at: plusMs(start, 60_000), reasons: [] } as never;
  const worked = { row, ticket, attempt: { outcome, next, excused: false }, look: null };
  expect(await settleGroup(shell, shell.db, [worked])).toMatchObject([{ kind }]);
  expect((await handoff(shell, ticketId)).state).toBe(kind === 'done' ? 'ready' : 'attempting');
});

test('a lease is renewed in its rhythm for as long as the work takes', async () => {
  withLimits({ leaseRenewMs: 1 });
  const ticketId = await promised();
  const [claimed] = await claimGroup(shell, shell.db, [{ ticketId, handoffSeq: 1 }]);
  if (claimed?.kind !== 'attempt') throw new Error('it is claimed');
  const dueAt = async () => (await handoff(shell, ticketId)).due_at;
  expect(await dueAt()).toEqual(plusMs(start, limits.leaseMs));
  await createLeases(shell).under(claimed.row, async () => {
    for (let round = 0; round < 2; round += 1) {
      clock.advance(limits.leaseMs - 1);
      await expect.poll(dueAt, { interval: 5, timeout: 10_000 }).toEqual(plusMs(clock.now(), limits.leaseMs));
    }
  });
});

test.each<[refreshMs: number, room: number, reason: string]>([
  [0, 0, 'it is read again at once'],
  [60_000, limits.destinationConcurrency, 'what it read just before counts until then'],
])(
  'a node that reads circuits each %i ms gives %i room after another has paused: %s',
  async (refreshMs, room) => {
    const key = `paused-${refreshMs}`;
    const pacer = createPacer(shell);
    await pacer.refresh();
    const circuit = {
      ...healthy(start),
      state: 'paused',
      reason: 'theirs',
      pausedBy: 'person:dana',
    } as const;
    const act = { act: 'paused', actor: 'person:dana', reason: 'theirs' } as const;
    await writeCircuit(shell.db, key, 0, circuit, act, start);
    withLimits({ destinationRefreshMs: refreshMs });
    await pacer.refresh();
    expect(pacer.room(key, 0).room).toBe(room);
  },
);

const auth: OAuth2 = {
  scheme: 'oauth2',
  secret: { env: 'X' },
  tokenUrl: 'https://token.example/',
  clientId: 'me',
  scope: null,
  audience: null,
  clientAuth: 'basic',
};

/** Tokens by a clock, and how often one was fetched. */
function tokens(expiresIn: number | null) {
  let now = 0;
  let fetched = 0;
  const kept = createTokens(() => now);
  const ask = async (): Promise<AttemptOutcome> => {
    fetched += 1;
    const body = { access_token: `t${fetched}`, ...(expiresIn !== null && { expires_in: expiresIn }) };
    return { result: 'accepted', status: 200, detail: '', body, excerpt: null, retryAfter: null };
  };
  return {
    async fetchedAt(ms: number, destination = 'tool') {
      now = ms;
      await kept.take(destination, auth, 'secret', ask);
      return fetched;
    },
  };
}

const { tokenEarlyMs: early, tokenLifetimeMs: life } = limits;
test.each<[expiresIn: number | null, ms: number, fetched: number, reason: string]>([
  [3_600, 3_600_000 - early - 1, 1, 'it is good'],
  [3_600, 3_600_000 - early, 2, 'so long before its end it is fetched anew'],
  [null, life - early - 1, 1, 'one that says nothing of its life'],
  [null, life - early, 2, 'is taken to live so long'],
  [40, 19_999, 1, 'one that lives shorter than twice that'],
  [40, 20_000, 2, 'is fetched anew when half of it is over'],
])('a token for %s s, %i ms later, has been fetched %i times: %s', async (expiresIn, ms, fetched) => {
  const all = tokens(expiresIn);
  expect(await all.fetchedAt(0)).toBe(1);
  expect(await all.fetchedAt(ms)).toBe(fetched);
});

test.each<[max: number, fetched: number, reason: string]>([
  [2, 2, 'both are kept'],
  [1, 3, 'the one of before has made room'],
])('tokens of two destinations, %i kept: fetched %i times, %s', async (tokensMax, fetched) => {
  withLimits({ tokensMax });
  const all = tokens(3_600);
  await all.fetchedAt(0, 'one');
  await all.fetchedAt(0, 'two');
  expect(await all.fetchedAt(0, 'one')).toBe(fetched);
});

test('expressions beyond those that are kept compiled are compiled anew, and come to the same', () => {
  withLimits({ outcomeExpressionsKept: 1 });
  for (let round = 0; round < 2; round += 1) {
    expect([evaluate('1 + 1', {}), evaluate('result.a', { result: { a: 3 } })]).toEqual([2, 3]);
  }
});
