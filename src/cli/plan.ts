import { availableParallelism } from 'node:os';
import { type Command, InvalidArgumentError } from 'commander';
import { AppError, exitCode } from '../errors.ts';
import { type Gate, judge, parseGate } from '../workflow/plan/gate.ts';
import { metrics } from '../workflow/plan/metrics.ts';
import { addressOf } from './client.ts';
import { addCommand, type CommonOptions, projectRoot } from './command.ts';
import { timeFrom } from './moments.ts';
import { paintFor, say, sayJson } from './output.ts';

type Options = CommonOptions & {
  readonly since: string;
  readonly until?: string;
  readonly workflow?: string;
  readonly failOn: readonly Gate[];
  readonly limit?: number;
  readonly threads: number;
};

const metricsHelp = `
Metrics for --fail-on, each a number of tickets, or with % their share of those that were looked at:
${Object.entries(metrics)
  .map(([name, meaning]) => `  ${name.padEnd(18)}  ${meaning}`)
  .join('\n')}`;

/** `signalbox plan`: where recorded tickets would go under the files on disk. */
export function planCommand(root: Command): void {
  addCommand(root, 'plan', {
    summary:
      'Decides recorded tickets again under the files on disk, and shows which would go elsewhere; changes nothing',
    examples: [
      ['signalbox plan', 'what came in the last 30 days'],
      ['signalbox plan --since 7d --workflow paid-lead-to-pm', 'a week of one workflow'],
      ['signalbox plan --fail-on "new-exceptions>1%"', 'exits 1 where more than one in a hundred would stop'],
      ['signalbox plan --fail-on "changed>0" --json', 'for a pipeline'],
    ],
  })
    .option('--since <time>', 'from then on: a length of time (`30d`, `12h`) or an ISO 8601 time', '30d')
    .option('--until <time>', 'before then, in the same words (default: now)')
    .option('--workflow <name>', 'only tickets that this workflow decided')
    .option(
      '--fail-on <condition>',
      'exit with 1 where it holds: `<metric>>N` or `<metric>>N%`; repeatable',
      gates,
      [],
    )
    .option('--limit <tickets>', 'at most so many, the oldest first', wholeNumber)
    .option('--threads <count>', 'threads that decide', wholeNumber, availableParallelism())
    .addHelpText('after', metricsHelp)
    .action(plan);
}

async function plan(options: Options): Promise<void> {
  const root = projectRoot(options);
  const now = new Date();
  const query = {
    workflow: options.workflow,
    since: timeOf('--since', options.since, now),
    until: options.until === undefined ? undefined : timeOf('--until', options.until, now),
    limit: options.limit,
  };
  const { soundProject } = await import('./project.ts');
  const { readProjectFiles } = await import('../platform/project-files.ts');
  const { planned } = await import('./plan-run.ts');
  const { planDocument, planText } = await import('./plan-text.ts');
  const { recordedLines } = await import('./recorded-triggers.ts');
  await soundProject(root);
  const files = await readProjectFiles(root);
  const address = await addressOf(root, process.env);
  const { threads } = options;
  const began = performance.now();
  const progress = progressLine();
  const tally = await planned(recordedLines(address, query), { files, threads, progress }).finally(() =>
    progress(null),
  );
  const judged = options.failOn.map((gate) => judge(gate, tally));
  const report = { query, tally, judged, seconds: (performance.now() - began) / 1_000 };
  if (judged.some(({ failed }) => failed)) process.exitCode = exitCode('invalid_project');
  if (options.json) sayJson(planDocument(report));
  else say(planText(report, paintFor(process.stdout)));
}

/** How far it is, on a terminal only; null takes it away. */
function progressLine(): (tickets: number | null) => void {
  if (!process.stderr.isTTY) return () => {};
  return (tickets) => {
    const text = tickets === null ? '' : `${tickets.toLocaleString('en')} tickets`;
    process.stderr.write(`\r\u001b[K${text}`);
  };
}

/** A time as it was given, or so long before now; ISO 8601. */
function timeOf(option: string, text: string, now: Date): string {
  const time = timeFrom(text, now);
  if (time !== null) return time;
  throw new AppError('bad_request', `${option} "${text}" is neither a length of time nor a time.`, {
    help: 'Write 30d, 12h or 45m for so long ago, or a day or time such as 2026-11-01 or 2026-11-01T08:00:00Z.',
  });
}

function gates(text: string, before: readonly Gate[]): readonly Gate[] {
  return [...before, parseGate(text)];
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is a whole number from 1.');
}
