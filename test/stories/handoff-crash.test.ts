import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PassedStep } from '../../src/handoff/worker.ts';
import { limits } from '../../src/limits.ts';
import { startCrashing } from '../support/crashing.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { formToken, lead, type TestProject, testProject } from '../support/project.ts';
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

async function settledIn(ticket: string, from: number): Promise<number> {
  for (;;) {
    const query = database.db.selectFrom('ticket').select('state').where('id', '=', ticket);
    if ((await query.executeTakeFirst())?.state === 'done') return performance.now() - from;
    if (performance.now() - from > 30_000) throw new Error('it is not done');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/**
 * Has the server that is killed at `step` take a lead. Returns when it is dead: the ticket, where its sender was answered. One
 * before may have left it enough to die of at once.
 */
async function killAt(step: PassedStep): Promise<string | null> {
  // Acceptance and proof are one commit where the record can be read at once; two where it cannot.
  target.readIn(step === 'recorded' ? limits.proofWithAcceptanceMs + 300 : 0);
  const { gone, url } = await startCrashing(project, database, step);
  const response =
    url === null
      ? null
      : await fetch(`${url}/in/form`, {
          method: 'POST',
          headers: { authorization: `Bearer ${formToken}`, 'content-type': 'application/json' },
          body: lead(step),
        }).catch(() => null);
  const [, signal] = await gone;
  expect(signal, step).toBe('SIGKILL');
  target.readIn(0);
  const answer = (await response?.json().catch(() => null)) as { ticket: string } | null | undefined;
  return answer?.ticket ?? null;
}

const steps: readonly PassedStep[] = [
  'found',
  'claimed',
  'answered',
  'accepted',
  'read',
  'recorded',
  'proved',
];

test('killed between any two steps: one effect each, proved, and taken up within ten seconds', {
  timeout: 300_000,
}, async () => {
  const answered: string[] = [];
  for (const step of steps) answered.push(...[(await killAt(step)) ?? []].flat());
  const { child, gone } = await startCrashing(project, database, 'none');
  const from = performance.now();
  const all = await database.db.selectFrom('ticket').select('id').execute();
  expect(all.map(({ id }) => id)).toEqual(expect.arrayContaining(answered));
  for (const { id } of all)
    expect(await settledIn(id, from), 'what a killed node held is soon taken up').toBeLessThan(10_000);
  expect([...target.effects.values()]).toEqual(all.map(() => 1));
  child.kill('SIGTERM');
  await gone;
});
