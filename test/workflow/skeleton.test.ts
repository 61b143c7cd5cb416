import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decide } from '../../src/decide.ts';
import { loadProject } from '../../src/workflow/load.ts';
import { skeleton } from '../../src/workflow/skeleton.ts';

const files = skeleton('a-random-secret');
let folder: string;
let notebook: ChildProcess;
let url: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'signalbox-notebook-'));
  await writeFile(join(folder, 'notebook.mjs'), files['notebook.mjs'] ?? '');
  notebook = spawn(process.execPath, ['notebook.mjs'], {
    cwd: folder,
    env: { NOTEBOOK_PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [greeting] = notebook.stdout === null ? [''] : await once(notebook.stdout, 'data');
  url = /http:\/\/[\d.]+:\d+/.exec(String(greeting))?.[0] ?? '';
});
afterAll(async () => {
  notebook.kill();
  await rm(folder, { recursive: true });
});

function add(key: string, title: string): Promise<Response> {
  const headers = { 'content-type': 'application/json', 'idempotency-key': key };
  return fetch(`${url}/notes`, { method: 'POST', headers, body: JSON.stringify({ title }) });
}

test('the secret stands in its own file only, which is not committed', () => {
  const holding = Object.entries(files).filter(([, text]) => text.includes('a-random-secret'));
  expect(holding).toEqual([['secrets/website-form', 'a-random-secret\n']]);
  expect(files['.gitignore']).toMatch(/^secrets\/$/m);
});

test('its sample payload is routed and handed off', () => {
  const { project } = loadProject(new Map(Object.entries(files)));
  const workflow = project?.workflows.get('contact-request');
  if (workflow === undefined) throw new Error('the skeleton does not compile');
  const decision = decide(
    workflow,
    {
      source: 'website-form',
      contentType: 'application/json',
      headers: {},
      body: Buffer.from(files['payloads/contact.json'] ?? ''),
    },
    { holder: null, rerouteTo: null },
    new Date('2026-01-05T09:00:00Z'),
  );
  expect(decision).toMatchObject({ kind: 'routed', route: { to: 'team:sales', confidence: 1 } });
});

test('the notebook keeps a note, reads it back, and adds nothing for a repeated key', async () => {
  const first = await add('key-1', 'Request from Noor');
  const note = (await first.json()) as { id: string; title: string };
  expect([first.status, note.title]).toEqual([201, 'Request from Noor']);
  expect(await (await add('key-1', 'Request from Noor')).json()).toEqual(note);
  expect(await (await fetch(`${url}/notes/${note.id}`)).json()).toEqual(note);
  expect(await (await fetch(`${url}/notes`)).json()).toEqual([note]);
});

test.each<[string, string, string | undefined, number, string]>([
  ['POST', '/notes', 'not JSON', 400, 'a body that is no JSON'],
  ['POST', '/notes', '[]', 400, 'a body that is no object'],
  ['GET', '/notes/nothing', undefined, 404, 'a note that is not there'],
  ['GET', '/notes/%', undefined, 404, 'an address that is badly escaped'],
])('%s %s %j is answered %d: %s', async (method, path, body, status) => {
  expect((await fetch(url + path, { method, ...(body === undefined ? {} : { body }) })).status).toBe(status);
});
