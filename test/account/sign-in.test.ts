import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { issueLink } from '../../src/account/worker.ts';
import { limits } from '../../src/limits.ts';
import { type ApiServer, apiServer } from '../api/api-server.ts';

let server: ApiServer;
beforeAll(async () => {
  server = await apiServer();
});
afterAll(async () => await server.close());

async function link(person = 'dana'): Promise<string> {
  const { token } = await issueLink(server.shell, person, { roles: ['administrator'], actor: 'local' });
  return token;
}

describe('a link', () => {
  test('signs in once, makes the account, and the session says who it is', async () => {
    const token = await link();
    const browser = server.browser();
    expect((await browser.get('/api/me')).status).toBe(401);
    const answer = await browser.post('/api/sign-in/link', { link: token });
    expect(answer.body).toMatchObject({ state: 'signed_in', person: 'dana' });
    expect(answer.headers.get('set-cookie')).toMatch(
      /^signalbox-\d+=sbs_\S{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/,
    );
    expect((await browser.get('/api/me')).body).toMatchObject({
      actor: 'person:dana',
      by: 'session',
      answers_as: ['person:dana', 'team:growth'],
      roles: ['administrator'],
      has: { password: false },
    });
    expect((await server.browser().post('/api/sign-in/link', { link: token })).status).toBe(401);
  });

  test('is taken back by the next one of the same person', async () => {
    const first = await link();
    const second = await link();
    expect((await server.browser().post('/api/sign-in/link', { link: first })).status).toBe(401);
    expect((await server.browser().post('/api/sign-in/link', { link: second })).status).toBe(200);
  });

  test('is over after its time', async () => {
    const token = await link();
    server.clock.passes(limits.linkMs);
    expect((await server.browser().post('/api/sign-in/link', { link: token })).status).toBe(401);
  });
});

describe('a session', () => {
  test('ends when it is signed out, on the server too', async () => {
    const browser = await server.signedIn('dana');
    const copy = browser.copy();
    expect((await browser.post('/api/sign-out', {})).status).toBe(200);
    expect((await copy.get('/api/me')).status).toBe(401);
  });

  test('ends when it is not used, and is kept by use', async () => {
    const browser = await server.signedIn('dana');
    server.clock.passes(3_000_000);
    expect((await browser.get('/api/me')).status).toBe(200);
    server.clock.passes(3_000_000);
    expect((await browser.get('/api/me')).status).toBe(200);
    server.clock.passes(3_600_000);
    expect((await browser.get('/api/me')).status).toBe(401);
  });

  test('ends after its longest life, however much it is used', async () => {
    const browser = await server.signedIn('dana');
    const { db } = server;
    const born = new Date(server.clock.now().getTime() - limits.sessionMs + 60_000);
    await db.updateTable('sign_in_session').set({ created_at: born }).execute();
    server.clock.passes(30_000);
    await db.updateTable('sign_in_session').set({ seen_at: born }).execute();
    expect((await browser.get('/api/me')).status).toBe(200);
    server.clock.passes(30_000);
    expect((await browser.get('/api/me')).status).toBe(401);
  });

  test.each<[headers: Record<string, string>, status: number, reason: string]>([
    [{ origin: 'https://evil.example.com' }, 403, 'a foreign page'],
    [{ origin: 'null' }, 403, 'a page of nowhere'],
    [{ 'sec-fetch-site': 'same-site' }, 403, 'another site of the same domain'],
    [{}, 403, 'nobody says where it comes from'],
    [{ 'sec-fetch-site': 'same-origin' }, 200, 'its own page, as the browser says'],
  ])('changes nothing for %j: %i, %s', async (headers, status) => {
    const browser = await server.signedIn('dana');
    const answer = await browser.post('/api/sign-out', {}, { origin: null, ...headers });
    expect(answer.status).toBe(status);
  });

  test('is not the local key’s: nobody acts for others with it', async () => {
    const browser = await server.signedIn('dana');
    const answer = await browser.get('/api/me', { 'signalbox-actor': 'person:omar' });
    expect(answer.status).toBe(403);
  });
});

test('the local key is not good through a proxy', async () => {
  expect((await server.ask('/api/me')).body).toMatchObject({ actor: 'local', roles: ['administrator'] });
  const answer = await server.ask('/api/me', { headers: { 'x-forwarded-for': '203.0.113.7' } });
  expect(answer.status).toBe(401);
});

test('no token is stored as it is', async () => {
  const token = await link();
  const browser = await server.signedIn('dana');
  for (const table of ['sign_in_token', 'sign_in_session', 'account_act'] as const) {
    const rows = await server.db.selectFrom(table).selectAll().execute();
    const text = JSON.stringify(rows, (_, value) =>
      value?.type === 'Buffer' ? Buffer.from(value.data).toString('latin1') : value,
    );
    expect(text).not.toContain(token);
    expect(text).not.toContain(browser.token());
  }
});
