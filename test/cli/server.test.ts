import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { recipeCommands } from '../support/guide.ts';
import { formToken, lead, projectEnv, type TestProject, testProject } from '../support/project.ts';
import { startTarget, type Target } from '../support/target.ts';
import { listen, run, start } from './run.ts';

let database: TestDatabase;
let target: Target;
let project: TestProject;
let server: ChildProcess;
let said: ReturnType<typeof listen>;

beforeAll(async () => {
  database = await testDatabase({ empty: true });
  target = await startTarget();
  project = await testProject(target.url);
  const env = { ...projectEnv, DATABASE_URL: database.ownerUrl };
  server = start(['up', '--port', '0'], { cwd: project.root, env });
  said = listen(server);
  await said.until(/is up at/);
});

afterAll(async () => {
  if (server.exitCode === null) server.kill('SIGKILL');
  await target.close();
  await project.remove();
  await database.close();
});

async function signalbox(args: readonly string[], input?: string) {
  const env = { ...projectEnv, SIGNALBOX_ACTOR: 'person:dana' };
  return await run(args, { cwd: project.root, env, ...(input === undefined ? {} : { input }) });
}

/** Where the server said that it is. */
function url(): string {
  return /http:\/\/127\.0\.0\.1:\d+/.exec(said.text)?.[0] ?? '';
}

/** Asks until the ticket of an identity has a state: work goes on in the server's own time. */
async function storyOnce(identity: string, state: string): Promise<string> {
  for (;;) {
    const { stdout } = await signalbox(['ticket', identity]);
    if (stdout.startsWith('Ticket') && stdout.split('\n', 1)[0]?.endsWith(state)) return stdout;
  }
}

test('up prints where triggers go', () => {
  expect(said.text).toMatch(/POST http:\/\/127\.0\.0\.1:\d+\/in\/form {2}bearer → leads/);
});

test('a lead is sent, signed, and its story ends with the proof', async () => {
  const sent = await signalbox(['send', 'form', '-'], lead('cli-1'));
  expect(sent).toMatchObject({ code: 0, stderr: '' });
  expect(sent.stdout).toMatch(
    /^✔ ticket [0-9a-f-]{36} {2}routed to team:web with confidence 1, now in handoff\n$/,
  );
  const again = await signalbox(['send', 'form', '-'], lead('cli-1'));
  expect(again.stdout).toMatch(/^= ticket .* joined/);

  const story = await storyOnce('cli-1', 'done');
  expect(story).toContain('owner     team:growth, alternate person:omar');
  expect(story).toMatch(/✔ routing +team:web/);
  expect(story).toMatch(/attempt 1 .* accepted 201/);
  expect(story).toMatch(/outcome +confirmed by reading it back/);
  expect(story).toMatch(/✔ name +"Lead cli-1" +"Lead cli-1"/);
  expect(story).toMatch(/Next\n {2}Nothing: it is done since /);
});

test('an exception is listed, claimed, worked off and resolved', async () => {
  const sent = await signalbox(['send', 'form', '-', '--json'], lead('cli-2', { budget: 5 }));
  expect(sent.code).toBe(0);
  const { answer } = JSON.parse(sent.stdout);
  const end = answer.ticket.slice(-12);

  const list = await signalbox(['exceptions']);
  expect(list.stdout).toMatch(/^id +mode +on +state +due +what is wrong\n/);
  expect(list.stdout).toMatch(
    new RegExp(`${answer.ticket.slice(-6)}/1 +check_failed +team:triage +open +in 14m`),
  );

  expect((await signalbox(['exceptions', 'claim', end])).stdout).toContain('claimed by person:dana');
  const early = await signalbox([
    'exceptions',
    'resolve',
    end,
    'discard',
    '--reason',
    'test',
    '--root-cause',
    'human-error',
  ]);
  expect(early.code).toBe(2);
  expect(early.stderr).toContain('Tick what was done, and waive the rest with a reason.');
  expect((await signalbox(['exceptions', 'tick', end, '1'])).stdout).toContain(
    '☑ 1 Ask for the real budget  ticked by person:dana',
  );

  const fixed = join(project.root, 'fixed.json');
  await writeFile(fixed, lead('cli-2', { budget: 900 }));
  const resolved = await signalbox([
    'exceptions',
    'resolve',
    end,
    'replay',
    '--payload',
    fixed,
    '--root-cause',
    'sender-changed-form',
  ]);
  expect(resolved.stdout).toContain('replay by person:dana');
  const story = await storyOnce('cli-2', 'done');
  expect(story).toMatch(/replayed {2}person:dana {2}as revision 2, changed: \/budget/);
  const settled = await signalbox(['exceptions', 'claim', `${answer.ticket}/1`]);
  expect(settled.code).toBe(5);
});

