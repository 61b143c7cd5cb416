import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import { readProjectFiles } from '../../src/platform/project-files.ts';
import { loadProject } from '../../src/workflow/load.ts';
import { type TestApp, testApp } from '../support/app.ts';
import { lead, projectEnv, projectFiles } from '../support/project.ts';
import { startTarget, type Target } from '../support/target.ts';

/** A change of a workflow is a deployment: tickets in flight stay on theirs, new ones go by it, and the history says who and why. */

const path = 'workflows/leads.yaml';

let target: Target;
let server: TestApp;
beforeAll(async () => {
  target = await startTarget();
  const yaml = projectFiles(target.url)[path] ?? '';
  const waiting = yaml.replace('    retry:', '    approval: { by: team:growth, within: 4h }\n    retry:');
  server = await testApp(target.url, { files: { [path]: waiting } });
});
afterAll(async () => {
  await server.stop();
  await target.close();
});

async function edit(from: string, to: string): Promise<void> {
  const file = join(server.root, path);
  const text = await readFile(file, 'utf8');
  expect(text).toContain(from);
  await writeFile(file, text.replace(from, to));
}

async function versionInForce(): Promise<string> {
  return (await server.get('/api/workflows')).body.workflows[0].version;
}

async function send(id: string): Promise<{ id: string; state: string; workflow_version: string }> {
  const { status, body } = await server.post(lead(id));
  expect(status).toBe(202);
  return (await server.get(`/api/tickets/${body.ticket}`)).body.ticket;
}

const asDana = { 'signalbox-actor': 'person:dana' };

test('a change while a ticket is in flight, its rollback, and what is known of both', async () => {
  const first = await versionInForce();
  const inFlight = await send('1');
  expect(inFlight).toMatchObject({ state: 'handoff', workflow_version: first });

  // A broken edit changes nothing.
  await edit('owner: team:growth', 'owner: team:grwth');
  const broken = await server.app.reload();
  expect(broken.diagnostics.map(({ severity }) => severity)).toContain('error');
  expect(broken.changes).toEqual([]);
  expect(await versionInForce()).toBe(first);
  await edit('owner: team:grwth', 'owner: team:growth');

  await edit('ticket.budget >= 500.0', 'ticket.budget >= 6000.0');
  const { changes } = await server.app.reload();
  const second = await versionInForce();
  expect(changes).toEqual([{ workflow: 'leads', version: second, replaced: first }]);
  expect(await send('2')).toMatchObject({ state: 'exception', workflow_version: second });

  // What was promised under the first version is kept under it.
  await server.call(`/api/approvals/${inFlight.id}/1`, { approve: true }, asDana);
  const story = async () => (await server.get(`/api/tickets/${inFlight.id}`)).body.ticket;
  await expect.poll(async () => (await story()).state, { timeout: 10_000, interval: 50 }).toBe('done');
  expect((await story()).workflow_version).toBe(first);

  const rolledBack = await server.call(
    '/api/workflows/leads/rollback',
    { reason: 'Leads were lost' },
    asDana,
  );
  expect(rolledBack).toMatchObject({
    status: 200,
    body: { deployed: true, workflows: [{ workflow: 'leads', from: second, to: first, breaking: false }] },
  });
  expect(await send('3')).toMatchObject({ state: 'handoff', workflow_version: first });

  const { deployments } = (await server.get('/api/workflows/leads/versions')).body;
  const told = deployments.map((each: Record<string, unknown>) => [
    each.kind,
    each.version,
    each.deployed_by,
    each.reason,
  ]);
  expect(told).toEqual([
    ['rollback', first, 'person:dana', 'Leads were lost'],
    ['up', second, 'local', `file change: ${path}`],
    ['up', first, 'local', `first seen in ${path}`],
  ]);
  const { differences } = (
    await server.get(`/api/workflows/leads/difference?from=${first.slice(0, 8)}&to=${second}`)
  ).body;
  expect(differences).toMatchObject([
    { kind: 'check', path: 'checks.budget-in-range.that', breaking: false },
  ]);
});

test('a rollback holds over a restart and in every node, until the files change', async () => {
  const rolledBackTo = await versionInForce();
  const node = createApp({
    root: server.root,
    databaseUrl: server.database.ownerUrl,
    env: projectEnv,
    logLevel: 'silent',
  });
  const { url, key, held } = await node.start();
  try {
    const seen = async () => {
      const response = await fetch(`${url}/api/workflows`, { headers: { authorization: `Bearer ${key}` } });
      return ((await response.json()) as { workflows: { version: string }[] }).workflows[0]?.version;
    };
    expect(held).toEqual([{ workflow: 'leads', version: rolledBackTo }]);
    expect(await seen()).toBe(rolledBackTo);
    expect((await server.app.reload()).changes).toEqual([]);

    await edit('ticket.budget >= 6000.0', 'ticket.budget >= 700.0');
    expect((await server.app.reload()).held).toEqual([]);
    const third = await versionInForce();
    expect(third).not.toBe(rolledBackTo);
    // The other node has not read the file again: it hears of the deployment.
    await expect.poll(seen, { timeout: 10_000, interval: 50 }).toBe(third);
  } finally {
    await node.stop();
  }
});

test('a server elsewhere takes workflows by deployment alone', async () => {
  const { project } = loadProject(await readProjectFiles(server.root));
  const bundle = project?.bundles.get('leads') ?? '';
  const yaml = projectFiles(target.url);
  const elsewhere = await testApp(target.url, {
    files: { [path]: 'this: [is, no workflow' },
    deployedOnly: true,
  });
  try {
    const order = { workflows: [{ bundle, from: null }], reason: 'The first one' };
    expect((await elsewhere.get('/api/workflows')).body.workflows).toEqual([]);
    expect((await elsewhere.post(lead('1'))).status).toBeGreaterThanOrEqual(400);

    const dry = await elsewhere.call('/api/deployments', { ...order, dry_run: true });
    expect(dry.body).toMatchObject({
      deployed: false,
      workflows: [{ workflow: 'leads', from: null, changed: true }],
    });
    expect((await elsewhere.get('/api/workflows')).body.workflows).toEqual([]);

    expect((await elsewhere.call('/api/deployments', order, asDana)).status).toBe(200);
    expect((await elsewhere.post(lead('1'))).status).toBe(202);
    expect((await elsewhere.get('/api/workflows')).body.workflows[0]).toMatchObject({
      kind: 'deploy',
      deployed_by: 'person:dana',
      reason: 'The first one',
    });
    // Whoever saw another state is told, and what does not fit this server is not taken.
    expect((await elsewhere.call('/api/deployments', order)).status).toBe(409);
    const stranger = await elsewhere.call('/api/deployments', {
      workflows: [{ bundle: bundle.replaceAll('team:web', 'team:nobody') }],
      reason: 'x',
    });
    expect(stranger.status).toBe(422);
    expect(stranger.body.detail).toContain('there is no team:nobody');
    // Its folder's workflows are left aside, whatever happens to them.
    await writeFile(join(elsewhere.root, path), yaml[path] ?? '');
    expect((await elsewhere.app.reload()).changes).toEqual([]);
  } finally {
    await elsewhere.stop();
  }
});
