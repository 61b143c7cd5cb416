import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { limits } from '../../src/limits.ts';
import { findings, type Sent, signalPostgres, unfinished } from '../simulation/account.ts';
import { startSenders } from '../simulation/senders.ts';
import { formToken, lead, type TestProject, testProject } from '../support/project.ts';
import { type ServerProcess, startServer } from '../support/server.ts';
import { startTarget, type Target } from '../support/target.ts';

/** A database that goes away, or hangs, under a load: 503 until it is back, and nothing acknowledged is lost. */

let target: Target;
let project: TestProject;
let server: ServerProcess;

beforeAll(async () => {
  target = await startTarget();
  project = await testProject(target.url);
  server = await startServer(project.root);
});

afterAll(async () => {
  await server.stop();
  await project.remove();
  await target.close();
});

test('PostgreSQL hangs, then is killed, in the middle of a load', { timeout: 120_000 }, async () => {
  const sent: Sent = { acknowledged: new Map(), answers: {}, contradictions: [] };
  const senders = startSenders(() => server.url, sent, 2);
  try {
    await more(sent, 50);
    await signalPostgres(project.root, 'SIGSTOP');
    const from = performance.now();
    expect((await post('while-it-hangs')).status).toBe(503);
    expect(performance.now() - from).toBeLessThan(limits.intakeAnswerMs + 2_000);
    expect(await isReady()).toBe(false);
    // By now it is known to hang: nobody has to wait to be told.
    const known = performance.now();
    const refused = await post('known-to-hang');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([
      503,
      String(limits.retryAfterSeconds),
    ]);
    expect(performance.now() - known).toBeLessThan(1_000);
    await signalPostgres(project.root, 'SIGCONT');
    await more(sent, 50);
    await expect.poll(isReady, { timeout: 20_000 }).toBe(true);

    await signalPostgres(project.root, 'SIGKILL');
    await expect.poll(() => sent.answers['503'] ?? 0).toBeGreaterThan(0);
    await more(sent, 50);
    await expect.poll(isReady, { timeout: 20_000 }).toBe(true);
  } finally {
    await senders.stop();
  }
  await expect.poll(() => unfinished(project.root), { timeout: 60_000, interval: 100 }).toBe(0);
  expect(await findings(project.root, server, sent, target)).toEqual([]);
});

async function more(sent: Sent, acknowledged: number): Promise<void> {
  const until = sent.acknowledged.size + acknowledged;
  while (sent.acknowledged.size < until) await wait(5);
}

async function post(id: string): Promise<Response> {
  return await fetch(`${server.url}/in/form`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${formToken}` },
    body: lead(id),
  });
}

async function isReady(): Promise<boolean> {
  return (await fetch(`${server.url}/health/ready`)).ok;
}
