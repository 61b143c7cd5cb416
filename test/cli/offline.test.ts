import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lead, type TestProject, testProject } from '../support/project.ts';
import { run } from './run.ts';

let folder: string;
let project: TestProject;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'signalbox-cli-'));
  project = await testProject('http://127.0.0.1:9');
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await project.remove();
});

describe('the command line itself', () => {
  test.each([
    [['--help'], 0, /Exit codes:/, 'help is no error'],
    [['--version'], 0, /^\d+\.\d+\.\d+/, 'nor is the version'],
    [
      ['exceptions', 'resolve', '--help'],
      0,
      /Examples:\n +\$ signalbox exceptions resolve/,
      'every command has examples',
    ],
  ])('%j exits %i', async (args, code, pattern) => {
    const ran = await run(args, { cwd: folder });
    expect(ran.code).toBe(code);
    expect(ran.stdout).toMatch(pattern);
  });

  test.each([
    [['chek'], /unknown command 'chek'\n\(Did you mean check\?\)/, 'a misspelt command'],
    [['check', '--jsn'], /unknown option '--jsn'\n\(Did you mean --json\?\)/, 'a misspelt option'],
    [['explain', 'leads'], /missing required argument 'payload'/, 'an argument is missing'],
    [['up', '--port', 'http'], /A port is a number from 0 to 65535/, 'not a port'],
    [
      ['exceptions', 'resolve', 'x', 'forget', '--root-cause', 'y'],
      /Allowed choices are replay, reroute/,
      'not a resolution',
    ],
    [
      ['exceptions', 'resolve', 'x', 'discard', '--root-cause', 'y'],
      /`resolve … discard` needs --reason/,
      'what a resolution needs',
    ],
    [['exceptions', 'tick', 'x', '0'], /"0" is no point of a checklist/, 'points count from 1'],
  ])('%j is refused with 2 and the fix', async (args, pattern) => {
    const ran = await run(args, { cwd: folder });
    expect(ran.stderr).toMatch(pattern);
    expect(ran.code).toBe(2);
    expect(ran.stdout).toBe('');
  });

  test('an error is JSON where the result would be', async () => {
    const ran = await run(['ticket', 'lead-1', '--json'], { cwd: folder });
    expect(ran.code).toBe(6);
    expect(JSON.parse(ran.stderr).error).toMatchObject({
      code: 'unavailable',
      help: expect.stringContaining('signalbox up'),
    });
  });

  test('a server that is not there is said, with what to do', async () => {
    const url = `http://127.0.0.1:${await closedPort()}`;
    const ran = await run(['exceptions'], { cwd: folder, env: { SIGNALBOX_URL: url, SIGNALBOX_KEY: 'k' } });
    expect(ran.stderr).toContain(
      `✘ Nothing answers at ${url} (ECONNREFUSED).\n  Start the server with \`signalbox up\``,
    );
    expect(ran.code).toBe(6);
    const half = await run(['exceptions'], { cwd: folder, env: { SIGNALBOX_KEY: 'k' } });
    expect(half.stderr).toContain('Only one of SIGNALBOX_URL and SIGNALBOX_KEY is set');
    expect(half.code).toBe(2);
  });
});

describe('init', () => {
  test('writes a project that compiles, once', async () => {
    const ran = await run(['init', 'new'], { cwd: folder });
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toContain('Next:\n  cd new\n');
    expect((await stat(join(folder, 'new/secrets/website-form'))).mode & 0o777).toBe(0o600);
    expect((await run(['check', '-p', 'new'], { cwd: folder })).stdout).toContain('1 workflow, no findings');

    const before = await readFile(join(folder, 'new/signalbox.yaml'), 'utf8');
    const again = await run(['init', 'new'], { cwd: folder });
    expect(again.code).toBe(5);
    expect(again.stderr).toContain('new/signalbox.yaml is there already; nothing was written.');
    expect(await readFile(join(folder, 'new/signalbox.yaml'), 'utf8')).toBe(before);
  });
});

