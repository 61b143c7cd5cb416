import { once } from 'node:events';
import { connect as connectTo, type Socket } from 'node:net';
import Fastify from 'fastify';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { intakeRoutes, intakeServerOptions } from '../../src/intake/http.ts';
import { createIntake, type Intake } from '../../src/intake/worker.ts';
import { limits } from '../../src/limits.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { withLimits } from '../support/limits.ts';
import { leadAt } from '../support/reconcile-project.ts';
import { type ReconcilingNodes, reconcilingNodes } from '../support/reconciling-nodes.ts';

/** Bounds of the intake queue and its groups, each at its edge, on a real database. */

let database: TestDatabase;
let nodes: ReconcilingNodes;
let intake: Intake;
beforeEach(async () => {
  database = await testDatabase();
  nodes = await reconcilingNodes(undefined, database);
});
afterEach(async () => {
  await intake.stop();
  await nodes.close();
});

/** Submits leads in one turn of the event loop. */
async function submitted(...ids: string[]): Promise<string[]> {
  const all = ids.map((id) => {
    const body = Buffer.from(JSON.stringify(leadAt(id, nodes.clock.now())));
    return intake.submit([{ source: 'form', contentType: 'application/json', headers: {}, body }]);
  });
  return (await Promise.all(all)).flatMap((each) => each.map(({ kind }) => kind));
}

/** How many tickets each commit has written. */
async function commits(): Promise<number[]> {
  const { rows } = await nodes.database.pool.query<{ count: number }>(
    'select count(*)::int as count from ticket group by xmin::text order by min(id::text)',
  );
  return rows.map(({ count }) => count).sort((a, b) => b - a);
}

test.each<[max: number, busy: number, reason: string]>([
  [3, 0, 'a source may hold as much as is left free'],
  [2, 1, 'its next is told to come again'],
])('of two that come at once with room for %i, %i are refused: %s', async (intakeQueueMax, busy) => {
  withLimits({ intakeQueueMax });
  intake = createIntake(nodes.shell);
  const kinds = await submitted('a', 'b');
  expect(kinds.filter((kind) => kind === 'busy')).toHaveLength(busy);
  expect(await commits()).toEqual([2 - busy]);
});

const bytes = (lead: string) => Buffer.byteLength(JSON.stringify(leadAt(lead, nodes.clock.now())));

test.each<[spare: number, busy: number, reason: string]>([
  [0, 0, 'as many bytes as are left free'],
  [-1, 1, 'one byte less'],
])(
  'of two that come at once, with %i bytes more than room for three, %i are refused: %s',
  async (spare, busy) => {
    withLimits({ intakeQueueBytesMax: 3 * bytes('a') + spare });
    intake = createIntake(nodes.shell);
    const kinds = await submitted('a', 'b');
    expect(kinds.filter((kind) => kind === 'busy')).toHaveLength(busy);
  },
);

test.each<[spare: number, groups: number[], reason: string]>([
  [0, [3], 'as many bytes as one commit writes'],
  [-1, [2, 1], 'one byte less: the third is written by the next'],
])('three that come at once, with %i bytes more than theirs a commit: %j, %s', async (spare, groups) => {
  withLimits({ groupBytesMax: 3 * bytes('a') + spare });
  intake = createIntake(nodes.shell);
  await submitted('a', 'b', 'c');
  expect(await commits()).toEqual(groups);
});

test.each<[max: number, groups: number[], reason: string]>([
  [3, [3], 'as many as one commit writes'],
  [2, [2, 1], 'one more is written by the next'],
])('three that come at once, at most %i a commit: %j, %s', async (groupSizeMax, groups) => {
  withLimits({ groupSizeMax });
  intake = createIntake(nodes.shell);
  await submitted('a', 'b', 'c');
  expect(await commits()).toEqual(groups);
});

test.each<[near: Parameters<typeof withLimits>[0], begun: number, reason: string]>([
  [{ groupCompanyMin: 2, groupCompanyMs: 60_000 }, 2, 'enough of them: they need not wait'],
  [{ groupCompanyMin: 3, groupCompanyMs: 1 }, 2, 'too few, and their wait is over'],
  [
    { groupCompanyMin: 3, groupCompanyMs: 60_000 },
    1,
    'too few: they wait for company, or for the other to end',
  ],
])('beside a group under way two more, with %j: %i groups, %s', async (near, begun) => {
  withLimits(near);
  intake = createIntake(nodes.shell);
  const owner = new pg.Client(database.ownerUrl);
  await owner.connect();
  const waiting = async () => {
    const { rows } = await owner.query<{ count: number }>(
      `select count(*)::int from pg_locks
        where relation = 'ticket'::regclass and mode = 'RowExclusiveLock' and not granted`,
    );
    return rows[0]?.count;
  };
  await owner.query('begin; lock table ticket in access exclusive mode');
  const first = submitted('first');
  await expect.poll(waiting, { interval: 5, timeout: 10_000 }).toBe(1);
  const more = submitted('a', 'b');
  await expect.poll(waiting, { interval: 5, timeout: 10_000 }).toBe(begun);
  await owner.query('rollback');
  await owner.end();
  await Promise.all([first, more]);
  expect(await commits(), 'those two share a commit').toEqual([2, 1]);
});

test('the server ends requests that take longer than their time, and looks at them so often', () => {
  expect(intakeServerOptions).toMatchObject({
    requestTimeout: limits.requestTimeoutMs,
    http: {
      headersTimeout: limits.headersTimeoutMs,
      connectionsCheckingInterval: limits.timeoutsCheckEveryMs,
    },
  });
});

test('so many connections of senders stay open, and one more is closed as soon as it is opened', async () => {
  withLimits({ senderConnectionsMax: 2 });
  intake = createIntake(nodes.shell);
  const app = await served();
  const sockets = [];
  for (let count = 0; count < 2; count += 1) sockets.push(await opened(app.port));
  const third = connectTo(app.port, '127.0.0.1')
    .on('error', () => {})
    .resume();
  await new Promise((resolve) => third.once('close', resolve));
  expect(sockets.map(({ readyState }) => readyState)).toEqual(['open', 'open']);
  for (const socket of sockets) socket.destroy();
  await app.close();
});

test('a stop waits so long for what trickles in, and no longer', async () => {
  withLimits({ stopAnswersMs: 100 });
  intake = createIntake(nodes.shell);
  const app = await served();
  const trickle = await opened(app.port);
  const come = once(app.server, 'request');
  trickle.write('POST /in/form HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{');
  await come;
  const from = performance.now();
  await app.close();
  // A timer may be early by a part of a millisecond.
  expect(performance.now() - from).toBeGreaterThanOrEqual(99);
  trickle.destroy();
});

/** The intake's routes alone, over real sockets. */
async function served() {
  const app = Fastify(intakeServerOptions);
  await app.register(intakeRoutes, {
    shell: nodes.shell,
    rehearse: async () => ({ dry_run: true, triggers: [] }),
    receive: async () => ({ split: true, submitted: [] }),
  });
  const url = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
  return { server: app.server, port: Number(url.port), close: () => app.close() };
}

async function opened(port: number): Promise<Socket> {
  const socket = connectTo(port, '127.0.0.1').on('error', () => {});
  await once(socket, 'connect');
  return socket;
}
