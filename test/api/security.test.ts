import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiServer, apiServer, key } from './api-server.ts';

let server: ApiServer;
beforeAll(async () => {
  server = await apiServer();
});
afterAll(async () => await server.close());

test.each([
  [{ authorization: '' }, 'The request shows no key.', 'nothing'],
  [{ authorization: 'Basic abc' }, 'The request shows no key.', 'another scheme'],
  [{ authorization: 'Bearer sb_test_kez' }, 'The key is not the one of this server.', 'a wrong key'],
  [{ authorization: `Bearer ${key}x` }, 'The key is not the one of this server.', 'a longer key'],
])('%j is answered 401: %s (%s)', async (headers, detail) => {
  const answer = await server.ask('/api/tickets', { headers });
  expect(answer.body).toMatchObject({ status: 401, code: 'unauthenticated', detail });
  expect(answer.headers.get('www-authenticate')).toContain('Bearer');
});

/** fetch sets Host by itself, so this speaks HTTP directly. */
async function statusWith(headers: Record<string, string>): Promise<number | undefined> {
  return await new Promise((resolve, reject) => {
    const sent = request(`${server.url}/api/tickets`, {
      headers: { authorization: `Bearer ${key}`, ...headers },
    });
    sent.on('response', (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on('error', reject);
    sent.end();
  });
}

test.each<[headers: Record<string, string>, status: number, reason: string]>([
  [{ host: 'localhost:1' }, 200, 'a name of this machine'],
  [{ host: '[::1]' }, 200, 'the other loopback'],
  [{ host: 'rebound.example.com' }, 403, 'a name that only points here'],
  [{ host: '127.0.0.1.example.com' }, 403, 'a name that begins like an address'],
  [{ host: 'localhost:80', origin: 'https://evil.example.com' }, 403, 'a foreign page'],
  [{ host: 'localhost:80', origin: 'null' }, 403, 'a page of nowhere'],
  [
    { host: 'localhost:80', origin: 'http://localhost:80' },
    403,
    'a default port is not written in an origin',
  ],
  [{ host: 'localhost:81', origin: 'http://localhost:81' }, 200, 'its own page'],
])('%j is answered %i: %s', async (headers, status) => {
  expect(await statusWith(headers)).toBe(status);
});

test('no other page may read an answer', async () => {
  const answer = await server.ask('/api/tickets');
  expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  expect(answer.headers.get('cache-control')).toBe('no-store');
});

test('an unknown error says nothing inside out', async () => {
  const broken = await apiServer({ onApproval: () => Promise.reject(new Error('password=hunter2')) });
  const { status, body } = await broken.ask('/api/approvals/0199f0c4-7a12-7bcd-8e21-5a3b9c8d2f41/1', {
    body: { approve: true },
  });
  expect(status).toBe(500);
  expect(body).toMatchObject({ code: 'internal', title: 'Internal error' });
  expect(JSON.stringify(body)).not.toContain('hunter2');
  await broken.close();
});

test('a body that is no JSON is a 400 that says so', async () => {
  const response = await fetch(`${server.url}/api/approvals/0199f0c4-7a12-7bcd-8e21-5a3b9c8d2f41/1`, {
    method: 'POST',
    body: '{"approve":',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
  });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ code: 'bad_request' });
});
