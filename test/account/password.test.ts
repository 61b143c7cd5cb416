import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeKey } from '../../src/account/admin/worker.ts';
import { verifyPassword } from '../../src/account/password/worker.ts';
import { deleteSessions } from '../../src/account/session/store.ts';
import { lockAccount, updateAccount } from '../../src/account/store.ts';
import { createThrottle } from '../../src/account/throttle.ts';
import { totpCode } from '../../src/account/totp.ts';
import type { Tx } from '../../src/db/schema.ts';
import { limits } from '../../src/limits.ts';
import type { Person } from '../../src/workflow/project.ts';
import { type ApiServer, apiServer } from '../api/api-server.ts';
import { withLimits } from '../support/limits.ts';

let server: ApiServer;
beforeAll(async () => {
  server = await apiServer();
});
afterAll(async () => await server.close());

const password = 'correct horse battery';

/** The code that an app shows. */
function codeNow(secret: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const bytes = (bits.match(/.{8}/g) ?? []).map((eight) => Number.parseInt(eight, 2));
  return totpCode(Uint8Array.from(bytes), Math.floor(server.clock.now().getTime() / 30_000));
}

describe('a password', () => {
  test('is set by who has signed in, ends other sessions, and signs in', async () => {
    const browser = await server.signedIn('dana');
    const other = await server.signedIn('dana');
    expect((await browser.post('/api/me/password', { password: 'short' })).body.detail).toContain(
      'at least 12',
    );
    expect((await browser.post('/api/me/password', { password })).status).toBe(200);
    expect((await other.get('/api/me')).status).toBe(401);
    expect((await browser.get('/api/me')).body.has.password).toBe(true);
    const fresh = server.browser();
    expect((await fresh.post('/api/sign-in', { name: 'dana', password })).body.state).toBe('signed_in');
    expect((await fresh.get('/api/me')).body.session.proof).toBe('password');
    const changed = await browser.post('/api/me/password', { current: 'wrong', password: `${password}!` });
    expect(changed.status).toBe(403);
  });

  test('is stored as a slow hash with a salt of its own', async () => {
    const row = await server.db
      .selectFrom('account')
      .select('password')
      .where('person', '=', 'dana')
      .executeTakeFirst();
    expect(row?.password).toMatch(/^scrypt\$15\$8\$3\$/);
    expect(row?.password).not.toContain(password);
    expect(await verifyPassword(password, row?.password ?? null)).toBe(true);
  });

  test('who is unknown and what is wrong are answered alike, and take as long', async () => {
    const took = async (name: string) => {
      const from = performance.now();
      const answer = await server.browser().post('/api/sign-in', { name, password: 'not the password' });
      return { ms: performance.now() - from, status: answer.status, body: { ...answer.body, instance: '' } };
    };
    await took('nobody-at-all');
    const unknown = await took('nobody@example.com');
    const wrong = await took('dana');
    expect(unknown.body).toEqual(wrong.body);
    expect(Math.max(unknown.ms, wrong.ms) / Math.min(unknown.ms, wrong.ms)).toBeLessThan(3);
  });
});

