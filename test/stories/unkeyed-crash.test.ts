import { afterEach, beforeEach, expect, test } from 'vitest';
import { entriesOf } from '../../src/audit/store.ts';
import type { PassedStep } from '../../src/handoff/worker.ts';
import { plusMs } from '../../src/platform/instant.ts';
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

/**
 * A server that is killed at the step at which a lead of its name arrives. What those before it left is put off first, so
 * that nothing but its own lead can bring it there.
 */
async function killedAt(step: PassedStep): Promise<void> {
  await leftIsDue(plusMs(new Date(), 3_600_000));
  const { gone, url } = await startCrashing(project, database, step);
  await fetch(`${url}/in/form`, {
    method: 'POST',
    headers: { authorization: `Bearer ${formToken}`, 'content-type': 'application/json' },
    body: lead(step),
  }).catch(() => null);
  const [, signal] = await gone;
  expect(signal, step).toBe('SIGKILL');
}

/** When what killed servers left is looked at again: as if its leases ran as long as that. */
async function leftIsDue(at: Date): Promise<void> {
  await database.db.updateTable('handoff').set({ due_at: at }).where('due_at', 'is not', null).execute();
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

const looks: readonly [step: PassedStep, verdicts: readonly string[], reason: string][] = [
  ['found', [], 'nothing was begun'],
  ['claimed', ['not_found'], 'it was not sent yet'],
  ['answered', ['found'], 'its answer is lost, its record is there'],
  ['accepted', ['found'], 'nobody wrote the answer down'],
  ['read', ['found'], 'nor what was read'],
  ['proved', [], 'all is written'],
];

// Seven servers are started one after the other: as long as test/stories/handoff-crash.test.ts has for its eight.
test('asked by our key: one effect each, whichever step it was killed at', { timeout: 300_000 }, async () => {
  const files = projectFiles(target.url);
  const find = `    find: { read: GET /records, with: { key: key }, that: size(result.items) > 0, record: 'result.items[0]' }\n`;
  const workflow = files['workflows/leads.yaml']?.replace('    retry:', `${find}    retry:`) ?? '';
  project = await testProject(target.url, { 'workflows/leads.yaml': workflow });
  const steps = looks.map(([step]) => step);
  for (const step of steps) await killedAt(step);
  await leftIsDue(new Date());
  const { child, gone } = await startCrashing(project, database, 'none');
  await statesAre(Object.fromEntries(steps.map((step) => [step, 'done'])));
  expect(made()).toEqual(steps.map((step) => `Lead ${step}`).sort());
  expect(target.posts).toBe(steps.length);
  for (const [identity, verdicts, reason] of looks)
    expect(await lookedUp(identity), reason).toEqual(verdicts);
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
