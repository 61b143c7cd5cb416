import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCaseFiles } from '../../src/cli/case-files.ts';
import { planned } from '../../src/cli/plan-run.ts';
import { stopsInTime } from '../../src/cli/stopping.ts';
import { limits } from '../../src/limits.ts';
import { loadProject } from '../../src/workflow/load.ts';
import { temporaryFolder } from '../support/folder.ts';
import { withLimits } from '../support/limits.ts';
import { lead, projectFiles } from '../support/project.ts';
import { recordedBy } from '../support/recorded.ts';
import { run } from './run.ts';

/** Bounds of what the commands take and keep, each at its edge. */

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder('signalbox-limits-');
  await mkdir(join(folder, 'cases'));
});
afterAll(() => rm(folder, { recursive: true }));

test.each<[max: number, refused: boolean, reason: string]>([
  [2, false, 'as many files as may be'],
  [1, true, 'one more'],
])('two files of cases, with room for %i, are refused: %s, %s', async (caseFilesMax, refused) => {
  for (const name of ['a.yaml', 'b.yaml']) await writeFile(join(folder, 'cases', name), 'cases: []\n');
  withLimits({ caseFilesMax });
  const read = readCaseFiles(folder);
  if (refused) await expect(read).rejects.toThrow('cases/ holds more than 1 files');
  else expect((await read).opened).toHaveLength(2);
});

test.each<[count: number, refused: boolean, reason: string]>([
  [limits.generatedPayloadsMax, false, 'as many payloads as are made'],
  [limits.generatedPayloadsMax + 1, true, 'one more'],
])('`test --generate %i` is refused: %s, %s', async (count, refused) => {
  // There is no project here: a number that is taken comes to that.
  const { code, stderr } = await run(['test', '--generate', String(count)], { cwd: folder });
  expect(code).not.toBe(0);
  expect(stderr.includes(`a whole number from 0 to ${limits.generatedPayloadsMax}`)).toBe(refused);
});

test.each<[stop: () => Promise<void>, stopped: boolean, reason: string]>([
  [async () => {}, true, 'it has ended'],
  [() => new Promise(() => {}), false, 'it does not end: nobody waits for ever'],
])('a stop is in time, line %#', async (stop, stopped) => {
  withLimits({ stopMs: 20 });
  expect(await stopsInTime(stop)).toBe(stopped);
});

describe('a plan', () => {
  const files = new Map(Object.entries(projectFiles('http://tool.example')));
  const workflow = loadProject(files).project?.workflows.get('leads');
  if (workflow === undefined) throw new Error('it compiles');
  const line = Buffer.from(`${JSON.stringify(recordedBy(workflow, lead('1')))}\n`);
  async function* lines(count: number) {
    for (let index = 0; index < count; index += 1) yield line;
  }

  test.each<[bytes: number, told: number[], reason: string]>([
    [2 * line.length, [2, 4], 'two of them fill a batch'],
    [2 * line.length + 1, [3, 4], 'a byte more, and it takes a third'],
  ])('of four triggers in batches of %i bytes has decided %j: %s', async (planBatchBytes, told) => {
    withLimits({ planBatchBytes });
    const seen: number[] = [];
    await planned(lines(4), { files, threads: 1, progress: (tickets) => seen.push(tickets) });
    expect(seen).toEqual(told);
  });

  test.each<[max: number, begun: number, reason: string]>([
    [2, 2, 'as many threads as are asked for'],
    [1, 1, 'no more than there may be'],
  ])('on two threads, of which %i may be, begins %i: %s', async (planThreadsMax, begun) => {
    withLimits({ planThreadsMax, planBatchBytes: 1 });
    // Threads are numbered in the order in which they begin.
    const numbered = async () => {
      const worker = new Worker('', { eval: true });
      const { threadId } = worker;
      await worker.terminate();
      return threadId;
    };
    const before = await numbered();
    const tally = await planned(lines(8), { files, threads: 2 });
    expect((await numbered()) - before - 1).toBe(begun);
    expect(tally.counts.tickets).toBe(8);
  });
});
