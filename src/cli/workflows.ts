import type { Command } from 'commander';
import type { Static } from 'typebox';
import type { WorkflowHistory } from '../api/workflows.ts';
import { serverClient } from './client.ts';
import { addCommand, type CommonOptions } from './command.ts';
import type { WorkflowList } from './deployed-text.ts';
import { dayAndTime } from './moments.ts';
import { type Paint, paintFor, say, sayJson, table } from './output.ts';
import { shortVersion } from './short-version.ts';

type History = Static<typeof WorkflowHistory>;

/** `signalbox workflows [name]`: which version counts, since when, who made it so and why. */
export function workflowsCommand(root: Command): void {
  addCommand(root, 'workflows [name]', {
    summary:
      'Lists the workflows in force: version, since when, by whom, why, and open tickets; or the history of one',
    examples: [
      ['signalbox workflows', 'what is in force'],
      ['signalbox workflows paid-lead-to-pm', 'its versions, and who put which in force when and why'],
    ],
  }).action(async (name: string | undefined, options: CommonOptions) => {
    const client = await serverClient(options);
    const paint = paintFor(process.stdout);
    if (name === undefined) {
      const listed = await client.get<WorkflowList>('/api/workflows');
      return options.json ? sayJson(listed) : say(listText(listed, paint));
    }
    const history = await client.get<History>(`/api/workflows/${encodeURIComponent(name)}/versions`);
    if (options.json) sayJson(history);
    else say(historyText(history, paint));
  });
}

function listText({ workflows }: WorkflowList, paint: Paint): string {
  if (workflows.length === 0) return 'No workflow is in force: `signalbox deploy` puts one there.';
  const rows = workflows.map((workflow) => {
    const { name, version, deployed_at: at, deployed_by: by, reason, versions } = workflow;
    const open = versions
      .filter(({ open_tickets }) => open_tickets > 0)
      .map((each) => `${each.open_tickets}${each.active ? '' : ` by ${shortVersion(each.version)}`}`);
    const since = at === null ? '' : dayAndTime(at);
    return [name, shortVersion(version), since, by ?? '', open.join(' + ') || '0', reason ?? ''];
  });
  const held = workflows.filter(
    ({ version, folder_version: folder }) => folder !== null && folder !== version,
  );
  const notes = held.map(
    ({ name }) => `${paint('warn', '!')} ${name} does not go by its files; that holds until they change.`,
  );
  return [
    table(['workflow', 'version', 'since (UTC)', 'by', 'open tickets', 'why'], rows, paint),
    ...notes,
  ].join('\n');
}

const kinds = { up: 'files', deploy: 'deployed', rollback: 'rolled back' } as const;

function historyText({ workflow, versions, deployments, next }: History, paint: Paint): string {
  const open = new Map(versions.map((each) => [each.version, each.open_tickets]));
  const active = versions.find((each) => each.active)?.version;
  const told = new Set<string>();
  const rows = deployments.map(({ version, kind, deployed_at: at, deployed_by: by, reason }) => {
    const inForce = version !== null && version === active && !told.has(version);
    const tickets = version === null || told.has(version) ? '' : String(open.get(version) ?? 0);
    if (version !== null) told.add(version);
    const what = version === null ? 'withdrawn' : shortVersion(version);
    return [inForce ? '●' : '', what, kinds[kind], dayAndTime(at), by, tickets, reason];
  });
  const heading = ['', 'version', 'how', 'when (UTC)', 'by', 'open tickets', 'why'];
  return [
    paint('strong', workflow),
    table(heading, rows, paint),
    ...(next === null
      ? []
      : ['Older ones: `--json` with the API, GET /api/workflows/{name}/versions?after=…']),
  ].join('\n');
}
