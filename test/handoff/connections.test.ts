import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { exchange } from '../../src/handoff/connectors/exchange.ts';
import { withLimits } from '../support/limits.ts';

/** How many connections a node keeps and opens, seen by a real server. */

let server: Server;
let url: URL;
/** Connections that are open now, and requests that nobody has answered yet. */
let open: number;
let held: ServerResponse[];
let answersAtOnce: boolean;
beforeEach(async () => {
  [open, held, answersAtOnce] = [0, [], true];
  server = createServer((_request, response) => {
    if (answersAtOnce) response.end('{}');
    else held.push(response);
  });
  server.on('connection', (socket) => {
    open += 1;
    socket.on('close', () => {
      open -= 1;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** Ways of connecting differ by how long that may take. */
const ask = (connectMs: number) =>
  exchange({
    method: 'GET',
    url,
    headers: {},
    body: null,
    allowPrivate: true,
    ca: [],
    connectMs,
    headersMs: 10_000,
    bodyMs: 10_000,
    timeoutMs: 10_000,
  });

test('a way of connecting beyond those that are kept ends the connections of the oldest', async () => {
  withLimits({ agentsMax: 2 });
  await ask(9_001);
  await ask(9_002);
  expect(open, 'both are kept').toBe(2);
  await ask(9_003);
  await expect.poll(() => open, { timeout: 10_000, interval: 5 }).toBe(2);
  await ask(9_002);
  await ask(9_003);
  expect(open, 'these two are used again').toBe(2);
});

test.each<[max: number, together: number, reason: string]>([
  [3, 3, 'as many requests at once as there may be connections'],
  [2, 2, 'one more waits for a connection that is free'],
])('of three requests over at most %i connections %i are under way: %s', async (max, together) => {
  withLimits({ connectionsPerDestination: max });
  answersAtOnce = false;
  const all = [1, 2, 3].map(() => ask(8_000 + max));
  await expect.poll(() => held.length, { timeout: 10_000, interval: 5 }).toBe(together);
  answersAtOnce = true;
  // Another way has its own connections: when it has been answered, what could come has come.
  await ask(7_000 + max);
  expect(held).toHaveLength(together);
  for (const response of held) response.end('{}');
  expect((await Promise.all(all)).map(({ ok }) => ok)).toEqual([true, true, true]);
});
