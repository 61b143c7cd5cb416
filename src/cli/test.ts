import { type Command, InvalidArgumentError } from 'commander';
import { exitCode } from '../errors.ts';
import { limits } from '../limits.ts';
import { addCommand, type CommonOptions, projectRoot } from './command.ts';
import { say } from './output.ts';

export interface TestCommandOptions extends CommonOptions {
  readonly format: readonly Format[];
  readonly generate: number;
  readonly seed: number;
  readonly coverage?: true;
  readonly coverageMin?: number;
  readonly keep?: true;
  readonly watch?: true;
  readonly record?: string;
  readonly out?: string;
}

/** A form of the report, and the file it goes to; null: standard output. */
export interface Format {
  readonly name: 'pretty' | 'tap' | 'junit' | 'github' | 'json';
  readonly file: string | null;
}

/** `signalbox test`: what must hold of the workflows, without a server. */
export function testCommand(root: Command): void {
  addCommand(root, 'test [filter]', {
    summary:
      'Decides the cases in cases/*.yaml and payloads made from the contracts: what must hold, holds or is shown',
    examples: [
      ['signalbox test', 'exits 0 where everything holds, 1 where something does not'],
      ['signalbox test budget', 'only cases whose name, file or workflow has "budget" in it'],
      ['signalbox test --coverage-min 80', 'fails too where the cases show less of a workflow'],
      ['signalbox test --format github --format junit=report.xml', 'for a pipeline'],
      ['signalbox test --watch', 'again with every change of a file'],
      ['signalbox test --record 0199f0c4-7a12-7bcd-8e21-5a3b9c8d2f41', 'a real ticket, redacted, as a case'],
    ],
  })
    .option('--format <form[=file]>', 'pretty, tap, junit, github or json; repeatable', formatFrom, [])
    .option('--generate <count>', 'payloads to make from each contract; 0: none', countFrom, 100)
    .option('--seed <number>', 'which payloads are made', seedFrom, 1)
    .option('--coverage', 'name everything that no case shows')
    .option('--coverage-min <percent>', 'fail where the cases show less of a workflow', percentFrom)
    .option('--keep', 'write payloads that break what must hold to cases/, as cases')
    .option('--watch', 'run again with every change of a file of the project')
    .option('--record <ticket>', 'make a case of a ticket of the server, with its personal values replaced')
    .option('--out <file>', 'with --record: the file to write (default: standard output)')
    .action(async (filter: string | undefined, options: TestCommandOptions) => {
      const folder = projectRoot(options);
      if (options.record !== undefined) {
        const { recordCase } = await import('./test-record.ts');
        return await recordCase(folder, options.record, options);
      }
      const { runTests } = await import('./test-run.ts');
      if (options.watch !== true) {
        const ok = await runTests(folder, filter, options);
        if (!ok) process.exitCode = exitCode('invalid_project');
        return;
      }
      await watchTests(folder, () => runTests(folder, filter, options));
    });
}

/** Runs at once and with every change, until a signal. A project that does not compile is said, and waited for. */
async function watchTests(folder: string, run: () => Promise<boolean>): Promise<void> {
  const { watchProject } = await import('./watch.ts');
  const { caseTexts } = await import('./case-files.ts');
  const again = async () => {
    try {
      await run();
    } catch (error) {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    }
    say('\nWaiting for a change. Ctrl-C stops.');
  };
  const watching = await watchProject(folder, again, caseTexts);
  await again();
  await new Promise((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  watching.close();
}

const forms: readonly Format['name'][] = ['pretty', 'tap', 'junit', 'github', 'json'];

function formatFrom(text: string, before: readonly Format[]): readonly Format[] {
  const [given = '', ...rest] = text.split('=');
  const name = forms.find((form) => form === given);
  if (name === undefined) throw new InvalidArgumentError(`Allowed forms are ${forms.join(', ')}.`);
  return [...before, { name, file: rest.length === 0 ? null : rest.join('=') }];
}

function countFrom(text: string): number {
  return wholeFrom(text, limits.generatedPayloadsMax);
}

function seedFrom(text: string): number {
  return wholeFrom(text, 0x7fff_ffff);
}

function percentFrom(text: string): number {
  return wholeFrom(text, 100);
}

function wholeFrom(text: string, max: number): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number <= max) return number;
  throw new InvalidArgumentError(`It is a whole number from 0 to ${max}.`);
}
