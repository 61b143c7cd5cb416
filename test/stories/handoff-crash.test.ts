import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PassedStep } from '../../src/handoff/worker.ts';
import { limits } from '../../src/limits.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { formToken, lead, projectEnv, type TestProject, testProject } from '../support/project.ts';
import { startTarget, type Target } from '../support/target.ts';

/** Promise 6: kill -9 between any two steps of a handoff changes nothing of its effects, and what the dead one held is soon taken up. */

let target: Target;
let database: TestDatabase;
let project: TestProject;
beforeAll(async () => {
  [target, database] = await Promise.all([startTarget(), testDatabase()]);
  project = await testProject(target.url);
});
afterAll(async () => {
  await target.close();
  await database.close();
  await project.remove();
});

async function start(step: string) {
  const script = fileURLToPath(new URL('../support/crashing-server.ts', import.meta.url));
  const child = spawn(process.execPath, [script, project.root, step], {
    env: { ...process.env, ...projectEnv, DATABASE_URL: database.url },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('{"up"')) return { child, gone, url: (JSON.parse(line) as { url: string }).url };
  }
  throw new Error('it ended before it answered');
}

async function settledIn(ticket: string): Promise<number> {
  const from = performance.now();
  for (;;) {
    const query = database.db.selectFrom('ticket').select('state').where('id', '=', ticket);
    if ((await query.executeTakeFirst())?.state === 'done') return performance.now() - from;
    if (performance.now() - from > 30_000) throw new Error('it is not done');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

const steps: readonly PassedStep[] = ['found', 'claimed', 'answered', 'accepted', 'read', 'proved'];

test('killed between any two steps: one effect each, proved, and taken up within ten seconds', {
  timeout: 120_000,
}, async () => {
  const tickets: string[] = [];
  for (const step of steps) {
    const { gone, url } = await start(step);
    const response = await fetch(`${url}/in/form`, {
      method: 'POST',
      headers: { authorization: `Bearer ${formToken}`, 'content-type': 'application/json' },
      body: lead(step),
    }).catch(() => null);
    const [, signal] = await gone;
    expect(signal, step).toBe('SIGKILL');
    const answered = (await response?.json().catch(() => null)) as { ticket: string } | null;
    if (answered !== null && answered !== undefined) tickets.push(answered.ticket);
  }
  const { child, gone } = await start('none');
  const all = await database.db.selectFrom('ticket').select('id').execute();
  expect(all.length).toBeGreaterThanOrEqual(tickets.length);
  for (const { id } of all) {
    expect(await settledIn(id), 'what a killed node held is soon taken up').toBeLessThan(
      limits.leaseMs + 7_000,
    );
  }
  expect([...target.effects.values()]).toEqual(all.map(() => 1));
  child.kill('SIGTERM');
  await gone;
});
