import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NotWanted } from '../../src/handoff/connectors/exchange.ts';
import { type Sending, sendRequest } from '../../src/handoff/connectors/send.ts';
import { limits } from '../../src/limits.ts';
import { destination, draft } from '../support/handoff.ts';
import { type Misbehaviour, startTarget, type Target } from '../support/target.ts';

let target: Target;
beforeEach(async () => {
  target = await startTarget();
});
afterEach(() => target.close());

function sending(changes: Partial<Sending> = {}): Sending {
  return {
    destination: destination(target.url),
    request: draft().request,
    idempotencyKey: 'sb_1',
    secret: null,
    timeoutMs: 300,
    ...changes,
  };
}

const answers: readonly [
  as: Misbehaviour,
  result: string,
  status: number | null,
  detail: string,
  reason: string,
][] = [
  ['ok', 'accepted', 201, 'tool answered 201', '2xx is accepted'],
  ['not_json', 'accepted', 201, 'tool answered 201', 'accepted, and without a body to read'],
  ['invalid', 'rejected', 422, 'tool answered 422', '4xx is a no'],
  ['unauthorized', 'rejected', 401, 'tool answered 401', 'the credential'],
  ['too_many', 'rejected', 429, 'tool answered 429', 'not now'],
  ['fail', 'unknown', 503, 'tool answered 503', '5xx may have done it'],
  [
    'reset',
    'unknown',
    null,
    'tool broke the connection at HOST before its answer was complete',
    'it had left',
  ],
  ['hang', 'unknown', null, 'tool did not answer within 300 ms', 'it had left'],
  [
    'redirect',
    'rejected',
    307,
    'tool answered 307, a redirect, and redirects are not followed: its url may have changed',
    'it could point anywhere',
  ],
  ['huge', 'unknown', 201, `tool answered 201 with more than ${limits.responseBytesMax} bytes`, 'cut off'],
];

test.each(answers)('%s: %s, %s, "%s" (%s)', async (as, result, status, detail) => {
  target.behave(as);
  const outcome = await sendRequest(sending({ timeoutMs: as === 'hang' ? 300 : 5_000 }));
  expect(outcome).toMatchObject({ result, status, detail: detail.replace('HOST', new URL(target.url).host) });
  expect(outcome.excerpt?.length ?? 0).toBeLessThanOrEqual(limits.responseExcerptChars);
});

test('the answer, what to wait, and the key', async () => {
  expect(await sendRequest(sending())).toMatchObject({
    body: { id: 'rec-1', name: 'Lead 1' },
    retryAfter: null,
  });
  expect(target.requests[0]).toMatchObject({
    path: '/records',
    key: 'sb_1',
    headers: {
      accept: 'application/json',
      'content-type': 'application/json',
      'user-agent': 'Signalbox/0.1 (+handoff)',
    },
  });
  target.behave('too_many');
  expect(await sendRequest(sending())).toMatchObject({ retryAfter: '7' });
});

const credentials: readonly [auth: Sending['destination']['auth'], header: string, value: string][] = [
  [{ scheme: 'bearer', secret: { env: 'X' } }, 'authorization', 'Bearer pass'],
  [{ scheme: 'basic', username: 'user', secret: { env: 'X' } }, 'authorization', 'Basic dXNlcjpwYXNz'],
  [{ scheme: 'header', header: 'X-Api-Key', secret: { env: 'X' } }, 'x-api-key', 'pass'],
];

test.each(credentials)('%j goes as %s: %s', async (auth, header, value) => {
  await sendRequest(sending({ secret: 'pass', destination: destination(target.url, { auth }) }));
  expect(target.requests[0]?.headers[header]).toBe(value);
});

test('a header of the request cannot take the place of ours', async () => {
  const request = { ...draft().request, headers: { 'idempotency-key': 'mine', 'x-other': 'kept' } };
  await sendRequest(sending({ request }));
  expect(target.requests[0]).toMatchObject({ key: 'sb_1', headers: { 'x-other': 'kept' } });
});

test('a base address with a path keeps it', async () => {
  await sendRequest(sending({ destination: destination(`${target.url}/v2/`) }));
  expect(target.requests[0]?.path).toBe('/v2/records');
});

const unsent: readonly [url: string, allowPrivate: boolean, detail: RegExp, reason: string][] = [
  ['http://127.0.0.1:1', true, /^tool refused the connection at 127\.0\.0\.1:1$/, 'nothing listens'],
  [
    'http://no-such-name.invalid',
    true,
    /^tool was not found: the name of no-such-name\.invalid/,
    'no such name',
  ],
  ['http://no-such-name.invalid', false, /^tool was not found/, 'no such name, with the guarded lookup'],
  ['http://127.0.0.1:1', false, /not public .*allow_private/, 'this machine'],
  [
    'http://localhost:1',
    false,
    /not public .*allow_private/,
    'a name of this machine: seen when it is resolved',
  ],
  ['http://[::1]:1', false, /not public/, 'this machine, IPv6'],
  ['http://[::ffff:127.0.0.1]:1', false, /not public/, 'this machine, IPv4 in IPv6'],
  ['http://169.254.169.254', false, /not public/, 'the metadata service of clouds'],
  ['http://2130706433:1', false, /not public/, '127.0.0.1 as one number'],
  ['http://10.1.2.3', false, /not public/, 'a private network'],
];

