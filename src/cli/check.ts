import { relative } from 'node:path';
import { type Command, Option } from 'commander';
import { AppError, exitCode } from '../errors.ts';
import { version } from '../platform/version.ts';
import { addCommand, type CommonOptions, projectRoot } from './command.ts';
import { paintFor, say, sayJson } from './output.ts';
import type { CheckedProject } from './project.ts';

const formats = ['pretty', 'json', 'github', 'sarif'] as const;
type Format = (typeof formats)[number];
type Options = CommonOptions & { readonly format?: Format; readonly readiness?: true };

/** `signalbox check`: the compiler, without a server. */
export function checkCommand(root: Command): void {
  addCommand(root, 'check', {
    summary: 'Compiles the project: every mistake with its file, line and column, and what to write instead',
    examples: [
      ['signalbox check', 'exits 0 without errors, 1 with; warnings alone are 0'],
      ['signalbox check --json', 'the findings as an array, for an editor or a pipeline'],
      ['signalbox check --format github', 'annotations at their lines of a pull request'],
      ['signalbox check --format sarif > check.sarif', 'for code scanning'],
      ['signalbox check --readiness', 'what each workflow says of trigger, owner, …, recovery path'],
    ],
  })
    .addOption(
      new Option('-f, --format <format>', 'how findings are written (default: pretty)').choices(formats),
    )
    .option('--readiness', 'what each workflow states, and what is missing, instead of the findings')
    .action(async (options: Options) => {
      const { checkProject } = await import('./project.ts');
      const folder = projectRoot(options);
      const checked = await checkProject(folder);
      if (checked.project === null) process.exitCode = exitCode('invalid_project');
      const format = options.format ?? (options.json ? 'json' : 'pretty');
      if (options.readiness) await sayReadiness(checked, format);
      else if (format === 'pretty') await sayFindings(checked);
      else await sayReport(checked, format, folder);
    });
}

async function sayFindings({ project, diagnostics, text, readiness }: CheckedProject): Promise<void> {
  const { readinessLines } = await import('./readiness-text.ts');
  if (text !== '') process.stderr.write(`${text}\n\n`);
  for (const line of readinessLines(readiness, paintFor(process.stdout))) say(line);
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  const counts = [counted(errors, 'error'), counted(diagnostics.length - errors, 'warning')];
  const findings = diagnostics.length === 0 ? 'no findings' : counts.filter(isSome).join(', ');
  if (project === null) process.stderr.write(`${paintFor(process.stderr)('bad', '✘')} ${findings}\n`);
  else
    say(
      `${paintFor(process.stdout)('good', '✔')} ${counted(project.workflows.size, 'workflow')}, ${findings}`,
    );
}

async function sayReport(
  { diagnostics }: CheckedProject,
  format: Exclude<Format, 'pretty'>,
  folder: string,
): Promise<void> {
  if (format === 'json') return sayJson(diagnostics.map(({ length: _, ...finding }) => finding));
  const within = folderWithin(process.cwd(), folder);
  if (format === 'sarif') {
    const { sarif } = await import('../workflow/report/sarif.ts');
    return sayJson(sarif(diagnostics, within, version));
  }
  const { annotations } = await import('../workflow/report/annotations.ts');
  if (diagnostics.length > 0) say(annotations(diagnostics, within));
}

async function sayReadiness({ readiness }: CheckedProject, format: Format): Promise<void> {
  if (format === 'github' || format === 'sarif') {
    throw new AppError('bad_request', `Readiness cannot be written as ${format}.`, {
      help: 'Write `--readiness`, or `--readiness --json`.',
    });
  }
  const { readinessTable } = await import('./readiness-text.ts');
  if (format === 'json') sayJson(readiness);
  else for (const each of readiness) say(readinessTable(each, paintFor(process.stdout)));
}

/** Reports name files from where the command runs, which is the repository's root in a pipeline. */
function folderWithin(current: string, folder: string): string {
  const path = relative(current, folder).replaceAll('\\', '/');
  return path === '' ? '' : `${path}/`;
}

function isSome(count: string): boolean {
  return !count.startsWith('0 ');
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