describe('failures', () => {
  test('make who fails wait, with the time to come again; nobody else', async () => {
    const throttle = createThrottle();
    const now = server.clock.now();
    for (let count = 0; count < limits.signInFailuresFree; count += 1) {
      expect(throttle.wait('dana', '198.51.100.1', now)).toBe(0);
      throttle.failed('dana', '198.51.100.1', now);
    }
    expect(throttle.wait('dana', '198.51.100.1', now)).toBe(limits.signInWaitFirstMs);
    expect(throttle.wait('DANA ', '198.51.100.1', now)).toBe(limits.signInWaitFirstMs);
    expect(throttle.wait('dana', '203.0.113.9', now)).toBe(0);
    expect(throttle.wait('omar', '198.51.100.1', now)).toBe(0);
  });

  test.each<[free: number, failures: number, wait: number, reason: string]>([
    [limits.signInFailuresFree, 5, 2 * limits.signInWaitFirstMs, 'it doubles'],
    [limits.signInFailuresFree, 60, limits.signInWaitMaxMs, 'and has a ceiling'],
  ])('%i free, %i failures: %i ms, %s', (_, failures, wait) => {
    const throttle = createThrottle();
    for (let count = 0; count < failures; count += 1) throttle.failed('dana', '198.51.100.1', new Date(0));
    expect(throttle.wait('dana', '198.51.100.1', new Date(0))).toBe(wait);
  });

  test('of one address with many names count together, an IPv6 network as one address', () => {
    const throttle = createThrottle();
    for (let count = 0; count <= limits.signInAddressFailuresFree; count += 1) {
      throttle.failed(`name-${count}`, `2001:db8:1:2::${count}`, new Date(0));
    }
    expect(throttle.wait('somebody', '2001:db8:1:2:ffff::1', new Date(0))).toBeGreaterThan(0);
    expect(throttle.wait('somebody', '2001:db8:1:3::1', new Date(0))).toBe(0);
  });

  test('are not what beginnings are counted with: so many a minute from one address, without a name', () => {
    const throttle = createThrottle();
    const begin = (address: string, ms: number) => throttle.begin(address, new Date(ms));
    for (let count = 0; count < limits.signInBegunPerMinute; count += 1)
      expect(begin(`2001:db8:1:2::${count}`, 0)).toBe(0);
    expect(begin('2001:db8:1:2:ffff::1', 0)).toBe(60 / limits.signInBegunPerMinute);
    expect(begin('198.51.100.1', 0)).toBe(0);
    expect(begin('2001:db8:1:2:ffff::1', 60_000 / limits.signInBegunPerMinute)).toBe(0);
  });

  test('are remembered of so many, and forgotten after their time', () => {
    withLimits({ signInFailuresKept: 10 });
    const throttle = createThrottle();
    for (let count = 0; count < 10; count += 1) throttle.failed('dana', '198.51.100.1', new Date(0));
    expect(throttle.wait('dana', '198.51.100.1', new Date(2 * limits.signInWaitMaxMs + 1))).toBe(0);
    for (let count = 0; count < 20; count += 1)
      throttle.failed(`name-${count}`, `198.51.100.${count}`, new Date(0));
    expect(throttle.wait('dana', '198.51.100.1', new Date(0))).toBe(0);
  });

  test.each<[failures: number, wait: number, reason: string]>([
    [1, 0, 'what is free stays free'],
    [limits.signInFailuresFree, limits.signInWaitFirstMs, 'the wait is no longer than it was'],
  ])('%i before the clock is set back by a day: %i ms, %s', (failures, wait) => {
    const throttle = createThrottle();
    const day = 86_400_000;
    for (let count = 0; count < failures; count += 1) throttle.failed('dana', '198.51.100.1', new Date(day));
    expect(throttle.wait('dana', '198.51.100.1', new Date(0))).toBe(wait);
  });

  test('over HTTP: 429 with Retry-After, and the right password waits too', async () => {
    const browser = server.browser();
    const statuses = [];
    for (let count = 0; count <= limits.signInFailuresFree; count += 1) {
      statuses.push(
        (await browser.post('/api/sign-in', { name: 'omar', password: 'wrong, all of it' })).status,
      );
    }
    expect(statuses.at(-1)).toBe(429);
    const answer = await browser.post('/api/sign-in', { name: 'omar', password });
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    server.clock.passes(limits.signInWaitMaxMs);
    expect((await browser.post('/api/sign-in', { name: 'omar', password })).status).toBe(401);
  });
});

test('one-time codes: a second step, each code once, backup codes, and off again', async () => {
  const browser = await server.signedIn('dana');
  await browser.post('/api/me/password', { current: password, password });
  const { secret } = (await browser.post('/api/me/totp/start', {})).body;
  const { backup_codes } = (await browser.post('/api/me/totp', { code: codeNow(secret) })).body;
  expect(backup_codes).toHaveLength(10);

  const begin = async () => (await server.browser().post('/api/sign-in', { name: 'dana', password })).body;
  const first = await begin();
  expect(first.state).toBe('second_step');
  const used = await server.browser().post('/api/sign-in/code', { step: first.step, code: codeNow(secret) });
  expect(used.status, 'the code that confirmed it was used').toBe(401);
  server.clock.passes(30_000);
  const device = server.browser();
  expect((await device.post('/api/sign-in/code', { step: first.step, code: codeNow(secret) })).status).toBe(
    200,
  );
  expect((await device.get('/api/me')).body.session.proof).toBe('password+totp');
  expect((await device.post('/api/sign-in/code', { step: first.step, code: codeNow(secret) })).status).toBe(
    401,
  );

  const lost = await begin();
  const code = ` ${backup_codes[0].toLowerCase()}`;
  expect((await server.browser().post('/api/sign-in/code', { step: lost.step, code })).status).toBe(200);
  const again = await begin();
  expect((await server.browser().post('/api/sign-in/code', { step: again.step, code })).status).toBe(401);

  server.clock.passes(30_000);
  expect((await browser.post('/api/me/totp/remove', { code: codeNow(secret) })).status).toBe(200);
  expect((await begin()).state).toBe('signed_in');
});

