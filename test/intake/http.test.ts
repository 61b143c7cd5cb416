import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import Fastify from 'fastify';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { problemHandlers } from '../../src/api/problem.ts';
import type { Trigger } from '../../src/decision.ts';
import { AppError } from '../../src/errors.ts';
import { intakeRoutes, intakeServerOptions } from '../../src/intake/http.ts';
import { verifyBy } from '../../src/intake/presets.ts';
import { signedAs } from '../../src/intake/sign.ts';
import type { Submitted } from '../../src/intake/submitted.ts';
import { limits } from '../../src/limits.ts';
import type { Shell } from '../../src/shell.ts';
import type { Project, SecretRef, Source, Verify } from '../../src/workflow/project.ts';

/** Intake over a real socket; behind it a `receive` that keeps what it is given, and answers what the test says. */

const now = new Date('2026-11-23T10:00:00Z');
const secret = 'c2VjcmV0';
const ticket = '0193a0f0-0000-7000-8000-000000000000';
const github = verifyBy('github', [{ env: 'SECRET' }]);
const lost = verifyBy('bearer', [{ env: 'GONE' }]);
const accepted: Submitted = {
  kind: 'accepted',
  ticketId: ticket,
  state: 'handoff',
  decision: { kind: 'routed', route: 'team:web', confidence: 1, exception: null, reasons: ['All is well.'] },
};

let taken: Trigger[] = [];
let outcome: () => Promise<Submitted> = async () => accepted;
const lines: string[] = [];

const project = {
  sources: new Map([source('form', { scheme: 'none' }, 1_000), source('hub', github), source('lost', lost)]),
};
const app = Fastify({
  ...intakeServerOptions,
  requestTimeout: 300,
  http: { ...intakeServerOptions.http, headersTimeout: 200, connectionsCheckingInterval: 20 },
});
const shell = {
  clock: { now: () => now },
  db: {} as Shell['db'],
  log: pino({ level: 'debug' }, { write: (line) => lines.push(line) }),
  project: () => project as unknown as Project,
  secrets: (ref: SecretRef) => {
    if ('env' in ref && ref.env === 'SECRET') return [secret];
    throw new AppError('invalid_project', 'GONE is not set');
  },
};

