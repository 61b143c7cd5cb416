import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listen, run, start } from '../cli/run.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { type Listing, startListing } from '../support/listing.ts';
import { listed, pollEnv, pollFiles } from '../support/poll-project.ts';
import { type TestProject, testProject } from '../support/project.ts';

/** A polled source as people meet it: the schedule, the command, the API. */

let database: TestDatabase;
let listing: Listing;
let project: TestProject;
let server: ChildProcess;
let address: { url: string; key: string };
let printed: string;

beforeAll(async () => {
  database = await testDatabase();
  listing = await startListing();
  listing.records.push(...[1, 2, 3].map(listed));
  project = await testProject('', pollFiles(listing.url));
  const env = { ...pollEnv, DATABASE_URL: database.ownerUrl };
  server = start(['up', '--port', '0'], { cwd: project.root, env });
  const said = listen(server);
  await said.until(/Ctrl-C stops/);
  printed = said.text;
  address = JSON.parse(await readFile(join(project.root, '.signalbox/server.json'), 'utf8'));
});

afterAll(async () => {
  if (server.exitCode === null) {
    const closed = once(server, 'close');
    server.kill('SIGTERM');
    await closed;
  }
  await listing.close();
  await project.remove();
  await database.close();
});

const signalbox = (...args: string[]) => run(args, { cwd: project.root, env: pollEnv });

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes
async function get(path: string): Promise<{ status: number; body: any }> {
  const response = await fetch(address.url + path, { headers: { authorization: `Bearer ${address.key}` } });
  return { status: response.status, body: await response.json() };
}

async function crm() {
  const { body } = await get('/api/sources');
  return body.sources.find(({ key }: { key: string }) => key === 'crm');
}

test('the schedule polls by itself: every record is a ticket of its source', async () => {
  expect(printed).toMatch(/poll crm {2}crm-api, every 5m → leads/);
  await expect.poll(async () => (await crm()).poll.cursor, { timeout: 20_000 }).toBe(3);
  const { tickets } = (await get('/api/tickets?source=crm')).body;
  expect(tickets.map(({ identity }: { identity: string }) => identity).sort()).toEqual([
    'lead-1',
    'lead-2',
    'lead-3',
  ]);
  const { body } = await get(`/api/tickets/${tickets[0].id}`);
  expect(body.entries[0]).toMatchObject({ kind: 'received', actor: 'source:crm' });
  expect(await crm()).toMatchObject({
    path: null,
    scheme: null,
    poll: { from: 'crm-api', operation: 'GET /leads', every_ms: 300_000, failures: 0, error: null },
  });
});

test('what is only polled takes nothing by POST', async () => {
  const response = await fetch(`${address.url}/in/crm`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(listed(99)),
  });
  expect(response.status).toBe(404);
  expect(await signalbox('send', 'crm', 'signalbox.yaml')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('signalbox poll crm'),
  });
});

test('a dry run says what would come and keeps nothing; a poll says what came', async () => {
  listing.records.push(listed(4), { ...listed(5), budget: 5 });
  const tried = await signalbox('poll', 'crm', '--dry-run');
  expect(tried).toMatchObject({ code: 0, stderr: '' });
  expect(tried.stdout.split('\n')).toEqual([
    '✔ routed: team:web',
    expect.stringMatching(/^! stopped: .*Budget is under 500/),
    'crm: 2 triggers on 1 page; that is all there is. A dry run: nothing was kept.',
    '',
  ]);
  expect((await crm()).poll.cursor).toBe(3);

  const { stdout } = await signalbox('poll', 'crm');
  expect(stdout).toMatch(/^✔ ticket [0-9a-f-]{36} {2}routed: team:web\n! ticket [0-9a-f-]{36} {2}stopped: /);
  expect(stdout).toContain('crm: 2 triggers on 1 page; that is all there is. Cursor: 5');
  expect(JSON.parse((await signalbox('poll', 'crm', '--json')).stdout)).toEqual({
    source: 'crm',
    dry_run: false,
    end: 'caught_up',
    error: null,
    pages: 1,
    found: 0,
    triggers: [],
    cursor: 5,
  });
});

test('a source that fails is told of, in every place, and the server stays ready', async () => {
  listing.intervene(({ answer }) => {
    answer(401, { error: 'token revoked' });
    return true;
  });
  for (let failures = 1; failures <= 3; failures += 1) {
    const polled = await signalbox('poll', 'crm');
    expect(polled).toMatchObject({ code: 6, stdout: expect.stringContaining('crm-api answered 401') });
  }
  expect((await crm()).poll).toMatchObject({ failures: 3, error: 'crm-api answered 401', cursor: 5 });
  const { status, body } = await get('/health/ready');
  expect(status).toBe(200);
  expect(body.checks.find(({ name }: { name: string }) => name === 'polls')).toEqual({
    name: 'polls',
    advisory: true,
    ok: false,
    why: 'crm could not be read 3 times in a row (GET /api/sources says more)',
  });
  listing.intervene(null);
});

test('a source that is not polled is not found', async () => {
  expect(await signalbox('poll', 'form')).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('Polled are crm'),
  });
});
