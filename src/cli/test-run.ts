import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { AppError } from '../errors.ts';
import { compileCases } from '../workflow/cases/compile.ts';
import { keptCase } from '../workflow/cases/keep.ts';
import { type TestReport, testCases, watchedProject } from '../workflow/cases/report.ts';
import type { Project } from '../workflow/project.ts';
import { type CaseFiles, readCaseFiles } from './case-files.ts';
import { paintFor, plain, say } from './output.ts';
import { soundProject } from './project.ts';
import type { Format, TestCommandOptions } from './test.ts';
import { testFormats } from './test-formats.ts';
import { testText } from './test-text.ts';

/** Tests a project once and writes its reports. False: something does not hold. Throws AppError where it does not compile. */
export async function runTests(
  folder: string,
  filter: string | undefined,
  options: TestCommandOptions,
): Promise<boolean> {
  const started = performance.now();
  const project = await soundProject(folder);
  const files = await readCaseFiles(folder);
  const report = tested(project, files, filter, options);
  const ms = Math.round(performance.now() - started);
  for (const format of formatsOf(options)) await writeReport(format, report, { folder, files, options, ms });
  if (options.keep === true) await keep(folder, report);
  return report.ok;
}

function tested(
  project: Project,
  { opened, payloads }: CaseFiles,
  filter: string | undefined,
  { generate, seed, coverageMin }: TestCommandOptions,
): TestReport {
  const watched = watchedProject(project);
  const { cases, diagnostics } = compileCases(opened, payloads, watched.project);
  const wanted = (...texts: readonly string[]) =>
    filter === undefined || texts.some((text) => text.toLowerCase().includes(filter.toLowerCase()));
  const chosen = cases.filter(({ name, file, workflow }) => wanted(name, file.path, workflow.name));
  const workflows = [...project.workflows.values()].filter(({ name }) => wanted(name));
  if (filter !== undefined && chosen.length === 0 && workflows.length === 0) {
    throw new AppError('not_found', `No case has "${filter}" in its name, file or workflow.`, {
      help: 'Leave the filter out to run all of them.',
    });
  }
  return testCases(watched, { cases: chosen, diagnostics }, workflows, {
    generate,
    seed,
    coverageMin: coverageMin ?? null,
  });
}

function formatsOf({ format, json }: TestCommandOptions): readonly Format[] {
  if (json === true) return [...format, { name: 'json', file: null }];
  const toFiles = format.every(({ file }) => file !== null);
  return toFiles ? [{ name: 'pretty', file: null }, ...format] : format;
}

interface Writing {
  readonly folder: string;
  readonly files: CaseFiles;
  readonly options: TestCommandOptions;
  readonly ms: number;
}

async function writeReport({ name, file }: Format, report: TestReport, writing: Writing): Promise<void> {
  const text =
    name === 'pretty'
      ? prettyText(report, writing, file === null)
      : testFormats[name](report, baseOf(writing.folder));
  if (file === null) return say(text);
  await mkdir(dirname(resolve(file)), { recursive: true });
  await writeFile(file, `${text}\n`);
}

function prettyText(report: TestReport, { files, options, ms }: Writing, toTerminal: boolean): string {
  const colours = toTerminal && process.stdout.isTTY && process.env.NO_COLOR === undefined;
  const paint = toTerminal ? paintFor(process.stdout) : plain;
  return testText(report, { paint, colours, texts: files.texts, coverage: options.coverage === true, ms });
}

/** Annotations name a file as the repository does, which is where a pipeline's commands run. */
function baseOf(folder: string): string {
  const path = relative(process.cwd(), folder).split(sep).join('/');
  return path === '' ? '' : `${path}/`;
}

/** Writes each counterexample to a file of its own; what is there already is not touched. */
async function keep(folder: string, { generated }: TestReport): Promise<void> {
  for (const each of generated) {
    if (each.counterexample === null) continue;
    const path = join('cases', `generated-${each.workflow}-${each.seed}.yaml`);
    await mkdir(join(folder, 'cases'), { recursive: true });
    try {
      await writeFile(join(folder, path), keptCase(each.counterexample, each), { flag: 'wx' });
      say(`Kept as ${path}: it fails until the workflow or its contract is repaired.`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      say(`${path} is there already and was left as it is.`);
    }
  }
}