describe('what is refused', () => {
  test.each([
    [['ticket', 'nobody'], 4, 'No ticket has the identity "nobody".'],
    [['exceptions', 'show', 'ffffff'], 4, 'No unresolved exception is called "ffffff".'],
    [['exceptions', 'claim', 'ffffff', '--as', 'person:dna'], 4, 'No unresolved exception'],
    [
      ['exceptions', 'list', '--queue', 'triag'],
      2,
      '`queue` in the query must be one of `triage`, `exception`.',
    ],
    [['send', 'frm', '-'], 4, 'Did you mean `form`?'],
  ])('%j exits %i: %s', async (args, code, text) => {
    const ran = await signalbox(args, '{}');
    expect(ran.stderr).toContain(text);
    expect(ran.code).toBe(code);
  });

  test('a wrong key exits 3, a wrong secret too', async () => {
    const env = { SIGNALBOX_URL: url(), SIGNALBOX_KEY: 'wrong' };
    expect((await run(['exceptions'], { cwd: project.root, env })).code).toBe(3);
    const forged = await run(['send', 'form', '-'], {
      cwd: project.root,
      env: { FORM_TOKEN: 'forged' },
      input: lead('x'),
    });
    expect(forged.code).toBe(3);
    expect(forged.stderr).toContain('✘');
  });
});

test('the record is verified through the server and without it', async () => {
  const through = await signalbox(['audit', 'verify', '--json']);
  expect(JSON.parse(through.stdout)).toMatchObject({ broken: null });
  const direct = await signalbox(['audit', 'verify', '--database-url', database.ownerUrl]);
  expect(direct.stdout).toMatch(/✔ The record is as it was written: \d+ tickets/);
});

test('a server that is up finds the doctor content', async () => {
  const ran = await signalbox(['doctor']);
  expect(ran.stdout).toMatch(/✔ server: ready at http/);
  expect(ran).toMatchObject({ code: 0 });
});

test('a real ticket becomes a case without its personal values, and a pipeline asks where it would go now', async () => {
  const [ticket = ''] = /[0-9a-f-]{36}/.exec(await storyOnce('cli-1', 'done')) ?? [];
  const ran = await signalbox(['test', '--record', ticket, '--out', join(project.root, 'cases/real.yaml')]);
  expect(ran).toMatchObject({ code: 0, stdout: '' });
  expect(ran.stderr).toMatch(
    /Replaced 2 values, and it is still decided the same\.\nWrote .*cases\/real\.yaml/,
  );
  const text = await readFile(join(project.root, 'cases/real.yaml'), 'utf8');
  expect(text).toMatch(/state: handoff\n +route: team:web\n +confidence: 1\n/);
  expect(text).not.toMatch(/Lead cli-1|lead_id: cli-1/);
  expect((await signalbox(['test'])).stdout).toMatch(/✔ As ticket .* was decided/);
  const again = await signalbox(['test', '--record', ticket, '--out', join(project.root, 'cases/real.yaml')]);
  expect(again).toMatchObject({ code: 5, stderr: expect.stringContaining('is there already') });

  for (const args of recipeCommands().filter(([name]) => name === 'plan')) {
    expect(await signalbox(args)).toMatchObject({ code: 0, stderr: '' });
  }
});

test('a broken edit is reported and the running version keeps serving; the repaired one takes its place', async () => {
  const path = join(project.root, 'workflows/leads.yaml');
  const sound = await readFile(path, 'utf8');
  await writeFile(path, sound.replace('owner: team:growth', 'ownr: team:growth'));
  await said.until(/workflows\/leads\.yaml:4:1[\s\S]*The change is not in force/);
  const served = await fetch(`${url()}/in/form`, {
    method: 'POST',
    body: lead('cli-3'),
    headers: { authorization: `Bearer ${formToken}`, 'content-type': 'application/json' },
  });
  expect(served.status).toBe(202);

  await writeFile(path, sound.replace('ticket.budget >= 500.0', 'ticket.budget >= 9000.0'));
  await said.until(/The changed project is in force/);
  expect((await signalbox(['send', 'form', '-'], lead('cli-4'))).stdout).toContain('check_failed');
});

test('SIGTERM stops it in order, and nothing is left that points at it', async () => {
  server.kill('SIGTERM');
  const [code] = await once(server, 'close');
  expect(code).toBe(0);
  const ran = await signalbox(['exceptions']);
  expect(ran.code).toBe(6);
  expect(ran.stderr).toContain('No server is known for the project');
});
