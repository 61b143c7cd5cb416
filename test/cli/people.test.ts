import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { projectEnv, type TestProject, testProject } from '../support/project.ts';
import { listen, run, start } from './run.ts';

/** `signalbox people`: who may sign in, before anybody has. */

let database: TestDatabase;
let project: TestProject;
let server: ChildProcess;
const people = (...args: string[]) => run(['people', ...args], { cwd: project.root, env: projectEnv });

beforeAll(async () => {
  database = await testDatabase();
  project = await testProject('http://127.0.0.1:1');
  const env = { ...projectEnv, DATABASE_URL: database.ownerUrl };
  server = start(['up', '--port', '0'], { cwd: project.root, env });
  await listen(server).until(/Ctrl-C stops/);
});
afterAll(async () => {
  const closed = once(server, 'close');
  server.kill('SIGTERM');
  await closed;
  await project.remove();
  await database.close();
});

async function signIn(text: string): Promise<number> {
  const [url = ''] = /http:\/\/\S+/.exec(text) ?? [];
  const { origin, hash, pathname, search } = new URL(url);
  const link = /[\w-]{43,}/.exec(`${pathname}${search}${hash}`)?.[0] ?? '';
  const headers = { 'content-type': 'application/json', origin };
  const body = JSON.stringify({ link });
  return (await fetch(`${origin}/api/sign-in/link`, { method: 'POST', headers, body })).status;
}

test('nobody has an account, and it says how the first is made', async () => {
  expect(await people()).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(
      /^Nobody has an account: `signalbox people link` makes the first\.\nWithout/,
    ),
  });
});

test('without a name the link is for the first person, an administrator; the next one takes it back', async () => {
  const first = await people('link');
  expect(first.stdout).toMatch(/ {2}signs in person:dana \(administrator\), once, until 20/);
  const second = await people('link');
  expect(await signIn(first.stdout), 'taken back').toBe(401);
  expect(await signIn(second.stdout)).toBe(200);
  expect(await signIn(second.stdout), 'used').toBe(401);
  const listed = await people('list');
  expect(listed.stdout).toMatch(/^person:dana {2}administrator/m);
  expect(listed.stdout).toContain('Without an account: omar');
  expect(JSON.parse((await people('list', '--json')).stdout)).toMatchObject({
    accounts: [{ person: 'dana', roles: ['administrator'], password: false }],
    without: ['omar'],
  });
});

test('an invitation has its roles; without a name it is still for the only administrator', async () => {
  const omar = await people('link', 'person:omar', '--role', 'operator', '--role', 'approver');
  expect(omar.stdout).toMatch(/signs in person:omar \(operator, approver\), once/);
  expect(await signIn(omar.stdout)).toBe(200);
  const again = await people('link');
  expect(again.stdout).toMatch(/signs in person:dana \(the roles that the account has\)/);
  expect(JSON.parse((await people('link', 'omar', '--json')).stdout)).toMatchObject({
    person: 'omar',
    account: true,
    url: expect.stringContaining('http'),
  });
});

test('a key is shown once, lives as long as is said, and may what is said', async () => {
  const { stdout, code } = await people(
    'key',
    'dana',
    '--name',
    'ci',
    '--scope',
    'deploy',
    '--for',
    '1d',
    '--json',
  );
  expect(code).toBe(0);
  const { key, about } = JSON.parse(stdout);
  expect(new Date(about.expires_at).getTime() - Date.now()).toBeLessThanOrEqual(86_400_000);
  expect(about.scopes).toEqual(['deploy']);
  expect((await people('list', '--json')).stdout).not.toContain(key);
  const told = await people('key', 'dana', '--name', 'read');
  expect(told.stdout).toMatch(/^sb\S+\n {2}key \d+, until 20\S+; it is not shown again\n$/);
});

test.each<[args: string[], code: number, says: RegExp, reason: string]>([
  [['link', 'nobody'], 4, /There is no person "nobody"/, 'stands in signalbox.yaml first'],
  [['link', 'dana', '--role', 'king'], 2, /It is one of /, 'there is no such role'],
  [['key', 'dana'], 2, /--name/, 'a key says what it is for'],
  [['key', 'dana', '--name', 'x', '--for', 'ever'], 2, /"ever" is no duration, like 90d/, 'no duration'],
  [['key', 'dana', '--name', 'x', '--for', '367d'], 2, /within 366 days/, 'longer than a key may live'],
  [['key', 'dana', '--name', 'x', '--scope', 'everything'], 2, /It is one of /, 'there is no such scope'],
  [['key', 'nobody', '--name', 'x'], 4, /nobody/, 'has no account'],
])('people %j exits with %i: %s (%s)', async (args, code, says) => {
  const ended = await people(...args);
  expect(ended.code).toBe(code);
  expect(ended.stderr).toMatch(says);
});

test('of two administrators it asks which', async () => {
  await people('link', 'omar');
  await database.db
    .updateTable('account')
    .set({ roles: ['administrator'] as never })
    .execute();
  expect(await people('link')).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/Say who the link is for\.\n {2}signalbox people link PERSON: dana, omar/),
  });
});
