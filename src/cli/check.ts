import type { Command } from 'commander';
import { exitCode } from '../errors.ts';
import { addCommand, type CommonOptions, projectRoot } from './command.ts';
import { paintFor, say, sayJson } from './output.ts';

/** `signalbox check`: the compiler, without a server. */
export function checkCommand(root: Command): void {
  addCommand(root, 'check', {
    summary: 'Compiles the project: every mistake with its file, line and column, and what to write instead',
    examples: [
      ['signalbox check', 'exits 0 without errors, 1 with'],
      ['signalbox check --json', 'the findings for an editor or a pipeline'],
    ],
  }).action(async (options: CommonOptions) => {
    const { checkProject } = await import('./project.ts');
    const { project, diagnostics, text } = await checkProject(projectRoot(options));
    if (project === null) process.exitCode = exitCode('invalid_project');
    if (options.json) return sayJson({ ok: project !== null, diagnostics });
    if (text !== '') process.stderr.write(`${text}\n\n`);
    const findings = diagnostics.length === 0 ? 'no findings' : counted(diagnostics.length, 'finding');
    if (project === null) process.stderr.write(`${paintFor(process.stderr)('bad', '✘')} ${findings}\n`);
    else
      say(
        `${paintFor(process.stdout)('good', '✔')} ${counted(project.workflows.size, 'workflow')}, ${findings}`,
      );
  });
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
