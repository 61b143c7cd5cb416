import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Sending, sendRequest } from '../../src/handoff/connectors/send.ts';
import type { HandoffRequest } from '../../src/handoff/handoff.ts';
import type { Destination, OAuth2 } from '../../src/workflow/project.ts';
import { destination } from '../support/handoff.ts';

/** Connectors and credentials against real servers. */

interface Asked {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

type Answer = (asked: Asked) => [status: number, body: unknown];

let asked: Asked[] = [];
let answer: Answer = () => [200, { ok: true }];
let url = '';
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const each = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() };
  asked.push(each);
  const [status, body] = answer(each);
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
});
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());
beforeEach(() => {
  asked = [];
  answer = () => [200, { ok: true }];
});

const post: HandoffRequest = {
  operation: 'POST /records',
  method: 'POST',
  path: '/records',
  headers: {},
  body: { a: 1 },
};

function sending(changes: Partial<Sending> & { readonly to?: Partial<Destination> } = {}): Sending {
  const { to, ...rest } = changes;
  return {
    destination: destination(url, to),
    request: post,
    idempotencyKey: 'sb_key_1',
    secret: null,
    timeoutMs: 2_000,
    ...rest,
  };
}

describe('credentials', () => {
  test('an API key in the query is sent, and stands in nothing that is kept, though it is repeated', async () => {
    answer = ({ path }) => [422, { error: `you asked for ${path}`, raw: 'key /&?1x"' }];
    const auth = { scheme: 'query', parameter: 'api_key', secret: { env: 'X' } } as const;
    const outcome = await sendRequest(sending({ secret: 'key /&?1x"', to: { auth } }));
    expect(new URL(asked[0]?.path ?? '', url).searchParams.get('api_key')).toBe('key /&?1x"');
    expect(outcome).toMatchObject({ result: 'rejected', status: 422 });
    expect(JSON.stringify(outcome)).not.toContain('1x');
  });

  test('what is signed, the Standard Webhooks library verifies', async () => {
    const secret = `whsec_${Buffer.from('a secret of 24 bytes….').toString('base64')}`;
    await sendRequest(sending({ secret, to: { auth: { scheme: 'signed', secret: { env: 'X' } } } }));
    const headers = asked[0]?.headers as Record<string, string>;
    expect(new Webhook(secret).verify(asked[0]?.body ?? '', headers)).toEqual({ a: 1 });
    expect(headers['webhook-id']).toBe('sb_key_1');
  });

  test('a secret that is no key for a signature: nothing is sent, for good', async () => {
    const outcome = await sendRequest(
      sending({ secret: 'whsec_…', to: { auth: { scheme: 'signed', secret: { env: 'X' } } } }),
    );
    expect(outcome).toMatchObject({ result: 'not_sent', final: true });
    expect(asked).toEqual([]);
  });

  test('a webhook whose address is its secret: called as it is, with its query, and never named', async () => {
    const auth = { scheme: 'url', secret: { env: 'X' } } as const;
    const to = { connector: 'webhook', url: '', auth } as const;
    const send = { operation: 'send', method: 'POST', path: '', headers: {}, body: { a: 1 } };
    const outcome = await sendRequest(sending({ to, request: send, secret: `${url}/T0/B0/xyz?v=1` }));
    expect(asked[0]?.path).toBe('/T0/B0/xyz?v=1');
    expect(JSON.stringify(outcome)).not.toContain('xyz');
    expect(await sendRequest(sending({ to, request: send, secret: 'not an address' }))).toMatchObject({
      final: true,
    });
  });
});

