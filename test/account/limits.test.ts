import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeKey } from '../../src/account/admin/worker.ts';
import { listKeys } from '../../src/account/key/store.ts';
import { startPasskey } from '../../src/account/passkey/worker.ts';
import { hashPassword, verifyPassword } from '../../src/account/password/worker.ts';
import { listSessions } from '../../src/account/session/store.ts';
import { createThrottle } from '../../src/account/throttle.ts';
import { openSession, sessionEnd } from '../../src/account/worker.ts';
import { limits } from '../../src/limits.ts';
import { plusMs } from '../../src/platform/instant.ts';
import { type ApiServer, apiServer } from '../api/api-server.ts';
import { withLimits } from '../support/limits.ts';

/** The bounds of signing in, each at its edge. */

let server: ApiServer;
beforeAll(async () => {
  server = await apiServer();
  const [account] = [{ roles: ['operator'] as never, created_at: server.shell.clock.now() }];
  for (const person of ['dana', 'omar']) {
    await server.shell.db
      .insertInto('account')
      .values({ person, ...account } as never)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
});
afterAll(() => server.close());

const refusal = (code: string) => expect.objectContaining({ code });

test.each<[chars: number, refused: boolean, reason: string]>([
  [limits.passwordCharsMin - 1, true, 'one too short'],
  [limits.passwordCharsMin, false, 'just long enough'],
  [limits.passwordCharsMax, false, 'just short enough'],
  [limits.passwordCharsMax + 1, true, 'one too long'],
])(
  'a password of %i characters is refused: %s, %s',
  async (chars, refused) => {
    const password = 'p'.repeat(chars);
    if (refused) await expect(hashPassword(password)).rejects.toMatchObject({ code: 'unprocessable' });
    else expect(await verifyPassword(password, await hashPassword(password))).toBe(true);
  },
  20_000,
);

test('so many hashes are made at once, so many wait, and the next is told to come again', async () => {
  const taken = limits.passwordHashesMax + limits.passwordHashesWaitingMax;
  const stored = `scrypt$10$8$1$${'A'.repeat(22)}$${'A'.repeat(43)}`;
  const all = Array.from({ length: taken + 1 }, () => verifyPassword('not the one', stored));
  const ends = await Promise.allSettled(all);
  expect(ends.map(({ status }) => status)).toEqual([...Array(taken).fill('fulfilled'), 'rejected']);
  expect(ends.at(-1)).toMatchObject({ reason: { code: 'unavailable' } });
  expect(await verifyPassword('not the one', stored), 'and all of it is free again').toBe(false);
});

test('the longest unused session ends when there is one more than may be', async () => {
  const { shell } = server;
  const origin = { address: '127.0.0.1', agent: 'test' };
  const now = shell.clock.now();
  const open = async () => (await listSessions(shell.db, 'omar', now)).map(({ id }) => id);
  const first = await openSession(shell, 'omar', 'link', origin);
  await shell.db
    .updateTable('sign_in_session')
    .set({ seen_at: plusMs(now, -60_000) })
    .where('id', '=', first.id)
    .execute();
  for (let count = 1; count < limits.sessionsMax; count += 1)
    await openSession(shell, 'omar', 'link', origin);
  expect(await open()).toHaveLength(limits.sessionsMax);
  expect(await open(), 'so many may be').toContain(first.id);
  await openSession(shell, 'omar', 'link', origin);
  expect(await open()).toHaveLength(limits.sessionsMax);
  expect(await open(), 'one more').not.toContain(first.id);
});

const begun = new Date('2026-03-02T10:00:00Z');
test.each<[seenMs: number, idleMs: number, endMs: number, reason: string]>([
  [0, limits.sessionIdleMs, limits.sessionIdleMs, 'it ends unused'],
  [60_000, limits.sessionIdleMs, 60_000 + limits.sessionIdleMs, 'use puts that off'],
  [
    limits.sessionMs - limits.sessionIdleMs,
    limits.sessionIdleMs,
    limits.sessionMs,
    'just as far as it lives',
  ],
  [limits.sessionMs - limits.sessionIdleMs + 1, limits.sessionIdleMs, limits.sessionMs, 'and no longer'],
])('a session used after %i ms with %i ms to idle ends after %i: %s', (seenMs, idleMs, endMs) => {
  expect(sessionEnd(begun, plusMs(begun, seenMs), idleMs)).toEqual(plusMs(begun, endMs));
});

describe('an API key', () => {
  test.each<[ms: number, made: boolean, reason: string]>([
    [0, false, 'over before it begins'],
    [1, true, 'good for a moment'],
    [limits.apiKeyMs, true, 'the longest'],
    [limits.apiKeyMs + 1, false, 'longer than that'],
  ])('for %i ms is made: %s, %s', async (ms, made) => {
    const expiresAt = plusMs(server.shell.clock.now(), ms);
    const making = makeKey(server.shell, 'dana', { name: 'ci', scopes: ['read'], expiresAt }, 'local');
    if (made) expect((await making).text).toMatch(/^sb/);
    else await expect(making).rejects.toEqual(refusal('unprocessable'));
  });

  test('so many may be good at once', async () => {
    const { shell } = server;
    const expiresAt = plusMs(shell.clock.now(), 60_000);
    const make = () => makeKey(shell, 'omar', { name: 'ci', scopes: ['read'], expiresAt }, 'local');
    for (let count = 0; count < limits.apiKeysMax; count += 1) await make();
    await expect(make()).rejects.toEqual(refusal('conflict'));
    const [one] = await listKeys(shell.db, 'omar');
    await shell.db
      .updateTable('api_key')
      .set({ revoked_at: shell.clock.now() })
      .where('id', '=', one?.id ?? 0)
      .execute();
    expect((await make()).row.name, 'a revoked one makes room').toBe('ci');
  });
});

test.each<[known: number, refused: boolean, reason: string]>([
  [limits.passkeysMax - 1, false, 'room for one'],
  [limits.passkeysMax, true, 'as many as there may be'],
])('with %i passkeys another is refused: %s, %s', async (known, refused) => {
  const { shell } = server;
  await shell.db.deleteFrom('passkey').execute();
  for (let index = 0; index < known; index += 1) {
    await shell.db
      .insertInto('passkey')
      .values({
        id: `key-${index}`,
        person: 'dana',
        name: `key ${index}`,
        public_key: Buffer.alloc(32),
        counter: 0,
        transports: [],
        created_at: shell.clock.now(),
      } as never)
      .execute();
  }
  const begin = startPasskey(shell, 'dana', { origin: 'http://localhost', host: 'localhost' } as never);
  if (refused) await expect(begin).rejects.toEqual(refusal('conflict'));
  else expect((await begin).step).not.toBe('');
});

describe('how long a failure keeps the next one waiting', () => {
  const now = new Date('2026-03-02T10:00:00Z');
  const waitAfter = (failures: number, name: (index: number) => string) => {
    const throttle = createThrottle();
    for (let index = 0; index < failures; index += 1) throttle.failed(name(index), '198.51.100.1', now);
    return throttle.wait('dana', '198.51.100.1', now);
  };
  const { signInFailuresFree: free, signInAddressFailuresFree: ofAddress } = limits;
  test.each<[failures: number, waitMs: number, reason: string]>([
    [free - 1, 0, 'one less than are free'],
    [free, limits.signInWaitFirstMs, 'as many'],
    [free + 1, 2 * limits.signInWaitFirstMs, 'it doubles'],
    [free + 40, limits.signInWaitMaxMs, 'up to its ceiling'],
  ])('%i of one name: %i ms, %s', (failures, waitMs) => {
    expect(waitAfter(failures, () => 'dana')).toBe(waitMs);
  });
  test.each<[failures: number, waitMs: number, reason: string]>([
    [ofAddress - 1, 0, 'one less than are free'],
    [ofAddress, limits.signInWaitFirstMs, 'as many'],
    [ofAddress + 40, limits.signInAddressWaitMaxMs, 'seconds only: others may sit behind it'],
  ])('%i of one address with other names: %i ms, %s', (failures, waitMs) => {
    expect(waitAfter(failures, (index) => `name-${index}`)).toBe(waitMs);
  });
  test('the longest unused is forgotten when there are more names than are kept', () => {
    // Each failure is kept by its name and by its address.
    withLimits({ signInFailuresKept: 4 });
    const throttle = createThrottle();
    for (let index = 0; index < free; index += 1) throttle.failed('dana', '198.51.100.1', now);
    throttle.failed('omar', '198.51.100.2', now);
    expect(throttle.wait('dana', '198.51.100.1', now), 'four are kept').toBe(limits.signInWaitFirstMs);
    throttle.failed('coo', '198.51.100.3', now);
    expect(throttle.wait('dana', '198.51.100.1', now), 'two more are not').toBe(0);
  });
});