describe('check', () => {
  test('exits 1 with the place of every mistake', async () => {
    const broken = await testProject('http://127.0.0.1:9');
    const path = join(broken.root, 'workflows/leads.yaml');
    await writeFile(path, (await readFile(path, 'utf8')).replace('owner: team:growth', 'ownr: team:growth'));
    const ran = await run(['check'], { cwd: join(broken.root, 'workflows') });
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('workflows/leads.yaml:4:1');
    expect(ran.stderr).toContain('did you mean `owner`?');
    const json = await run(['check', '--json'], { cwd: broken.root });
    expect(json.code).toBe(1);
    const [finding] = JSON.parse(json.stdout).filter((each: { code: string }) => each.code === 'SB110');
    expect(finding).toEqual({
      file: 'workflows/leads.yaml',
      line: 4,
      column: 1,
      code: 'SB110',
      severity: 'error',
      message: 'unknown key `ownr`, did you mean `owner`?',
      help: expect.stringContaining('`owner: team:growth`'),
    });
    const github = await run(['check', '--format', 'github', '-p', broken.root], { cwd: folder });
    expect(github.code).toBe(1);
    expect(github.stdout).toMatch(
      /^::error file=.+workflows\/leads\.yaml,line=4,col=1,endColumn=5,title=SB110%3A/m,
    );
    const sarif = await run(['check', '--format', 'sarif'], { cwd: broken.root });
    expect(sarif.code).toBe(1);
    expect(JSON.parse(sarif.stdout).runs[0].results).toContainEqual(
      expect.objectContaining({ ruleId: 'SB110', level: 'error' }),
    );
    await broken.remove();
  });

  test('warnings alone let it pass, and every workflow says what it states and what is missing', async () => {
    const ran = await run(['check'], { cwd: project.root });
    expect(ran.code).toBe(0);
    expect(ran.stderr).toContain('warning[SB174]: no checklist for ');
    expect(ran.stdout).toMatch(/^leads {2}✔ trigger {2}✔ owner .*✘ reporting metric {2}✔ recovery path$/m);
    expect(ran.stdout).toContain('✔ 1 workflow, 1 warning');
    expect(ran.stdout + ran.stderr, 'no colours where there is no terminal').not.toContain('\u001b');
    const json = await run(['check', '--json'], { cwd: project.root });
    expect(json.code).toBe(0);
    expect(JSON.parse(json.stdout).map(({ severity }: { severity: string }) => severity)).toEqual([
      'warning',
    ]);

    const readiness = await run(['check', '--readiness', '--json'], { cwd: project.root });
    expect(JSON.parse(readiness.stdout)).toEqual([
      { workflow: 'leads', parts: expect.objectContaining({ trigger: 'form', 'reporting metric': null }) },
    ]);
    const table = await run(['check', '--readiness'], { cwd: project.root });
    expect(table.stdout).toContain('✔ source of truth   contracts/lead.schema.json; read back from tool');
    const neither = await run(['check', '--readiness', '--format', 'sarif'], { cwd: project.root });
    expect(neither.code).toBe(2);
    expect(neither.stderr).toContain('Readiness cannot be written as sarif.');
  });
});

describe('explain', () => {
  test('climbs the ladder for a good payload and shows what would be sent', async () => {
    const ran = await run(['explain', 'leads', '-'], { cwd: project.root, input: lead('1') });
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toMatch(/✔ contract .*\n.*✔ dedupe .*\n.*✔ transform .*\n.*✔ checks .*\n.*✔ routing /);
    expect(ran.stdout).toContain('POST /records');
    expect(ran.stdout).toContain('"lead": "1"');
    expect(ran.stdout).toContain('proved by GET /records/{id} within 30s');
  });

  test('says why another would stand in the queue, and with whom', async () => {
    const ran = await run(['explain', 'leads', '-'], { cwd: project.root, input: lead('2', { budget: 5 }) });
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain('✘ checks');
    expect(ran.stdout).toContain('It would stand in the exception queue as check_failed');
    expect(ran.stdout).toContain('on team:triage, then person:omar');
    expect(ran.stdout).toContain('☐ 1 Ask for the real budget');
  });

  test.each([
    [['explain', 'leds', '-'], 4, 'Did you mean `leads`?', 'no such workflow'],
    [['explain', 'leads', 'nothing.json'], 4, 'nothing.json cannot be read (ENOENT)', 'no such file'],
  ])('%j exits %i: %s', async (args, code, text) => {
    const ran = await run(args, { cwd: project.root });
    expect(ran.code).toBe(code);
    expect(ran.stderr).toContain(text);
  });
});

test('doctor names what is missing, each with its fix', async () => {
  const ran = await run(['doctor', '--json'], { cwd: project.root });
  expect(ran.code).toBe(1);
  const findings: { what: string; ok: boolean; fix?: string }[] = JSON.parse(ran.stdout).findings;
  const ok = Object.fromEntries(findings.map((finding) => [finding.what, finding.ok]));
  expect(ok).toMatchObject({
    node: true,
    project: true,
    'secret of source form': false,
    'destination tool': false,
  });
  for (const finding of findings) if (!finding.ok) expect(finding.fix, finding.what).toBeTruthy();
});

/** A port on which nothing listens any more. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