describe('OAuth 2 client credentials', () => {
  let count = 0;
  const oauth = (changes: Partial<OAuth2> = {}): OAuth2 => ({
    scheme: 'oauth2',
    secret: { env: 'X' },
    tokenUrl: `${url}/token`,
    // A client of its own for each test: tokens are kept for all of them.
    clientId: `client-${++count}`,
    scope: 'a b',
    audience: null,
    clientAuth: 'basic',
    ...changes,
  });
  const tokens = () => asked.filter(({ path }) => path === '/token');

  test('one token for many requests at once, and for those after', async () => {
    answer = ({ path }) =>
      path === '/token' ? [200, { access_token: 't1', expires_in: 3600 }] : [201, { id: 1 }];
    const to = { auth: oauth() };
    const outcomes = await Promise.all(
      Array.from({ length: 5 }, () => sendRequest(sending({ secret: 's', to }))),
    );
    await sendRequest(sending({ secret: 's', to }));
    expect(outcomes.every(({ result }) => result === 'accepted')).toBe(true);
    expect(tokens()).toHaveLength(1);
    expect(tokens()[0]?.body).toBe('grant_type=client_credentials&scope=a+b');
    const id = Buffer.from(`client-${count}:s`).toString('base64');
    expect(tokens()[0]?.headers.authorization).toBe(`Basic ${id}`);
    expect(asked.at(-1)?.headers.authorization).toBe('Bearer t1');
  });

  test('one that is broken off while it fetches a token takes it from nobody who waits for the same', async () => {
    answer = ({ path }) => (path === '/token' ? [200, { access_token: 't1' }] : [201, { id: 1 }]);
    const to = { auth: oauth() };
    const [broken, beside] = await Promise.all([
      sendRequest(sending({ secret: 's', to, signal: AbortSignal.abort() })),
      sendRequest(sending({ secret: 's', to })),
    ]);
    expect([broken.result, beside.result]).toEqual(['not_sent', 'accepted']);
  });

  test('id and secret in the form, with an audience', async () => {
    answer = ({ path }) => (path === '/token' ? [200, { access_token: 't1' }] : [201, { id: 1 }]);
    await sendRequest(
      sending({
        secret: 's&',
        to: { auth: oauth({ clientAuth: 'body', audience: 'https://api', scope: null }) },
      }),
    );
    expect(tokens()[0]?.body).toBe(
      `grant_type=client_credentials&audience=https%3A%2F%2Fapi&client_id=client-${count}&client_secret=s%26`,
    );
    expect(tokens()[0]?.headers.authorization).toBeUndefined();
  });

  test('a token that is refused is fetched anew, once', async () => {
    let given = 0;
    answer = ({ path, headers }) => {
      if (path === '/token') return [200, { access_token: `t${++given}`, expires_in: 3600 }];
      return headers.authorization === 'Bearer t2' ? [201, { id: 1 }] : [401, {}];
    };
    const to = { auth: oauth() };
    expect(await sendRequest(sending({ secret: 's', to }))).toMatchObject({ result: 'accepted' });
    expect(tokens()).toHaveLength(2);
    answer = ({ path }) => (path === '/token' ? [200, { access_token: 't9' }] : [401, {}]);
    expect(await sendRequest(sending({ secret: 's', to }))).toMatchObject({
      result: 'rejected',
      status: 401,
    });
    expect(tokens()).toHaveLength(3);
  });

  const failures: readonly [answer: [number, unknown], final: boolean, detail: RegExp, reason: string][] = [
    [
      [401, { error: 'invalid_client' }],
      true,
      /^The credential of tool is refused: its token endpoint answered 401 \(invalid_client\)$/,
      'nobody but a person mends it',
    ],
    [[503, {}], false, /^No token for tool: tool answered 503$/, 'it may come back'],
    [[429, {}], false, /^No token for tool/, 'later'],
    [[200, { token: 'x' }], false, /answered without a token/, 'no token in it'],
  ];
  test.each(failures)(
    'a token endpoint that answers %j: not sent, final %s',
    async (given, final, detail) => {
      answer = ({ path }) => (path === '/token' ? given : [201, {}]);
      const outcome = await sendRequest(sending({ secret: 's3cret-value', to: { auth: oauth() } }));
      expect(outcome).toMatchObject({ result: 'not_sent', status: null });
      expect(outcome.final === true).toBe(final);
      expect(outcome.detail).toMatch(detail);
      expect(asked.filter(({ path }) => path !== '/token')).toEqual([]);
      expect(JSON.stringify(outcome)).not.toContain('s3cret');
    },
  );

  test('the token endpoint is reached as safely as the destination', async () => {
    const outcome = await sendRequest(
      sending({ secret: 's', to: { url: 'https://api.example.com', auth: oauth(), allowPrivate: false } }),
    );
    expect(outcome).toMatchObject({ result: 'not_sent' });
    expect(outcome.detail).toMatch(/not public/);
    expect(asked).toEqual([]);
  });
});

