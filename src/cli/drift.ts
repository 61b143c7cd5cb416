import type { Command } from 'commander';
import type { DriftJson } from '../api/drift.ts';
import { serverClient } from './client.ts';
import { addCommand, type CommonOptions } from './command.ts';
import { driftText } from './drift-text.ts';
import { moreText, paintFor, say, sayJson, tame } from './output.ts';

/** `signalbox drift …`: where payloads have changed though they satisfy their contract. */
export function driftCommands(root: Command): void {
  const group = root
    .command('drift')
    .description('Fields of payloads that appeared, vanished or changed, though the contract is satisfied');
  listCommand(group);
  acknowledgeCommand(group);
}

interface ListOptions extends CommonOptions {
  readonly all?: true;
  readonly limit: string;
}

interface Page {
  readonly findings: readonly DriftJson[];
  readonly next: string | null;
}

function listCommand(group: Command): void {
  addCommand(group, 'list [source]', {
    isDefault: true,
    summary: 'Lists what has changed in the payloads of all sources, or of one',
    examples: [
      ['signalbox drift', 'what is not over'],
      ['signalbox drift meta-ads', 'of one source'],
      ['signalbox drift --all --json', 'also what is over, as JSON'],
    ],
  })
    .option('--all', 'also what is over')
    .option('--limit <rows>', 'at most so many', '50')
    .action(async (source: string | undefined, options: ListOptions) => {
      const client = await serverClient(options);
      const query = new URLSearchParams({ limit: options.limit });
      if (source !== undefined) query.set('source', source);
      if (options.all) query.set('state', 'all');
      const page = await client.get<Page>(`/api/drift?${query}`);
      if (options.json) return sayJson(page);
      if (page.findings.length === 0) return say('No drift: payloads look as they usually do.');
      say(driftText(page.findings, paintFor(process.stdout)));
      if (page.next !== null) say(moreText(options.limit, 'the name of a source'));
    });
}

type AcknowledgeOptions = CommonOptions & { readonly reason: string; readonly as?: string };

function acknowledgeCommand(group: Command): void {
  addCommand(group, 'acknowledge <id>', {
    summary: 'Notes that you know of a finding, and why it may be so',
    examples: [
      [
        'signalbox drift acknowledge 12 --reason "the new form" --as person:dana',
        'it is no longer a warning',
      ],
    ],
  })
    .requiredOption('--reason <text>', 'why it may be as it is')
    .option('--as <person>', 'who says so: person:<key>')
    .action(async (id: string, options: AcknowledgeOptions) => {
      const client = await serverClient(options);
      const path = `/api/drift/${encodeURIComponent(id)}/acknowledge`;
      const finding = await client.post<DriftJson>(path, { reason: options.reason });
      if (options.json) return sayJson(finding);
      say(`${tame(finding.path)} of ${finding.source}: known to ${finding.acknowledged_by}.`);
    });
}
