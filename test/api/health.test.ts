import { expect, test } from 'vitest';
import { sweeperTrouble } from '../../src/api/health.ts';
import { limits } from '../../src/limits.ts';
import { apiServer } from './api-server.ts';

test('ready says what is wrong, and a check that throws says nothing of why', async () => {
  const server = await apiServer({
    health: [
      { name: 'database', check: () => Promise.reject(new Error('password=hunter2')) },
      { name: 'sweeper', check: async () => 'No sweep yet.' },
      { name: 'queue', check: async () => null },
    ],
  });
  const { status, body } = await server.ask('/health/ready', { headers: { authorization: '' } });
  expect(status).toBe(503);
  expect(body.checks).toEqual([
    { name: 'database', ok: false, why: 'It does not answer.' },
    { name: 'sweeper', ok: false, why: 'No sweep yet.' },
    { name: 'queue', ok: true },
  ]);
  expect((await server.ask('/health/live')).body).toEqual({ live: true });
  await server.close();
});

const at = new Date('2026-01-01T00:00:00Z');
test.each<[succeededAt: Date | null, ms: number, trouble: string | null, reason: string]>([
  [at, limits.sweepSilentMs, null, 'at the limit it is well'],
  [at, limits.sweepSilentMs + 1, 'No sweep of the deadlines has succeeded for 30 s.', 'past it, it is not'],
  [null, 0, 'No sweep of the deadlines has succeeded yet.', 'never'],
])('a sweeper of %s, %d ms later: %s (%s)', (succeededAt, ms, trouble) => {
  expect(sweeperTrouble(succeededAt, new Date(at.getTime() + ms))).toBe(trouble);
});
