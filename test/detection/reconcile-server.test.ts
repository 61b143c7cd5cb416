import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { plusMs } from '../../src/platform/instant.ts';
import { listen, run, start } from '../cli/run.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { type LeadList, startLeadList } from '../support/lead-list.ts';
import { formToken, type TestProject, testProject } from '../support/project.ts';
import { leadAt, reconcileEnv, reconcileFiles } from '../support/reconcile-project.ts';

/** A comparison as people meet it: the schedule, the command, the API. */

let database: TestDatabase;
let list: LeadList;
let project: TestProject;
let server: ChildProcess;
let address: { url: string; key: string };

const minutesAgo = (minutes: number) => plusMs(new Date(), -minutes * 60_000);
const signalbox = (...args: string[]) => run(args, { cwd: project.root, env: reconcileEnv });

beforeAll(async () => {
  database = await testDatabase();
  list = await startLeadList();
  list.leads.push(leadAt('scheduled', minutesAgo(60)));
  project = await testProject('', reconcileFiles(list.url));
  const env = { ...reconcileEnv, DATABASE_URL: database.ownerUrl };
  server = start(['up', '--port', '0'], { cwd: project.root, env });
  await listen(server).until(/Ctrl-C stops/);
  address = JSON.parse(await readFile(join(project.root, '.signalbox/server.json'), 'utf8'));
});

afterAll(async () => {
  if (server.exitCode === null) {
    const closed = once(server, 'close');
    server.kill('SIGTERM');
    await closed;
  }
  await list.close();
  await project.remove();
  await database.close();
});

async function api(path: string, init: RequestInit = {}) {
  const headers = { authorization: `Bearer ${address.key}`, ...init.headers };
  const response = await fetch(address.url + path, { ...init, headers });
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes
  return { status: response.status, body: (await response.json()) as any };
}

