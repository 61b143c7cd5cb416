import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';

/** What every command takes. */
export interface CommonOptions {
  readonly json?: true;
  readonly project?: string;
}

interface Description {
  readonly summary: string;
  /** Whole command lines with what they do. */
  readonly examples: readonly (readonly [line: string, does: string])[];
  /** What its group does where no command is named. */
  readonly isDefault?: true;
}

/** Adds a command with the options of all commands and its examples. `name` may carry arguments: `send <source> <payload>`. */
export function addCommand(parent: Command, name: string, description: Description): Command {
  const { summary, examples, isDefault = false } = description;
  const width = Math.max(...examples.map(([line]) => line.length));
  const lines = examples.map(([line, does]) => `  $ ${line.padEnd(width)}   ${does}`);
  return parent
    .command(name, { isDefault })
    .description(summary)
    .option(
      '-p, --project <folder>',
      'the project (default: the nearest folder upwards with a signalbox.yaml)',
    )
    .option('--json', 'print the result as JSON')
    .addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
}

/** The project's folder: as given, or the nearest one upwards that has a signalbox.yaml, or the current one. */
export function projectRoot(options: CommonOptions): string {
  if (options.project !== undefined) return resolve(options.project);
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'signalbox.yaml'))) return folder;
    if (folder === dirname(folder)) return process.cwd();
  }
}