test.each(unsent)('%s with allow_private %s was not sent: %s (%s)', async (url, allowPrivate, detail) => {
  const outcome = await sendRequest(
    sending({ destination: destination(url, { allowPrivate }), timeoutMs: 5_000 }),
  );
  // Our own refusal is final; what could not be reached may be reached later.
  const result = detail.source.includes('not public') ? 'rejected' : 'not_sent';
  expect(outcome).toMatchObject({ result, status: null });
  expect(outcome.detail).toMatch(detail);
});

test('a connection that does not become a TLS one was not sent', async () => {
  const outcome = await sendRequest(
    sending({ destination: destination(target.url.replace('http:', 'https:')), timeoutMs: 5_000 }),
  );
  expect(outcome.result).toBe('not_sent');
});

test.each([
  [limits.responseBytesMax, 'accepted', 'at the limit'],
  [limits.responseBytesMax + 1, 'unknown', 'one byte over it'],
])('an answer of %i bytes is %s: %s', async (bytes, result) => {
  const server = createServer((_, response) => {
    response.end(JSON.stringify('x'.repeat(bytes - 2)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const at = destination(`http://127.0.0.1:${port}`);
  expect((await sendRequest(sending({ destination: at, timeoutMs: 5_000 }))).result).toBe(result);
  server.closeAllConnections();
  server.close();
});

const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

test.each([
  { text: nested(limits.responseDepthMax), read: true, reason: 'as deep as it may be' },
  { text: nested(limits.responseDepthMax + 1), read: false, reason: 'one level more' },
  { text: nested(500_000), read: false, reason: 'to compare or to write it would exhaust the stack' },
  { text: '\u{feff}{"id":1}', read: true, reason: 'a byte order mark is no part of it' },
])('of an answer is read $read: $reason', async ({ text, read }) => {
  const server = createServer((_, response) => response.end(text));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const tool = destination(`http://127.0.0.1:${port}`);
  const outcome = await sendRequest(sending({ destination: tool, timeoutMs: 5_000 }));
  expect(outcome.result).toBe('accepted');
  expect('body' in outcome).toBe(read);
  server.closeAllConnections();
  server.close();
});

test('an answer that breaks off in its middle is unknown', async () => {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('{"id":');
    setImmediate(() => response.socket?.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const outcome = await sendRequest(sending({ destination: destination(`http://127.0.0.1:${port}`) }));
  expect(outcome.result).toBe('unknown');
  server.close();
});

test('a connection that is accepted and never spoken on is unknown once the request has left', async () => {
  const server = createTcpServer(() => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const outcome = await sendRequest(sending({ destination: destination(`http://127.0.0.1:${port}`) }));
  expect(outcome).toMatchObject({ result: 'unknown', detail: 'tool did not answer within 300 ms' });
  server.close();
});

test('an attempt that was taken over is broken off', async () => {
  target.behave('hang');
  const stop = new AbortController();
  const arrived = target.nextRequest();
  const outcome = sendRequest(sending({ timeoutMs: 60_000, signal: stop.signal }));
  await arrived;
  stop.abort(new Error('the attempt was taken over'));
  expect(await outcome).toMatchObject({ result: 'unknown' });
});

test('an attempt that is not wanted any more is heard to its end where it has left, and does not leave otherwise', async () => {
  const stop = new AbortController();
  const answer = Promise.withResolvers<void>();
  target.onRecord(() => answer.promise);
  const arrived = target.nextRequest();
  const left = sendRequest(sending({ timeoutMs: 60_000, signal: stop.signal }));
  await arrived;
  stop.abort(new NotWanted());
  answer.resolve();
  expect(await left).toMatchObject({ result: 'accepted' });
  expect(await sendRequest(sending({ signal: stop.signal }))).toMatchObject({ result: 'not_sent' });
  expect(target.requests).toHaveLength(1);
});

test('an attempt that waits for one of the connections has all of its time once it has one', async () => {
  const server = createServer((_, response) => setTimeout(() => response.end('{}'), 1_500));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const tool = destination(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const outcomes = await Promise.all(
    Array.from({ length: limits.connectionsPerDestination + 1 }, () =>
      sendRequest(sending({ destination: tool, timeoutMs: 2_500 })),
    ),
  );
  expect(new Set(outcomes.map(({ result }) => result))).toEqual(new Set(['accepted']));
  server.closeAllConnections();
  server.close();
});