describe('parts of an exchange have their own time', () => {
  const timeouts = { connectMs: 5_000, headersMs: 5_000, bodyMs: 5_000 };
  const slow = createServer((request, response) => {
    if (request.url === '/records') return;
    response.writeHead(200, { 'content-length': '9' }).write('{');
  });
  beforeAll(() => new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve)));
  afterAll(() => {
    slow.closeAllConnections();
    slow.close();
  });
  test.each([
    ['/records', { ...timeouts, headersMs: 50 }, 'tool did not answer within 50 ms'],
    ['/half', { ...timeouts, bodyMs: 50 }, 'tool did not finish its answer within 50 ms'],
  ])('%s with %j: "%s"', async (path, given, detail) => {
    const at = `http://127.0.0.1:${(slow.address() as AddressInfo).port}`;
    const request = { ...post, path };
    const outcome = await sendRequest(
      sending({ request, to: { url: at, timeouts: given }, timeoutMs: 5_000 }),
    );
    expect(outcome).toMatchObject({ result: 'unknown', detail });
  });
});

describe('Slack', () => {
  const to = { connector: 'slack', auth: { scheme: 'bearer', secret: { env: 'X' } } } as const;
  const message: HandoffRequest = {
    operation: 'postMessage',
    method: 'POST',
    path: '',
    headers: {},
    body: { channel: 'C1', text: 'A lead' },
  };
  const ask = (changes: Partial<Sending> = {}) =>
    sendRequest(sending({ to, secret: 'xoxb-1', request: message, ...changes }));

  test('a message carries our key, and is found by it', async () => {
    answer = () => [200, { ok: true, channel: 'C1', ts: '1.2' }];
    expect(await ask()).toMatchObject({ result: 'accepted', body: { ts: '1.2' } });
    expect(asked[0]?.path).toBe('/chat.postMessage');
    const sent = JSON.parse(asked[0]?.body ?? '');
    expect(sent).toMatchObject({ text: 'A lead', metadata: { event_payload: { key: 'sb_key_1' } } });
    answer = () => [
      200,
      { ok: true, messages: [{ ts: '1.1' }, { ts: '1.2', text: 'A lead', metadata: sent.metadata }] },
    ];
    const find = { operation: 'findMessage', method: 'GET', headers: {} };
    const by = (key: string) =>
      ask({
        request: { ...find, path: `/conversations.history/key?channel=C1&key=${key}` },
        idempotencyKey: null,
      });
    expect(await by('sb_key_1')).toMatchObject({ result: 'accepted', body: { ts: '1.2', channel: 'C1' } });
    expect(await by('sb_key_2')).toMatchObject({ result: 'rejected', status: 404 });
    const read = await ask({
      request: { ...find, path: '/conversations.history/ts?channel=C1&ts=1.2' },
      idempotencyKey: null,
    });
    expect(read).toMatchObject({ result: 'accepted', body: { text: 'A lead' } });
  });

  const refusals: readonly [error: string, result: string, status: number, reason: string][] = [
    ['channel_not_found', 'rejected', 400, 'a no'],
    ['invalid_auth', 'rejected', 401, 'the credential'],
    ['ratelimited', 'rejected', 429, 'later'],
    ['internal_error', 'unknown', 200, 'it may have been posted'],
  ];
  test.each(refusals)('200 with %s is %s, %i: %s', async (error, result, status) => {
    answer = () => [200, { ok: false, error }];
    expect(await ask()).toMatchObject({ result, status });
  });
});
