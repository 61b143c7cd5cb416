import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { limits } from '../../src/limits.ts';
import { run } from '../cli/run.ts';
import { type TestApp, testApp } from '../support/app.ts';
import { withLimits } from '../support/limits.ts';
import { lead, projectEnv } from '../support/project.ts';
import { startTarget, type Target } from '../support/target.ts';

/** How destinations are doing, and what people do about them: the routes, and the command that asks them. */

let target: Target;
let server: TestApp;
beforeAll(async () => {
  target = await startTarget();
  server = await testApp(target.url);
});
afterAll(async () => {
  await server.stop();
  await target.close();
});

const dana = { 'signalbox-actor': 'person:dana' };
const act = async (name: 'pause' | 'resume', body: unknown, key = 'tool') =>
  await server.call(`/api/destinations/${key}/${name}`, body, dana);

async function cli(...args: string[]) {
  const env = { ...projectEnv, SIGNALBOX_ACTOR: 'person:dana' };
  return await run(['destinations', ...args], { cwd: server.root, env });
}

describe('routes', () => {
  test('a destination that nothing went to is well', async () => {
    const { status, body } = await server.get('/api/destinations');
    expect([status, body.destinations]).toMatchObject([
      200,
      [{ key: 'tool', state: 'closed', queued: 0, concurrency: limits.destinationConcurrency, rate: null }],
    ]);
  });

  test.each<[name: 'pause' | 'resume', body: object, key: string, status: number, says: string]>([
    ['pause', {}, 'tool', 400, 'reason'],
    ['pause', { reason: '' }, 'tool', 400, 'reason'],
    ['pause', { reason: 'x'.repeat(limits.noteCharsMax + 1) }, 'tool', 400, 'reason'],
    ['resume', { reason: 'x' }, 'tool', 409, 'not paused'],
    ['pause', { reason: 'x' }, 'tol', 404, 'tool'],
    ['resume', { reason: 'x' }, 'nobody', 404, 'tool'],
  ])('%s with %j at %s is refused with %i', async (name, body, key, status, says) => {
    const answer = await act(name, body, key);
    expect(answer.status).toBe(status);
    expect(JSON.stringify(answer.body)).toContain(says);
  });

  test('paused, nothing is sent and nothing is lost; resumed, it arrives; each act has who and why', async () => {
    // What is posted right after a pause must meet a node that has heard of it.
    withLimits({ destinationRefreshMs: 0 });
    expect(await act('pause', { reason: 'x'.repeat(limits.noteCharsMax) })).toMatchObject({
      status: 200,
      body: { state: 'paused', paused_by: 'person:dana' },
    });
    expect((await act('pause', { reason: 'again' })).status).toBe(409);
    const { body } = await server.post(lead('paused-1'));
    const waiting = await server.get('/api/destinations/tool');
    expect(waiting.body).toMatchObject({ state: 'paused', queued: 1 });
    expect((await act('resume', { reason: 'they are done' })).body.state).toBe('recovering');
    const state = async () => (await server.get(`/api/tickets/${body.ticket}`)).body.ticket.state;
    await expect.poll(state, { timeout: 10_000 }).toBe('done');
    const { acts } = (await server.get('/api/destinations/tool')).body;
    expect(acts.slice(0, 2).map(({ act: done }: { act: string }) => done)).toContain('resumed');
    expect(acts.at(-1)).toMatchObject({ act: 'paused', actor: 'person:dana' });
    expect(target.effects.size).toBe(1);
  });

  test('an unknown destination is not found', async () => {
    expect((await server.get('/api/destinations/nobody')).status).toBe(404);
  });
});

describe('signalbox destinations', () => {
  test('lists, pauses and resumes with a reason', async () => {
    expect((await cli()).stdout).toMatch(/^tool: (closed|recovering)/);
    expect((await cli('pause', 'tool', '--reason', 'their migration')).stdout).toContain(
      'tool: paused (their migration)',
    );
    const listed = JSON.parse((await cli('list', '--json')).stdout);
    expect(listed.destinations).toMatchObject([{ key: 'tool', state: 'paused', paused_by: 'person:dana' }]);
    expect((await cli('resume', 'tool', '--reason', 'done')).stdout).toContain('tool: recovering (done)');
  });

  test.each<[args: string[], says: RegExp]>([
    [['pause', 'tol', '--reason', 'x'], /no destination tol[\s\S]*tool/],
    [['pause', 'tool'], /--reason/],
    [['resume', 'tool', '--reason', 'x'], /not paused/],
  ])('%j fails and says what to do', async (args, says) => {
    const { code, stderr } = await cli(...args);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(says);
  });
});