beforeAll(async () => {
  problemHandlers(app);
  await app.register(intakeRoutes, {
    shell,
    rehearse: async () => ({ dry_run: true, triggers: [] }),
    receive: async (trigger) => {
      taken.push(trigger);
      return { split: false, submitted: await outcome() };
    },
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => app.close());
beforeEach(() => {
  taken = [];
  lines.length = 0;
  outcome = async () => accepted;
});

describe('what becomes of a trigger', () => {
  const rows: [Submitted, number, object][] = [
    [accepted, 202, { ticket, state: 'handoff', decision: { ...accepted.decision } }],
    [{ kind: 'joined', ticketId: ticket }, 200, { ticket, decision: { kind: 'joined' } }],
    [
      {
        kind: 'rejected',
        ticketId: ticket,
        violations: [{ path: '/a', rule: 'type', message: 'a is no text' }],
      },
      422,
      { code: 'unprocessable', ticket, violations: [{ path: '/a', rule: 'type', message: 'a is no text' }] },
    ],
    [{ kind: 'busy', retryAfterSeconds: 7 }, 503, { code: 'unavailable' }],
  ];
  test.each(rows)('%o is answered %s', async (submitted, status, body) => {
    outcome = async () => submitted;
    const answer = await post('form', '{"a":1}');
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject(body);
    const type = status < 300 ? 'application/json; charset=utf-8' : 'application/problem+json';
    expect(answer.headers.get('content-type')).toBe(type);
    expect(answer.headers.get('location')).toBe(status < 300 ? `/api/tickets/${ticket}` : null);
    expect(answer.headers.get('retry-after')).toBe(status === 503 ? '7' : null);
  });

  test('a database that is away is 503 with Retry-After too', async () => {
    outcome = () => Promise.reject(new AppError('unavailable', 'The database is not available.'));
    const answer = await post('form', '{}');
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([
      503,
      String(limits.retryAfterSeconds),
    ]);
  });

  test('a secret that we have lost is 503: the sender may well be who it is', async () => {
    const answer = await post('lost', '{}', { authorization: 'Bearer x' });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([
      503,
      String(limits.retryAfterSeconds),
    ]);
    expect(await answer.text()).not.toContain('GONE');
    expect(taken).toEqual([]);
  });

  test('a mistake of ours tells nothing outside', async () => {
    outcome = () => Promise.reject(new Error('password=hunter2'));
    const answer = await post('form', '{}');
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('hunter2');
  });

  test('it is handed on as it came, without what is secret', async () => {
    const body = '{"a":"é"}';
    const signed = signedByHub(body);
    const answer = await post('hub', body, { ...signed, 'x-github-delivery': '7', cookie: 'a=b' });
    expect(answer.status).toBe(202);
    expect(taken).toMatchObject([
      { source: 'hub', contentType: 'application/json', headers: { 'x-github-delivery': '7' } },
    ]);
    expect(Buffer.from(taken[0]?.body ?? []).toString()).toBe(body);
    expect(Object.keys(taken[0]?.headers ?? {})).not.toContain('x-hub-signature-256');
    expect(Object.keys(taken[0]?.headers ?? {})).not.toContain('cookie');
  });

  test.each(['not json', '', '{"a":1,"a":2}', '\0', '['.repeat(999)])(
    '%j is for the decision',
    async (body) => {
      expect((await post('form', body)).status).toBe(202);
      expect(Buffer.from(taken[0]?.body ?? []).toString()).toBe(body);
    },
  );

  test('without a body it is an empty one', async () => {
    const head =
      'POST /in/form HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n';
    expect(await raw(head)).toMatch(/^HTTP\/1.1 202 /);
    expect(taken).toMatchObject([{ body: Buffer.alloc(0) }]);
  });
});

describe('what is refused, with nothing accepted', () => {
  const json = 'application/json';
  test.each([
    ['POST', '/in/nobody', json, '{}', 404, 'There is no such source.'],
    ['POST', '/in/constructor', json, '{}', 404, 'There is no such source.'],
    ['POST', `/in/${'x'.repeat(500)}`, json, '{}', 414, ''],
    ['POST', '/in/%ff', json, '{}', 400, ''],
    ['GET', '/in/form', json, null, 405, 'Triggers come by POST, not by GET.'],
    ['HEAD', '/in/form', json, null, 405, ''],
    ['PUT', '/in/form', json, '{}', 405, 'Triggers come by POST, not by PUT.'],
    ['DELETE', '/in/nobody', 'not a type', 'x', 405, ''],
    ['POST', '/in/form', 'text/html', '{"a":1}', 415, '"text/html" is not supported'],
    ['POST', '/in/form', 'multipart/form-data', 'x', 415, 'has no boundary'],
    ['POST', '/in/form', '', '{"a":1}', 415, 'The content type is missing'],
    ['POST', '/in/form', 'json', '{"a":1}', 415, 'The content type "json" is not understood'],
    [
      'POST',
      '/in/form',
      'application/json; charset=latin1',
      '{}',
      415,
      '"latin1" is not supported; send UTF-8',
    ],
    ['POST', '/in/hub', json, '{}', 401, 'The header x-hub-signature-256 is missing.'],
    ['POST', '/in/hub', 'text/plain', '{}', 401, 'The header x-hub-signature-256 is missing.'],
  ] as const)('$0 $1 $2: $4 $5', async (method, path, type, body, status, detail) => {
    const init = {
      method,
      headers: { 'content-type': type },
      body: body === null ? null : Buffer.from(body),
    };
    const answer = await fetch(url(path), init);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.headers.get('allow')).toBe(status === 405 ? 'POST' : null);
    if (method !== 'HEAD') {
      expect(await answer.json()).toMatchObject({ status, detail: expect.stringContaining(detail) });
    }
    expect(taken).toEqual([]);
  });

  test('a wrong signature; the log says why and holds neither body nor signature', async () => {
    const signed = signedByHub('{}');
    const answer = await post('hub', '{"name":"Ada"}', signed);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).not.toBeNull();
    expect(await answer.json()).toMatchObject({ code: 'unauthenticated', reason: 'wrong_signature' });
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { source: 'hub', reason: 'wrong_signature' },
    ]);
    expect(lines.join()).not.toMatch(/Ada|sha256=/);
    expect(taken).toEqual([]);
  });
});

