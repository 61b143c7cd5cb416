import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { temporaryFolder } from './support/folder.ts';

/** `scripts/install.mjs` in a project of its own, with an npm that writes down how it was called. */

const script = fileURLToPath(new URL('../scripts/install.mjs', import.meta.url));
const lock = {
  packages: {
    '': {},
    'node_modules/a': { version: '1.0.0' },
    'node_modules/b': { version: '1.0.0', optional: true },
  },
};

let folder: string;

beforeEach(async () => {
  folder = await temporaryFolder('signalbox-install-');
  await mkdir(join(folder, 'scripts'));
  await cp(script, join(folder, 'scripts/install.mjs'));
  await writeFile(join(folder, 'package.json'), '{}');
  await writeFile(join(folder, 'package-lock.json'), JSON.stringify(lock));
  await npmDoes(`fs.mkdirSync('node_modules', { recursive: true })`);
});

afterEach(() => rm(folder, { recursive: true }));

test('installs in a fresh clone, and not again', async () => {
  expect(await install()).toMatchObject({ code: 0, stderr: expect.stringContaining('installing packages') });
  expect(await install()).toEqual({ code: 0, stderr: '' });
  expect(await calls()).toBe(1);
});

test('installs again when the lock file has changed', async () => {
  await install();
  await writeFile(join(folder, 'package-lock.json'), JSON.stringify({ packages: {} }, null, 2));
  await install();
  expect(await calls()).toBe(2);
});

test('takes what somebody has installed by hand: npm’s own record agrees, but for another platform’s packages', async () => {
  await mkdir(join(folder, 'node_modules'));
  const record = { packages: { 'node_modules/a': { version: '1.0.0' } } };
  await writeFile(join(folder, 'node_modules/.package-lock.json'), JSON.stringify(record));
  expect(await install()).toEqual({ code: 0, stderr: '' });
  expect(await calls()).toBe(0);
});

test('tells npm’s failure in its own words, with its exit code, and tries again the next time', async () => {
  await npmDoes(`console.error('npm error: no network'); process.exit(7)`);
  const failed = await install();
  expect(failed).toMatchObject({ code: 7, stderr: expect.stringContaining('npm error: no network') });
  await install();
  expect(await calls()).toBe(2);
});

test('two at once install once', async () => {
  await Promise.all([install(), install()]);
  expect(await calls()).toBe(1);
});

async function npmDoes(what: string): Promise<void> {
  const text = `const fs = require('node:fs'); fs.appendFileSync('calls', 'x'); ${what}`;
  await writeFile(join(folder, 'npm.js'), text);
}

async function calls(): Promise<number> {
  return (await readFile(join(folder, 'calls'), 'utf8').catch(() => '')).length;
}

function install(): Promise<{ code: number; stderr: string }> {
  const env = { ...process.env, npm_execpath: join(folder, 'npm.js'), npm_node_execpath: process.execPath };
  const { promise, resolve } = Promise.withResolvers<{ code: number; stderr: string }>();
  const child = execFile(process.execPath, ['scripts/install.mjs'], { cwd: folder, env }, (_, __, stderr) =>
    resolve({ code: child.exitCode ?? -1, stderr }),
  );
  return promise;
}
