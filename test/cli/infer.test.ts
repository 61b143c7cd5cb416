import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Read, type SampleForm, samplesIn } from '../../src/cli/infer-samples.ts';
import { temporaryFolder } from '../support/folder.ts';
import { type TestProject, testProject } from '../support/project.ts';
import { run } from './run.ts';

let folder: string;
let project: TestProject;
beforeAll(async () => {
  folder = await temporaryFolder('signalbox-infer-');
  project = await testProject('http://127.0.0.1:9', { 'signalbox.yaml': linewise });
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await project.remove();
});

const linewise = `project: test
people:
  dana: { name: Dana Reyes }
  omar: { name: Omar Haddad }
teams:
  growth: { name: Growth, members: [dana] }
  web: { name: Web, members: [omar] }
  triage: { name: Triage, members: [dana, omar] }
sources:
  form: { summary: The form, owner: person:dana, verify: { scheme: bearer, secret: { env: FORM_TOKEN } } }
destinations:
  tool: { summary: The tool, url: 'http://127.0.0.1:9', auth: { scheme: none }, allow_private: true }
`;

const lead = (index: number) => JSON.stringify({ lead_id: `L-${index}`, email: `p${index}@example.com` });
const lines = Array.from({ length: 12 }, (_, index) => lead(index)).join('\n');

const form: SampleForm = { contentType: null, headers: {}, at: '', headersAt: null };

/** What is read of files, as the payloads and what was left out. */
async function readAll(paths: readonly string[], how: Partial<SampleForm> = {}) {
  const read: Read[] = [];
  for await (const each of samplesIn(paths, { ...form, ...how })) read.push(each);
  return {
    samples: read.flatMap((each) => (each.kind === 'sample' ? [each.sample] : [])),
    skipped: read.flatMap((each) => (each.kind === 'skipped' ? [each.where] : [])),
    ofLists: read.filter((each) => each.kind === 'sample' && each.ofList).length,
  };
}

describe('samples come from', () => {
  test('files, folders and their folders, packed or not', async () => {
    const many = join(folder, 'many');
    await mkdir(join(many, 'more'), { recursive: true });
    await writeFile(join(many, 'a.json'), lead(100));
    await writeFile(join(many, 'list.json'), `[${lead(101)},${lead(102)}]`);
    await writeFile(join(many, 'lines.json'), `${lead(103)}\n${lead(104)}`);
    await writeFile(join(many, 'broken.json'), '{"a":');
    await writeFile(join(many, 'more/b.ndjson.gz'), gzipSync(lines));
    await writeFile(join(many, 'readme.md'), 'not a sample');
    const { samples, skipped, ofLists } = await readAll([many, join(many, 'a.json')]);
    expect([samples.length, ofLists, skipped]).toEqual([18, 2, [join(many, 'broken.json')]]);
  });

  test('a member of each record, with its headers', async () => {
    const file = join(folder, 'records.ndjson');
    const record = { received: 1, payload: { id: 1 }, headers: { 'X-GitHub-Event': 'push' } };
    await writeFile(file, `${JSON.stringify(record)}\n\n{}\n`);
    expect(await readAll([file], { at: '/payload', headersAt: '/headers' })).toEqual({
      samples: [{ payload: { id: 1 }, headers: { 'x-github-event': 'push' } }],
      skipped: [`${file}:3`],
      ofLists: 0,
    });
  });

  test('bodies as their sender posts them', async () => {
    const file = join(folder, 'body.txt');
    await writeFile(file, 'lead_id=L-1&email=p%40example.com');
    const { samples } = await readAll([file], { contentType: 'application/x-www-form-urlencoded' });
    expect(samples).toEqual([{ payload: { lead_id: 'L-1', email: 'p@example.com' }, headers: {} }]);
  });
});

test.each([
  [['infer'], 2, /There are no samples.*\n.*--recorded/, 'nothing to read'],
  [['infer', '--recorded'], 2, /needs the source/, 'of what source'],
])('%j exits %d', async (args, code, pattern) => {
  const ran = await run(args, { cwd: folder });
  expect(ran).toMatchObject({ code, stdout: '' });
  expect(ran.stderr).toMatch(pattern);
});

test('what was found is told, and what could not be read', async () => {
  const ran = await run(['infer', '-'], { cwd: folder, input: `${lines}\n{"a":` });
  expect(ran.code).toBe(0);
  expect(ran.stderr).toMatch(/^-:13 is left out: The body is not JSON/);
  expect(ran.stdout).toMatch(/lead_id\s+12 of 12\s+always there, text\n/);
  expect(ran.stdout).toMatch(/Nothing is written; --write does\.\n$/);
});

test('--write adds contract, workflow and source; check then names the choices; nothing is overwritten', async () => {
  const args = ['infer', '-', '--source', 'landing-page', '--header', 'webhook-id: 1', '--write'];
  const wrote = await run(args, { cwd: project.root, input: lines });
  expect(wrote.stderr).toBe('');
  expect(wrote.stdout).toContain('Wrote contracts/landing-page.schema.json, workflows/landing-page.yaml');
  const text = await readFile(join(project.root, 'workflows/landing-page.yaml'), 'utf8');
  const [, schema] = /^# yaml-language-server: \$schema=(\S+)/.exec(text) ?? [];
  const published = JSON.parse(await readFile(join(project.root, 'workflows', schema ?? ''), 'utf8'));
  expect(published.title).toBe('Signalbox workflow');
  expect(await readFile(join(project.root, 'signalbox.yaml'), 'utf8')).toContain('scheme: standard-webhooks');
  const check = await run(['check', '--json'], { cwd: project.root });
  const found = JSON.parse(check.stdout) as { file: string; code: string; severity: string }[];
  const errors = found.filter(({ severity }) => severity === 'error');
  expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(['SB120']));
  const again = await run(args, { cwd: project.root, input: lines });
  expect(again).toMatchObject({ code: 5, stdout: '' });
  expect(again.stderr).toMatch(/is there already; nothing was written\.\n.*--name/);
});
