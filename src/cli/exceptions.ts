import type { Command } from 'commander';
import { serverClient } from './client.ts';
import { addCommand, type CommonOptions } from './command.ts';
import { actCommands } from './exception-acts.ts';
import { type ExceptionJson, listed, numbered, pathOf, show } from './exception-client.ts';
import { due } from './moments.ts';
import { moreText, paintFor, say, sayJson, table } from './output.ts';
import { shortIds } from './short-id.ts';

/** `signalbox exceptions …`: the queue, and what people do to it. */
export function exceptionsCommands(root: Command): void {
  const group = root
    .command('exceptions')
    .description('What a person must settle: list it, claim it, resolve it');
  listCommand(group);
  showCommand(group);
  actCommands(group);
}

interface ListOptions extends CommonOptions {
  readonly state?: string;
  readonly queue?: string;
  readonly mode?: string;
  readonly on?: string;
  readonly workflow?: string;
  readonly limit: string;
}

function listCommand(group: Command): void {
  addCommand(group, 'list', {
    isDefault: true,
    summary: 'Lists exceptions, the most urgent first',
    examples: [
      ['signalbox exceptions', 'what is open or claimed'],
      ['signalbox exceptions list --queue triage --on team:growth', 'what routing left to one team'],
      ['signalbox exceptions list --state resolved --json', 'what was settled, as JSON'],
    ],
  })
    .option('--state <state>', 'open, claimed or resolved (default: whatever is not resolved)')
    .option('--queue <queue>', 'triage or exception')
    .option('--mode <mode>', 'a failure mode: contract_violation, contradicted, …')
    .option('--on <ref>', 'whom it is on now: person:<key> or team:<key>')
    .option('--workflow <name>', 'of one workflow')
    .option('--limit <rows>', 'at most so many', '50')
    .action(async (options: ListOptions) => {
      const { state, queue, mode, on: responsible, workflow, limit } = options;
      const client = await serverClient(options);
      const page = await listed(client, { state, queue, mode, responsible, workflow, limit });
      if (options.json) return sayJson(page);
      say(page.exceptions.length === 0 ? 'No exceptions.' : listText(page.exceptions, new Date()));
      if (page.next !== null) say(moreText(limit, '--mode, --queue, --on or --workflow'));
    });
}

function listText(exceptions: readonly ExceptionJson[], now: Date): string {
  const shortId = shortIds(exceptions.map(numbered));
  const rows = exceptions.map((each) => [
    shortId(numbered(each)),
    each.mode,
    each.claimed_by ?? each.responsible,
    each.state,
    due(each.due_at, now),
    each.summary,
  ]);
  return table(['id', 'mode', 'on', 'state', 'due', 'what is wrong'], rows, paintFor(process.stdout));
}

function showCommand(group: Command): void {
  addCommand(group, 'show <id>', {
    summary: 'Shows one exception, named by <ticket>/<number> or the end of the ticket’s id',
    examples: [['signalbox exceptions show 8c2f41', 'what is wrong, whom it is on, and what to do']],
  }).action(async (id: string, options: CommonOptions) => {
    const client = await serverClient(options);
    show(await client.get<ExceptionJson>(await pathOf(client, id)), options);
  });
}
