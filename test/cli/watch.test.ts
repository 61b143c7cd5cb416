import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Watch, watchProject } from '../../src/cli/watch.ts';
import { type TestProject, testProject } from '../support/project.ts';

let project: TestProject;
let watching: Watch | undefined;
beforeEach(async () => {
  project = await testProject('http://127.0.0.1:9');
});
afterEach(async () => {
  watching?.close();
  await project.remove();
});

/** Watches, and waits for the calls one after the other. */
async function watch(reload: () => Promise<void> = async () => {}) {
  let calls = 0;
  watching = await watchProject(project.root, async () => {
    calls += 1;
    await reload();
  });
  return { calls: (count: number) => expect.poll(() => calls, { timeout: 5_000, interval: 20 }).toBe(count) };
}

const write = (path: string, text: string) => writeFile(join(project.root, path), text);

test('what changes while a change is being taken is taken after it', async () => {
  const loading = Promise.withResolvers<void>();
  const seen = await watch(() => loading.promise);
  await write('workflows/leads.yaml', 'one: 1\n');
  await seen.calls(1);
  await write('workflows/leads.yaml', 'two: 2\n');
  loading.resolve();
  await seen.calls(2);
});

test('a change before the folder is watched to its end is not lost', async () => {
  const starting = watch();
  await write('contracts/lead.schema.json', '{"title":"changed at once"}');
  const seen = await starting;
  await write('contracts/lead.schema.json', '{"title":"and once more"}');
  await seen.calls(1);
});

test('folders that come later, or in the place of others, are watched too', async () => {
  await rm(join(project.root, 'workflows'), { recursive: true });
  const seen = await watch();
  await mkdir(join(project.root, 'workflows'));
  await write('workflows/leads.yaml', 'one: 1\n');
  await seen.calls(1);
  // As a checkout does it.
  await mkdir(join(project.root, 'next'));
  await write('next/leads.yaml', 'two: 2\n');
  await rename(join(project.root, 'workflows'), join(project.root, 'before'));
  await rename(join(project.root, 'next'), join(project.root, 'workflows'));
  await seen.calls(2);
  await write('workflows/leads.yaml', 'three: 3\n');
  await seen.calls(3);
});