async function send(lead: unknown): Promise<void> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${formToken}` };
  await fetch(`${address.url}/in/form`, { method: 'POST', headers, body: JSON.stringify(lead) });
}

const lists = async () => (await api('/api/reconciliations')).body.reconciliations;

test('the schedule compares by itself, and the overview says when and what', async () => {
  await expect.poll(async () => (await lists())[0]?.back_filled, { timeout: 20_000 }).toBe(1);
  const { stdout, code } = await signalbox('reconcile');
  expect(code, 'something differed').toBe(1);
  expect(stdout).toMatch(
    /Lists of sources\n {2}! form {2}every 1h, last 20\S+: 1 listed, 1 missing, 1 taken, 0 other/,
  );
  expect(stdout).toMatch(/Inside, from 20\S+ to 20\S+; by the schedule last 20\S+\n/);
  expect(stdout).toMatch(/Records of targets\n {2}none: give a destination `read_again`/);
});

test('what is looked for says when it last was, and what is open: what the comparison missed', async () => {
  await expect
    .poll(async () => (await signalbox('detection')).stdout, { timeout: 20_000 })
    .toMatch(/^account +unaccounted +20\S+Z +0$/m);
  const { stdout, code } = await signalbox('detection');
  expect(code, 'something is open').toBe(1);
  expect(stdout).toMatch(/^reconciliation +silent_drop +signalbox reconcile +1$/m);
  expect(stdout).toMatch(/^! 1 open; `signalbox exceptions --mode silent_drop` lists/m);
  const { detectors, open } = JSON.parse((await signalbox('detection', '--json')).stdout);
  expect(detectors).toHaveLength(10);
  expect(open).toEqual([{ mode: 'silent_drop', findings: 1 }]);
});

test('a dry run tells and stores nothing; a comparison takes; the next one has nothing to do', async () => {
  const here = leadAt('here', minutesAgo(30));
  list.leads.push(here, leadAt('dropped', minutesAgo(30)));
  await send(here);
  const dry = await signalbox('reconcile', 'form', '--dry-run');
  expect(dry).toMatchObject({ code: 1, stderr: '' });
  expect(dry.stdout).toMatch(
    /^missing {2}dropped of 20\S+\n! form: 3 in its list; 1 missing\. A dry run: nothing was stored\.\n$/,
  );

  const taken = await signalbox('reconcile', 'form');
  expect(taken.code).toBe(1);
  expect(taken.stdout).toMatch(
    /missing {2}dropped of \S+: taken \(ticket [0-9a-f-]{36}\)\n! form: 3 in its list; 1 missing, 1 taken/,
  );
  const again = await signalbox('reconcile', 'form', '--json');
  expect(again.code).toBe(0);
  expect(JSON.parse(again.stdout)).toMatchObject({
    end: 'caught_up',
    listed: 3,
    missing: 0,
    unlike: [],
    rejected: [],
  });
});

test('a file does as a list does, also by the API alone', async () => {
  const csv = [
    'lead_id,name,project_type,budget',
    'dropped,Lead dropped,web,5000',
    'filed,"Lead, filed",web,700',
    'odd,2',
  ];
  const path = join(project.root, 'leads.csv');
  await writeFile(path, csv.join('\n'));
  const { stdout, code } = await signalbox('reconcile', 'form', '--file', path, '--types');
  expect(code).toBe(1);
  expect(stdout).toMatch(/missing {2}filed: taken \(ticket /);
  expect(stdout).toContain('line 4: There are 2 cells, and the first line names 4.');
  expect(stdout).toContain('2 in its file; 1 missing, 1 taken');

  const body = `${JSON.stringify(leadAt('lines', minutesAgo(30)))}\n{"name":"nobody"}\n`;
  const headers = { 'content-type': 'application/x-ndjson' };
  const answer = await api('/api/reconciliations/form?dry_run=true', { method: 'POST', headers, body });
  expect(answer).toMatchObject({
    status: 200,
    body: { kind: 'file', dry_run: true, missing: 1, unidentified: 1 },
  });
  expect((await lists()).map(({ kind }: { kind: string }) => kind)).toEqual(['list', 'file']);
});

test('inside, what was received stands somewhere, hour by hour', async () => {
  const { body, status } = await api(
    `/api/reconciliations/account?to=${encodeURIComponent(new Date().toISOString())}`,
  );
  expect(status).toBe(200);
  expect([24, 25]).toContain(body.hours.length);
  expect(body.hours.every(({ adds_up: addsUp }: { adds_up: boolean }) => addsUp)).toBe(true);
  const accounts = body.hours.flatMap((hour: { accounts: object[] }) => hour.accounts);
  expect(accounts).toMatchObject([{ workflow: 'leads', source: 'form', unaccounted: 0 }]);
  const long = '/api/reconciliations/account?from=2020-01-01T00:00:00Z';
  expect(await api(long)).toMatchObject({
    status: 400,
    body: { detail: 'There are more than 48 hours in it.' },
  });
});

test('what cannot be compared says so', async () => {
  expect(await signalbox('reconcile', 'nobody')).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('Sources: form'),
  });
  expect(await signalbox('reconcile', 'form', '--since', 'yesterday')).toMatchObject({ code: 2 });
  const odd = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"dryrun":true}' };
  expect((await api('/api/reconciliations/form', odd)).body.detail).toContain('did you mean `dry_run`?');
});

test('a list that fails is told of in every place, and the server stays ready', async () => {
  list.behave('unauthorized');
  for (let failures = 1; failures <= 3; failures += 1) {
    expect(await signalbox('reconcile', 'form')).toMatchObject({
      code: 6,
      stdout: expect.stringContaining('lead-list answered 401'),
    });
  }
  expect(await lists()).toMatchObject([{ failures: 3, error: 'lead-list answered 401' }, { kind: 'file' }]);
  const { status, body } = await api('/health/ready');
  expect(status).toBe(200);
  expect(body.checks.find(({ name }: { name: string }) => name === 'reconciliations')).toMatchObject({
    ok: false,
    advisory: true,
    why: 'the list of form could not be compared 3 times in a row (GET /api/reconciliations says more)',
  });
  list.behave('ok');
});