test('a sign-in takes so many codes, and no more', async () => {
  const browser = await server.signedIn('omar', ['viewer']);
  await browser.post('/api/me/password', { password });
  const { secret } = (await browser.post('/api/me/totp/start', {})).body;
  await browser.post('/api/me/totp', { code: codeNow(secret) });
  server.clock.passes(60_000);
  const { step } = (await server.browser().post('/api/sign-in', { name: 'omar', password })).body;
  for (let count = 0; count < limits.codeTriesMax; count += 1) {
    await server.browser().post('/api/sign-in/code', { step, code: '000000' });
    server.clock.passes(limits.signInWaitFirstMs * 2);
  }
  const answer = await server.browser().post('/api/sign-in/code', { step, code: codeNow(secret) });
  expect(answer.status).toBe(401);
  expect(answer.body.detail).toContain('over');
});

test.each<[laterMs: number, status: number, reason: string]>([
  [limits.signInStepMs - 1, 200, 'within its time'],
  [limits.signInStepMs, 401, 'with its end it is over'],
])('the second step, %i ms after the first, is answered %i: %s', async (laterMs, status) => {
  const browser = await server.signedIn('dana');
  const { secret } = (await browser.post('/api/me/totp/start', {})).body;
  expect((await browser.post('/api/me/totp', { code: codeNow(secret) })).status).toBe(200);
  server.clock.passes(30_000);
  const { step } = (await server.browser().post('/api/sign-in', { name: 'dana', password })).body;
  server.clock.passes(laterMs);
  const answer = await server.browser().post('/api/sign-in/code', { step, code: codeNow(secret) });
  expect(answer.status).toBe(status);
  server.clock.passes(30_000);
  expect((await browser.post('/api/me/totp/remove', { code: codeNow(secret) })).status).toBe(200);
});

describe('what is changed while somebody signs in', () => {
  const omars = 'omar has another one';
  /** Omar has a password, and signed in with it. */
  async function omar() {
    await server.db
      .updateTable('account')
      .set({ password: null, closed_at: null })
      .where('person', '=', 'omar')
      .execute();
    await server.db
      .updateTable('account')
      .set({ totp_secret: null, totp_confirmed_at: null })
      .where('person', '=', 'omar')
      .execute();
    const browser = await server.signedIn('omar', ['viewer']);
    expect((await browser.post('/api/me/password', { password: omars })).status).toBe(200);
    server.clock.passes(limits.signInWaitMaxMs * 3);
    return browser;
  }

  /** Has `work` come as far as the account, and changes that before it goes on. */
  async function changedMeanwhile<T>(
    work: () => Promise<T>,
    change: (tx: Tx) => Promise<unknown>,
  ): Promise<T> {
    const working = await server.db.transaction().execute(async (tx) => {
      await lockAccount(tx, 'omar');
      const begun = work();
      await expect.poll(waitingForLocks, { timeout: 20_000 }).toBeGreaterThan(0);
      await change(tx);
      return { begun };
    });
    return await working.begun;
  }

  async function waitingForLocks(): Promise<number> {
    const { rows } = await sql<{ count: number }>`select count(*)::int from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`.execute(server.db);
    return rows[0]?.count ?? 0;
  }

  test.each<[change: object, reason: string]>([
    [{ password: null }, 'the password is taken off'],
    [{ closed_at: new Date(0) }, 'the account is closed'],
  ])('lets nobody in with what was good before: %j, %s', async (change) => {
    await omar();
    const answer = await changedMeanwhile(
      () => server.browser().post('/api/sign-in', { name: 'omar', password: omars }),
      (tx) => updateAccount(tx, 'omar', change),
    );
    expect(answer.status).toBe(401);
  });

  test('and who is signed out meanwhile sets no password', async () => {
    const browser = await omar();
    const answer = await changedMeanwhile(
      () => browser.post('/api/me/password', { current: omars, password: `${omars}!` }),
      (tx) => deleteSessions(tx, 'omar', { except: null }),
    );
    expect(answer.status).toBe(401);
    expect((await server.browser().post('/api/sign-in', { name: 'omar', password: omars })).status).toBe(200);
  });

  test('a sign-in that waits for its code is over when the password is another one', async () => {
    const browser = await omar();
    const { secret } = (await browser.post('/api/me/totp/start', {})).body;
    await browser.post('/api/me/totp', { code: codeNow(secret) });
    server.clock.passes(60_000);
    const { step } = (await server.browser().post('/api/sign-in', { name: 'omar', password: omars })).body;
    expect((await browser.post('/api/me/password', { current: omars, password: `${omars}!` })).status).toBe(
      200,
    );
    const answer = await server.browser().post('/api/sign-in/code', { step, code: codeNow(secret) });
    expect(answer.status).toBe(401);
  });
});

