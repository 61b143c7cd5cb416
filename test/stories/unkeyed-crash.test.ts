import { afterEach, beforeEach, expect, test } from 'vitest';
import { entriesOf } from '../../src/audit/store.ts';
import type { PassedStep } from '../../src/handoff/worker.ts';
import { startCrashing } from '../support/crashing.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { type LyingTarget, startLyingTarget } from '../support/lying-target.ts';
import { formToken, lead, projectFiles, type TestProject, testProject } from '../support/project.ts';

/** Kill -9 at a target to which every request is another record: what may have been done is looked up, and never sent again blindly. */

let target: LyingTarget;
let database: TestDatabase;
let project: TestProject;
beforeEach(async () => {
  [target, database] = await Promise.all([startLyingTarget(), testDatabase()]);
  target.lie('knows_no_key');
});
afterEach(async () => {
  await target.close();
  await database.close();
  await project.remove();
});

/** A server that is killed at the step at which a lead of its name arrives. */
async function killedAt(step: PassedStep): Promise<void> {
  const { gone, url } = await startCrashing(project, database, step);
  await fetch(`${url}/in/form`, {
    method: 'POST',
    headers: { authorization: `Bearer ${formToken}`, 'content-type': 'application/json' },
    body: lead(step),
  }).catch(() => null);
  const [, signal] = await gone;
  expect(signal, step).toBe('SIGKILL');
}

async function statesAre(states: Readonly<Record<string, string>>): Promise<void> {
  const now = async () => {
    const rows = await database.db.selectFrom('ticket').select(['identity', 'state']).execute();
    return Object.fromEntries(rows.map(({ identity, state }) => [identity, state]));
  };
  await expect.poll(now, { timeout: 60_000, interval: 50 }).toEqual(states);
}

async function lookedUp(identity: string): Promise<string[]> {
  const ticket = database.db.selectFrom('ticket').select('id').where('identity', '=', identity);
  const { id } = await ticket.executeTakeFirstOrThrow();
  const entries = await entriesOf(database.db, id);
  return entries
    .filter(({ kind }) => kind === 'handoff_looked_up')
    .map(({ data }) => JSON.parse(data).verdict);
}

const made = () => [...target.records.values()].map(({ name }) => name).sort();

test('asked by our key: one effect each, whichever step it was killed at', { timeout: 180_000 }, async () => {
  const files = projectFiles(target.url);
  const find = `    find: { read: GET /records, with: { key: key }, that: size(result.items) > 0, record: 'result.items[0]' }\n`;
  const workflow = files['workflows/leads.yaml']?.replace('    retry:', `${find}    retry:`) ?? '';
  project = await testProject(target.url, { 'workflows/leads.yaml': workflow });
  const steps: readonly PassedStep[] = ['found', 'claimed', 'answered', 'accepted', 'read', 'proved'];
  for (const step of steps) await killedAt(step);
  const { child, gone } = await startCrashing(project, database, 'none');
  await statesAre(Object.fromEntries(steps.map((step) => [step, 'done'])));
  expect(made()).toEqual(steps.map((step) => `Lead ${step}`).sort());
  expect(target.posts).toBe(steps.length);
  // One that is taken up again by a server that is killed too is looked up once more.
  expect((await lookedUp('claimed'))[0]).toBe('not_found');
  expect(await lookedUp('answered')).toContain('found');
  child.kill('SIGTERM');
  await gone;
});

test('where it can be asked nothing: not sent again, and its exception says why', {
  timeout: 120_000,
}, async () => {
  const files = projectFiles(target.url);
  const unkeyed =
    files['signalbox.yaml']?.replace('timeout: 2s', 'timeout: 2s, idempotency_header: none') ?? '';
  project = await testProject(target.url, { 'signalbox.yaml': unkeyed });
  await killedAt('answered');
  const { child, gone } = await startCrashing(project, database, 'none');
  await statesAre({ answered: 'exception' });
  const exception = await database.db.selectFrom('exception').select(['mode', 'summary']).executeTakeFirst();
  expect(exception?.mode).toBe('rejected');
  expect(exception?.summary).toContain('Not sent again: tool may have it already');
  expect(target.posts).toBe(1);
  expect(made()).toEqual(['Lead answered']);
  child.kill('SIGTERM');
  await gone;
});
