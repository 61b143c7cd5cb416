import { type AddressInfo, connect, type Socket } from 'node:net';
import Fastify from 'fastify';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { problemHandlers } from '../../src/api/problem.ts';
import { intakeRoutes, intakeServerOptions } from '../../src/intake/http.ts';
import { limits } from '../../src/limits.ts';
import type { Shell } from '../../src/shell.ts';
import type { Project } from '../../src/workflow/project.ts';

/** Senders that are slow, silent or many, over real sockets; with shorter times than in earnest. */

const headersMs = limits.headersTimeoutMs / 10;
const requestMs = limits.requestTimeoutMs / 10;
const checkedEveryMs = limits.timeoutsCheckEveryMs / 20;
const slackMs = 2_000;

const form = {
  key: 'form',
  verify: { scheme: 'none' },
  bodyBytesMax: limits.bodyBytesMax,
  challenge: null,
  publicUrl: null,
  rateLimit: null,
  requiresIdempotencyKey: false,
};
const app = Fastify({
  ...intakeServerOptions,
  requestTimeout: requestMs,
  http: {
    ...intakeServerOptions.http,
    headersTimeout: headersMs,
    connectionsCheckingInterval: checkedEveryMs,
  },
});
const shell = {
  clock: { now: () => new Date() },
  db: {} as Shell['db'],
  log: pino({ level: 'silent' }),
  project: () => ({ sources: new Map([['form', form]]) }) as unknown as Project,
  secrets: () => [],
};

beforeAll(async () => {
  problemHandlers(app);
  await app.register(intakeRoutes, {
    shell,
    rehearse: async () => ({ dry_run: true, triggers: [] }),
    receive: async () => ({ split: true, submitted: [] }),
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => app.close());

const head = 'POST /in/form HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n';

test('a hundred each say nothing, trickle headers, trickle a body: all are ended in time, others are taken meanwhile', async () => {
  const before = process.memoryUsage().rss;
  const hundred = (bytes: string) => Array.from({ length: 100 }, () => open(bytes));
  const silent = hundred('');
  const headers = hundred(head);
  const bodies = hundred(`${head}content-length: 1000000\r\n\r\n{`);
  const drip = setInterval(() => {
    for (const socket of headers) if (socket.writable) socket.write('x: 1\r\n');
    for (const socket of bodies) if (socket.writable) socket.write(' '.repeat(1_000));
  }, 100);
  const from = performance.now();
  try {
    expect(await isTaken()).toBe(true);
    await Promise.race([...silent, ...headers, ...bodies].map(ended));
    expect(performance.now() - from, 'none before its time').toBeGreaterThanOrEqual(headersMs);
    await Promise.all([...silent, ...headers].map(ended));
    expect(performance.now() - from).toBeLessThan(headersMs + slackMs);
    expect(
      bodies.filter(({ closed }) => closed),
      'a body has longer',
    ).toEqual([]);
    await Promise.all(bodies.map(ended));
    expect(performance.now() - from).toBeLessThan(requestMs + slackMs);
  } finally {
    clearInterval(drip);
  }
  expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1_048_576);
});

test('more bodies at once than there is room for are refused with 503, and the room is free again when they are gone', async () => {
  // As many as fit stop one byte before their end.
  const size = limits.bodyBytesMax;
  const count = limits.bodiesBytesMax / size + 8;
  const most = Buffer.alloc(size - 1, ' ');
  const sockets = Array.from({ length: count }, () => open(`${head}content-length: ${size}\r\n\r\n`));
  const answers = sockets.map(
    (socket) => new Promise((resolve) => socket.once('data', (bytes) => resolve(String(bytes)))),
  );
  for (const socket of sockets) socket.write(most);
  const first = await Promise.race(answers);
  expect(first).toMatch(/^HTTP\/1.1 503 /);
  expect(first).toMatch(/retry-after: \d/);
  for (const socket of sockets) socket.destroy();
  await expect.poll(isTaken).toBe(true);
});

test('more connections than there may be are closed at once, and hold nobody up when they go', async () => {
  const sockets = Array.from({ length: limits.senderConnectionsMax + 50 }, () => open(''));
  await Promise.race(sockets.map(ended));
  expect(sockets.filter(({ closed }) => !closed).length).toBeGreaterThan(0);
  for (const socket of sockets) socket.destroy();
  await expect.poll(isTaken, { timeout: 10_000 }).toBe(true);
});

async function isTaken(): Promise<boolean> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
  return await fetch(`http://127.0.0.1:${port()}/in/form`, init).then(
    ({ ok }) => ok,
    () => false,
  );
}

function port(): number {
  return (app.server.address() as AddressInfo).port;
}

function open(bytes: string): Socket {
  const socket = connect(port(), '127.0.0.1').on('error', () => {});
  socket.resume();
  if (bytes !== '') socket.write(bytes);
  return socket;
}

async function ended(socket: Socket): Promise<void> {
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
}