describe('how large a body may be', () => {
  const head = 'POST /in/form HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n';
  const chunked = (size: number) => `${size.toString(16)}\r\n${'1'.repeat(size)}\r\n`;

  test.each([
    ['form', 1_000, 202, 'exactly its own bound'],
    ['form', 1_001, 413, 'one byte more'],
    ['form', limits.bodyBytesMax * 3, 413, 'much more: the answer arrives all the same'],
    ['nobody', limits.bodyBytesMax * 3, 404, 'of a source that is not there'],
  ])('%s, %s bytes: %s, %s', async (key, bytes, status, _why) => {
    expect((await post(key, '1'.repeat(bytes))).status).toBe(status);
    expect(taken).toHaveLength(status === 202 ? 1 : 0);
  });

  test.each([
    [[1_000], 202, 'the bound in one chunk'],
    [[500, 500], 202, 'in two'],
    [[500, 501], 413, 'one byte more'],
  ])('chunks of %j: %s, %s', async (sizes, status, _why) => {
    const body = `transfer-encoding: chunked\r\nconnection: close\r\n\r\n${sizes.map(chunked).join('')}0\r\n\r\n`;
    expect(await raw(head + body)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(taken).toHaveLength(status === 202 ? 1 : 0);
  });

  test('the answer comes before the end of the body, from the announced length or the bytes themselves', async () => {
    for (const start of [
      'content-length: 1001\r\n\r\n',
      `transfer-encoding: chunked\r\n\r\n${chunked(1_001)}`,
    ]) {
      const socket = open(head + start);
      const [first] = (await once(socket, 'data')) as [Buffer];
      expect(first.toString()).toMatch(/^HTTP\/1.1 413 /);
      socket.destroy();
    }
  });

  test('who goes on sending is cut off', async () => {
    const socket = open(`${head}transfer-encoding: chunked\r\n\r\n`);
    const piece = chunked(65_536);
    const send = () => {
      while (socket.writable && socket.write(piece));
    };
    socket.on('drain', send);
    send();
    await textOf(socket);
    expect(socket.bytesWritten).toBeGreaterThan(limits.bodyDiscardBytesMax / 2);
    expect(taken).toEqual([]);
  });

  test('Expect: 100-continue is told to go on', async () => {
    const socket = open(`${head}content-length: 2\r\nconnection: close\r\nexpect: 100-continue\r\n\r\n`);
    const [first] = (await once(socket, 'data')) as [Buffer];
    expect(first.toString()).toMatch(/^HTTP\/1.1 100 Continue/);
    socket.write('{}');
    expect(await textOf(socket)).toMatch(/^HTTP\/1.1 202 /);
  });
});

describe('what is not HTTP as it should be: an answer and an end, never a 500 or a hang', () => {
  const head = 'POST /in/form HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n';
  test.each([
    ['\x16\x03\x01\x02\x00\x01', 400, 'TLS spoken to a plain port'],
    ['GARBAGE\r\n\r\n', 400, 'no request line'],
    ['POST /in/form HTTP/1.1\r\n\r\n', 400, 'no host'],
    [`${head}x: ${'y'.repeat(limits.headerBytesMax)}\r\n\r\n`, 431, 'headers over the limit'],
    [`${head}content-length: -1\r\n\r\n{}`, 400, 'a length below zero'],
    [`${head}content-length: two\r\n\r\n{}`, 400, 'a length that is no number'],
    [`${head}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`, 400, 'two lengths'],
    [`${head}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`, 400, 'smuggling'],
    [`${head}transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n`, 400, 'a chunk of no size'],
    [
      `${head}transfer-encoding: chunked\r\n\r\n2\r\n{}xx0\r\n\r\n`,
      400,
      'a chunk that is longer than it says',
    ],
    [`${head}bad header\0: 1\r\n\r\n`, 400, 'U+0000 in a header'],
    [`${head}content-length: 10\r\n\r\n{}`, 408, 'less body than announced'],
    [`${head}transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n`, 408, 'no last chunk'],
    [head, 408, 'headers without an end'],
  ])('$2 is answered $1', async (bytes, status, _why) => {
    const answer = await raw(bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(taken).toEqual([]);
  });

  test('more body than announced: the first request stands, the rest is refused', async () => {
    const answer = await raw(`${head}content-length: 2\r\n\r\n{}{"more":1}`);
    expect(answer).toMatch(/^HTTP\/1.1 (202|400) /);
    expect(answer).not.toContain(' 500 ');
  });

  test('a sender that hangs up in the middle leaves nothing, and the next one is served', async () => {
    const socket = open(`${head}content-length: 10\r\n\r\n{`);
    await once(socket, 'connect');
    socket.resetAndDestroy();
    expect((await post('form', '{}')).status).toBe(202);
    expect(taken).toHaveLength(1);
  });
});

function source(key: string, verify: Verify, bodyBytesMax: number = limits.bodyBytesMax): [string, Source] {
  const own = {
    publicUrl: null,
    challenge: null,
    poll: null,
    reconcile: null,
    contentType: null,
    rateLimit: null,
    requiresIdempotencyKey: false,
  };
  return [key, { key, summary: key, owner: 'team:web', verify, bodyBytesMax, ...own }];
}

function signedByHub(body: string): Record<string, string> {
  const bare = { method: 'POST', url: '/in/hub', headers: {}, body: Buffer.from(body), address: null };
  return { ...signedAs(github, bare, secret, now, '').headers };
}

function url(path: string): string {
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}${path}`;
}

async function post(key: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
  const all = { 'content-type': 'application/json', ...headers };
  return await fetch(url(`/in/${key}`), { method: 'POST', headers: all, body });
}

function open(bytes: string) {
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(bytes, 'latin1');
  return socket;
}

/** Everything that comes back until the server closes. */
async function raw(bytes: string): Promise<string> {
  return await textOf(open(bytes));
}

async function textOf(socket: ReturnType<typeof open>): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => {});
  await new Promise((resolve) => socket.once('close', resolve));
  return Buffer.concat(chunks).toString('latin1');
}
