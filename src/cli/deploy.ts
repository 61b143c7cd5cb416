import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { AppError } from '../errors.ts';
import type { Project } from '../workflow/project.ts';
import { type Client, serverClient } from './client.ts';
import { addCommand, type CommonOptions, projectRoot } from './command.ts';
import { changeText, type Deployed, type WorkflowList } from './deployed-text.ts';
import { paintFor, say, sayJson } from './output.ts';

interface Options extends CommonOptions {
  readonly why?: string;
  readonly as?: string;
  readonly yes?: true;
  readonly dryRun?: true;
}

/** `signalbox deploy`: puts the project on disk in force on the running server, wherever that is. */
export function deployCommand(root: Command): void {
  addCommand(root, 'deploy', {
    summary: 'Puts the workflows on disk in force on the running server, after showing what that changes',
    examples: [
      ['signalbox deploy --why "Budgets start at 800 now"', 'shows the difference, asks, deploys'],
      ['signalbox deploy --dry-run', 'only shows the difference'],
      [
        'SIGNALBOX_URL=… SIGNALBOX_KEY=… signalbox deploy --yes --why "$COMMIT"',
        'from a pipeline, to a server elsewhere',
      ],
    ],
  })
    .option('--why <text>', 'the reason, for the history')
    .option('--as <person>', 'who deploys: person:<key> (default: SIGNALBOX_ACTOR)')
    .option('--yes', 'do not ask; without a terminal it is needed where payloads would break')
    .option('--dry-run', 'show what would change, and change nothing')
    .action(async (options: Options) => {
      const { soundProject } = await import('./project.ts');
      const project = await soundProject(projectRoot(options));
      const client = await serverClient(options);
      const workflows = await changedWorkflows(project, client);
      if (workflows.length === 0) {
        if (options.json) return sayJson({ deployed: false, workflows: [] });
        return say(
          `${paintFor(process.stdout)('good', '✔')} The server has these workflows in force already.`,
        );
      }
      const order = (reason: string, dryRun: boolean) =>
        client.post<Deployed>('/api/deployments', { workflows, reason, dry_run: dryRun });
      await carryOut(order, options);
    });
}

/** What differs from what is in force, with what was seen there. */
async function changedWorkflows({ bundles, workflows }: Project, client: Client) {
  const { workflows: inForce } = await client.get<WorkflowList>('/api/workflows');
  const versions = new Map(inForce.map(({ name, version }) => [name, version]));
  return [...bundles]
    .filter(([name]) => workflows.get(name)?.version !== versions.get(name))
    .map(([name, bundle]) => ({ bundle, from: versions.get(name) ?? null }));
}

/** Shows what an order would change, asks, and gives it. Nothing is asked with `--json`, `--yes`, or without a terminal. */
export async function carryOut(
  order: (reason: string, dryRun: boolean) => Promise<Deployed>,
  options: Options,
): Promise<void> {
  const { why = '', json = false, yes = false, dryRun = false } = options;
  const planned = await order(why || unstated, true);
  if (!json) say(changeText(planned.workflows, paintFor(process.stdout)));
  if (dryRun || planned.workflows.every(({ changed }) => !changed)) {
    if (json) sayJson(planned);
    return;
  }
  const asks = !json && !yes && process.stdin.isTTY === true;
  if (!yes && !asks) refuseBreaking(planned);
  const reason = asks ? await answers(why) : why;
  if (reason === null) return say('Nothing was changed.');
  const done = await order(reason || unstated, false);
  if (json) return sayJson(done);
  const names = done.workflows.map(({ workflow }) => workflow).join(', ');
  say(
    `\n${paintFor(process.stdout)('good', '✔')} In force: ${names}. Tickets in flight stay on the version that decided them.`,
  );
}

const unstated = 'no reason given';

function refuseBreaking({ workflows }: Deployed): void {
  const breaking = workflows.filter((each) => each.breaking === true).map(({ workflow }) => workflow);
  if (breaking.length === 0) return;
  throw new AppError('conflict', `Payloads that are taken now would be refused by ${breaking.join(', ')}.`, {
    help: 'Nothing was changed. Add --yes where that is meant; --dry-run only shows what would break.',
  });
}

/** The reason, asked for where it was not given; null: no. */
async function answers(why: string): Promise<string | null> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await terminal.question('\nPut this in force? [y/N] ');
    if (!/^y(es)?$/i.test(answer.trim())) return null;
    return why || (await terminal.question('Why, for the history? ')).trim();
  } finally {
    terminal.close();
  }
}