describe('an API key', () => {
  const bearer = (text: string) => ({ headers: { authorization: `Bearer ${text}` } });
  async function key(scopes: string[], ms = 3_600_000) {
    const expiresAt = new Date(server.clock.now().getTime() + ms);
    return await makeKey(server.shell, 'dana', { name: 'ci', scopes, expiresAt }, 'person:dana');
  }

  test('is shown once, does what its scopes allow, as its person', async () => {
    const browser = await server.signedIn('dana');
    const expires_at = new Date(server.clock.now().getTime() + 3_600_000).toISOString();
    const made = (await browser.post('/api/me/keys', { name: 'ci', scopes: ['read'], expires_at })).body;
    expect((await server.ask('/api/me', bearer(made.key))).body).toMatchObject({
      actor: 'person:dana',
      rights: ['read'],
    });
    expect((await server.ask('/api/accounts', bearer(made.key))).status).toBe(403);
    expect((await server.ask('/api/me/keys', bearer(made.key))).status).toBe(403);
    const listed = (await browser.get('/api/me/keys')).body.keys;
    expect(JSON.stringify(listed)).not.toContain(made.key);
  });

  test('is refused after it ends, is revoked, or its account is closed', async () => {
    const short = await key(['read'], 1_000);
    server.clock.passes(1_000);
    expect((await server.ask('/api/me', bearer(short.text))).status).toBe(401);
    const revoked = await key(['read']);
    const browser = await server.signedIn('dana');
    expect((await browser.send('DELETE', `/api/me/keys/${revoked.row.id}`, undefined)).status).toBe(200);
    expect((await server.ask('/api/me', bearer(revoked.text))).status).toBe(401);
    await server.signedIn('omar', ['viewer']);
    const expiresAt = new Date(server.clock.now().getTime() + 3_600_000);
    const omars = await makeKey(server.shell, 'omar', { name: 'x', scopes: ['read'], expiresAt }, 'local');
    await browser.post('/api/accounts/omar', { closed: true });
    expect((await server.ask('/api/me', bearer(omars.text))).status).toBe(401);
  });

  test('the last administrator stays one', async () => {
    const browser = await server.signedIn('dana');
    expect((await browser.post('/api/accounts/dana', { roles: ['viewer'] })).status).toBe(409);
    expect((await browser.post('/api/accounts/dana', { closed: true })).status).toBe(409);
    // One who was taken out of the project cannot sign in, and is none.
    await server.signedIn('omar');
    await browser.post('/api/accounts/omar', { roles: ['administrator'], closed: false });
    const people = server.shell.project().people as Map<string, Person>;
    const omar = people.get('omar') as Person;
    people.delete('omar');
    expect((await browser.post('/api/accounts/dana', { roles: ['viewer'] })).status).toBe(409);
    people.set('omar', omar);
  });
});

test('acts on accounts are kept, and cannot be changed', async () => {
  const browser = await server.signedIn('dana');
  const { acts } = (await browser.get('/api/account-acts?limit=500')).body;
  expect(acts.map(({ act }: { act: string }) => act)).toEqual(
    expect.arrayContaining([
      'signed_in',
      'password_set',
      'totp_set',
      'key_made',
      'key_revoked',
      'account_closed',
    ]),
  );
  await expect(server.db.updateTable('account_act').set({ actor: 'x' }).execute()).rejects.toThrow(
    /permission|append-only/,
  );
});
