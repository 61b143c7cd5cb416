import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { decide } from '../../src/decide.ts';
import { evaluateModules } from '../../src/platform/evaluate.ts';
import { readProjectFiles } from '../../src/platform/project-files.ts';
import { loadProject } from '../../src/workflow/load.ts';
import { temporaryFolder } from '../support/folder.ts';
import { withLimits } from '../support/limits.ts';
import { projectFiles } from '../support/project.ts';

const files = projectFiles('http://127.0.0.1:9');
const yaml = files['workflows/leads.yaml'] ?? '';

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder('signalbox-modules-');
});
afterAll(() => rm(folder, { recursive: true }));

let count = 0;
/** A project whose workflow is a module. */
async function project(module: string, others: Record<string, string> = {}): Promise<string> {
  count += 1;
  const root = join(folder, String(count));
  const { 'workflows/leads.yaml': _, ...rest } = files;
  for (const [path, text] of Object.entries({ ...rest, 'workflows/leads.ts': module, ...others })) {
    await mkdir(join(root, path, '..'), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
}

const asModule = `import { defineWorkflow } from 'signalbox/workflow';
import { threshold } from '../lib/shared.ts';

export default defineWorkflow(${JSON.stringify(parse(yaml), null, 2).replace('"threshold": 0.8', 'threshold')});
`;
const shared = { 'lib/shared.ts': 'export const threshold: number = 0.8;\n' };

test('a workflow in TypeScript decides as the same in YAML', async () => {
  const read = await readProjectFiles(await project(asModule, shared));
  // What it is made from is watched with it.
  expect([...read.keys()]).toContain('lib/shared.ts');
  const inTypeScript = loadProject(read).project?.workflows.get('leads');
  const inYaml = loadProject(new Map(Object.entries(files))).project?.workflows.get('leads');
  if (inTypeScript === undefined || inYaml === undefined) throw new Error('they do not compile');

  const payload = fc.record(
    {
      lead_id: fc.oneof(fc.string(), fc.integer()),
      name: fc.string(),
      project_type: fc.constantFrom('web', 'brand', 'other'),
      budget: fc.oneof(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.integer({ min: 0, max: 10_000 }),
      ),
    },
    { requiredKeys: [] },
  );
  const now = new Date('2026-01-05T09:00:00Z');
  const facts = { holder: null, rerouteTo: null };
  const kinds = new Set<string>();
  fc.assert(
    fc.property(payload, (value) => {
      const body = Buffer.from(JSON.stringify(value));
      const trigger = { source: 'form', contentType: 'application/json', headers: {}, body };
      const decision = decide(inTypeScript, trigger, facts, now);
      kinds.add(decision.kind);
      expect(decision).toEqual(decide(inYaml, trigger, facts, now));
    }),
    { numRuns: 300 },
  );
  expect([...kinds].sort()).toEqual(['routed', 'stopped']);
});

test('a module that is imported counts: its change is another version', async () => {
  const root = await project(asModule, shared);
  const version = async () =>
    loadProject(await readProjectFiles(root)).project?.workflows.get('leads')?.version;
  const before = await version();
  expect(before).toMatch(/^[0-9a-f]{64}$/);
  expect(await version()).toBe(before);
  await writeFile(join(root, 'lib/shared.ts'), 'export const threshold = 0.7;\n');
  expect(await version()).not.toBe(before);
});

test('a file without an end is given up after its time, and the others are told whose fault it is', async () => {
  const root = await project('for (;;) {}', { 'workflows/after.ts': 'export default {};' });
  withLimits({ evaluateMs: 1_000 });
  const { exports } = await evaluateModules(root, ['workflows/leads.ts', 'workflows/after.ts']);
  expect([...exports.values()]).toMatchObject([
    { fault: { message: 'this file has not come to its end within 1 s' } },
    { fault: { message: 'this file was not reached, for workflows/leads.ts has not come to its end' } },
  ]);
});

test.each<[string, RegExp, number, string]>([
  ['export const x = 1;', /exports no workflow/, 1, 'nothing is exported by default'],
  ['\nthrow new Error("boom");', /cannot be evaluated: boom/, 2, 'it throws'],
  ['\n\nexport default {{', /cannot be evaluated/, 3, 'it is no TypeScript'],
  [
    "import { x } from './nothing.ts';",
    /cannot be evaluated: Cannot find module/,
    1,
    'what it imports is not there',
  ],
  ['process.exit(0);', /ended the process/, 1, 'it ends its process'],
  [
    'export default { owner: process.env.FORM_TOKEN ?? (() => 1) };',
    /`owner` is a function/,
    1,
    'it sees no environment',
  ],
])('%j is a finding', async (module, message, line) => {
  const { project: loaded, diagnostics } = loadProject(await readProjectFiles(await project(module)));
  expect(loaded).toBeNull();
  const [finding] = diagnostics.filter(({ code }) => code === 'SB106');
  expect(finding).toMatchObject({
    file: 'workflows/leads.ts',
    line,
    message: expect.stringMatching(message),
  });
});
