import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { recipeCommands } from '../support/guide.ts';
import { listen, run, start } from './run.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
  expect((await run(['init', join(root, 'fresh')], { cwd: root })).code).toBe(0);
});
afterAll(async () => await rm(root, { recursive: true }));

/** A new project in a folder of its own, with one text of a file replaced. */
async function project(name: string, file?: string, from = '', to = ''): Promise<string> {
  const folder = join(root, name);
  await cp(join(root, 'fresh'), folder, { recursive: true });
  if (file === undefined) return folder;
  const text = await readFile(join(folder, file), 'utf8');
  if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
  await writeFile(join(folder, file), text.replace(from, to));
  return folder;
}

const cases = 'cases/contact-request.yaml';

test('a case that fails says what was expected, what came, why, and where it is written', async () => {
  const cwd = await project('fails', cases, 'route: team:support, handoffs', 'route: team:sales, handoffs');
  const { code, stdout } = await run(['test'], { cwd });
  expect(stdout).toContain(
    [
      '  ✘ A question goes to support  cases/contact-request.yaml:33:5',
      '      route  cases/contact-request.yaml:36:15',
      '        expected  team:sales',
      '        came      team:support',
      '      why',
    ].join('\n'),
  );
  expect(stdout).toMatch(/ {6}routing +team:support: confidence 1/);
  expect(stdout).toMatch(/✘ 1 case fails, 6 cases hold, 100 generated payloads decided/);
  expect(code).toBe(1);
});

test('the same report for programs: TAP, JUnit, annotations, JSON', async () => {
  const cwd = await project(
    'formats',
    cases,
    '- name: A question goes to support',
    '- name: "A question, #1 <goes> to\\nsupport: 100 %"',
  );
  await writeFile(
    join(cwd, cases),
    (await readFile(join(cwd, cases), 'utf8')).replace('team:support, hand', 'team:sales, hand'),
  );
  const files = [
    'tap=out/r.tap',
    'junit=out/r.xml',
    'github=out/r.txt',
    'json=out/r.json',
    'pretty=out/pretty.txt',
  ];
  const ran = await run(['test', '-p', 'formats', ...files.flatMap((file) => ['--format', file])], {
    cwd: root,
  });
  const read = (file: string) => readFile(join(root, 'out', file), 'utf8');
  expect(ran).toMatchObject({ code: 1, stderr: '' });

  const tap = await read('r.tap');
  expect(tap).toMatch(/^TAP version 14\n1\.\.8\nok 1 - A request to sales/);
  const [, diagnostics = ''] =
    /^not ok 3 - A question, \\#1 <goes> to support: 100 %\n {2}---\n([\s\S]*?)\n {2}\.\.\.$/m.exec(tap) ??
    [];
  expect(parse(diagnostics)).toMatchObject({
    at: 'cases/contact-request.yaml:36:15',
    told: expect.stringContaining('expected  team:sales'),
  });

  const xml = await read('r.xml');
  expect(xml).toContain('<testsuites name="signalbox" tests="8" failures="1">');
  expect(xml).toContain(
    '<testcase name="A question, #1 &lt;goes&gt; to support: 100 %" classname="cases/contact-request.yaml" file="cases/contact-request.yaml" line="36">',
  );

  expect(await read('r.txt')).toMatch(
    /^::error file=formats\/cases\/contact-request.yaml,line=36,col=15,title=A question%2C #1 <goes> to support%3A 100 %25::route, expected team:sales, came team:support%0A.*\nnot ok: 7 hold, 1 do not\n$/,
  );

  const json = JSON.parse(await read('r.json'));
  expect(json).toMatchObject({
    ok: false,
    generated: [{ runs: 100, counterexample: null }],
    coverage: [{ workflow: 'contact-request' }],
  });
  expect(json.cases[2]).toMatchObject({
    ok: false,
    failures: [{ line: 36, what: 'route', expected: 'team:sales', came: 'team:support' }],
  });
  expect(ran.stdout).toBe(
    `${(await read('pretty.txt')).trimEnd()}\n`.replace(/\d+ ms/, /\d+ ms/.exec(ran.stdout)?.[0] ?? ''),
  );
});

test('a generated payload that breaks the workflow is shown small, with its seed, and kept as a case', async () => {
  const cwd = await project(
    'broken',
    'contracts/contact.schema.json',
    '"minLength": 1, "maxLength": 100',
    '"maxLength": 100',
  );
  const found = await run(['test', '--keep', '--seed', '7'], { cwd });
  expect(found.stdout).toMatch(
    /✘ A payload that the contract of contact-request allows\n +transform_failed: No identity/,
  );
  expect(found.stdout).toMatch(/payload +\{ request_id: "",/);
  expect(found.stdout).toContain('again    signalbox test --seed 7');
  expect(found.stdout).toContain('Kept as cases/generated-contact-request-7.yaml');
  const kept = await run(['test', 'allows', '--generate', '0'], { cwd });
  expect(kept.stdout).toMatch(
    /✘ A payload that the contract allows \(seed 7\)[\s\S]*exception +cases.*\n +should not be/,
  );
  expect([found.code, kept.code]).toEqual([1, 1]);
});

describe('what is asked of a run', () => {
  test.each<[args: readonly string[], code: number, said: RegExp, reason: string]>([
    [
      ['--coverage-min', '74'],
      1,
      /✘ contact-request: .*, and 74 % are asked for\n +failure mode +unparseable/,
      'less is covered',
    ],
    [['sent twice nowhere'], 4, /No case has "sent twice nowhere"/, 'a filter that nothing passes'],
    [
      ['--format', 'xml'],
      2,
      /Allowed forms are pretty, tap, junit, github, json/,
      'a form that there is none of',
    ],
  ])('%j exits %i', async (args, code, said) => {
    const ran = await run(['test', ...args], { cwd: join(root, 'fresh') });
    expect(ran.stdout + ran.stderr).toMatch(said);
    expect(ran.code).toBe(code);
  });
});

test('--watch runs again when a case changes', async () => {
  const cwd = await project('watched');
  const child = start(['test', '--watch', '--generate', '0'], { cwd });
  const said = listen(child);
  try {
    await said.until(/✔ 7 cases hold[\s\S]*Waiting for a change/);
    const text = await readFile(join(cwd, cases), 'utf8');
    await writeFile(join(cwd, cases), text.replace('state: joined', 'state: done'));
    await said.until(/expected {2}done\n +came {6}joined[\s\S]*Waiting for a change/);
  } finally {
    child.kill('SIGTERM');
  }
});

describe('the recipes of docs/guides/ci.md', () => {
  const commands = recipeCommands();

  test('hold what a pipeline needs', () => {
    expect([...new Set(commands.map(([name]) => name))]).toEqual(['check', 'test', 'plan']);
  });

  test.each(commands.filter(([name]) => name !== 'plan'))(
    'signalbox %s %s %s: a new project passes',
    async (...args) => {
      const cwd = await project(`ci-${commands.findIndex((each) => each.join() === args.join())}`);
      expect(await run(args, { cwd })).toMatchObject({ code: 0, stderr: '' });
      const junit = args.find((each) => each.startsWith('junit='));
      if (junit !== undefined) expect(await readdir(cwd)).toContain(junit.slice('junit='.length));
    },
  );
});
