import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AppError } from '../../src/errors.ts';
import { limits } from '../../src/limits.ts';
import { readProjectFiles } from '../../src/platform/project-files.ts';
import { loadProject } from '../../src/workflow/load.ts';
import { projectTexts } from '../support/project-texts.ts';

let outside: string;
let root: string;

beforeEach(async () => {
  outside = await mkdtemp(join(tmpdir(), 'signalbox-files-'));
  root = join(outside, 'project');
  for (const [path, text] of Object.entries(projectTexts)) await write(path, text);
});
afterEach(() => rm(outside, { recursive: true }));

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

test('reads the project, its workflows, and what they refer to; nothing else', async () => {
  await write('README.md', 'not read');
  await write('contracts/other.json', '{}');
  await write('workflows/notes.txt', 'not read');
  const files = await readProjectFiles(root);
  expect(Object.fromEntries(files)).toEqual(projectTexts);
  expect(loadProject(files).diagnostics).toEqual([]);
});

test('a file that is not there is left out, for check to report at its place', async () => {
  await rm(join(root, 'contracts/lead.schema.json'));
  const files = await readProjectFiles(root);
  expect([...files.keys()]).not.toContain('contracts/lead.schema.json');
  expect(loadProject(files).diagnostics.map(({ code }) => code)).toContain('SB130');
});

test('an empty folder is no error of reading', async () => {
  await mkdir(join(root, 'empty'));
  const files = await readProjectFiles(join(root, 'empty'));
  expect(files.size).toBe(0);
  expect(loadProject(files).diagnostics.map(({ code }) => code)).toEqual(['SB104', 'SB104']);
});

test.each<[string, () => Promise<unknown>, RegExp]>([
  ['a folder that is not there', () => readProjectFiles(join(root, 'nowhere')), /no folder/],
  ['a contract that is a link out of the folder', linkOut, /leads out of the project folder/],
  ['a file beyond the bound', tooBig, /larger than/],
  ['a file that is not UTF-8', latin1, /not UTF-8/],
])('%s is refused', async (_, act, message) => {
  const error = await act().catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(AppError);
  expect((error as AppError).message).toMatch(message);
});

test('a file may have limits.fileBytesMax, and all together limits.projectBytesMax', async () => {
  const contract = join(root, 'contracts/lead.schema.json');
  await truncate(contract, limits.fileBytesMax);
  expect((await readProjectFiles(root)).get('contracts/lead.schema.json')?.length).toBe(limits.fileBytesMax);

  const text = projectTexts['workflows/lead.yaml'] ?? '';
  const others = limits.projectBytesMax / limits.fileBytesMax - 1;
  for (let index = 0; index < others; index += 1) {
    await write(`workflows/w${index}.yaml`, text.replace('lead.schema', `c${index}`));
    await write(`contracts/c${index}.json`, '');
    await truncate(join(root, `contracts/c${index}.json`), limits.fileBytesMax);
  }
  await expect(readProjectFiles(root)).rejects.toThrow(/The project is larger than/);
});

test('workflows/ may hold limits.workflowsMax files', async () => {
  for (let index = 1; index < limits.workflowsMax; index += 1) await write(`workflows/w${index}.yaml`, '');
  expect((await readProjectFiles(root)).size).toBe(limits.workflowsMax + 3);
  await write('workflows/one-more.yaml', '');
  await expect(readProjectFiles(root)).rejects.toThrow(/more than/);
});

test('`..` out of the folder reads nothing', async () => {
  await writeFile(join(outside, 'secret.json'), '{"type": "object"}');
  const text = projectTexts['workflows/lead.yaml'] ?? '';
  await write('workflows/lead.yaml', text.replace('../contracts/lead.schema.json', '../../secret.json'));
  const files = await readProjectFiles(root);
  expect([...files.values()]).not.toContain('{"type": "object"}');
});

async function linkOut(): Promise<unknown> {
  await writeFile(join(outside, 'secret.json'), '{}');
  await rm(join(root, 'contracts/lead.schema.json'));
  await symlink(join(outside, 'secret.json'), join(root, 'contracts/lead.schema.json'));
  return await readProjectFiles(root);
}

async function tooBig(): Promise<unknown> {
  await truncate(join(root, 'contracts/lead.schema.json'), limits.fileBytesMax + 1);
  return await readProjectFiles(root);
}

async function latin1(): Promise<unknown> {
  await writeFile(join(root, 'workflows/lead.yaml'), Buffer.from([0x61, 0x3a, 0x20, 0xe9]));
  return await readProjectFiles(root);
}
