import type { Command } from 'commander';
import type { DestinationJson } from '../api/destinations.ts';
import { serverClient } from './client.ts';
import { addCommand, type CommonOptions } from './command.ts';
import { say, sayJson, tame } from './output.ts';

/** `signalbox destinations …`: how the systems that handoffs go to are doing. */
export function destinationCommands(root: Command): void {
  const group = root
    .command('destinations')
    .description('The systems that handoffs go to: how they are doing, and whether anything is sent to them');
  addCommand(group, 'list', {
    isDefault: true,
    summary: 'Lists the destinations: circuit, queue, and what came of recent attempts',
    examples: [['signalbox destinations', 'all of them']],
  }).action(async (options: CommonOptions) => {
    const client = await serverClient(options);
    const list = await client.get<{ destinations: DestinationJson[] }>('/api/destinations');
    if (options.json) return sayJson(list);
    if (list.destinations.length === 0) return say('This project has no destinations.');
    for (const each of list.destinations) say(line(each));
  });
  actCommand(group, 'pause', 'Stops handoffs to a destination; nothing is lost and no attempt is used up');
  actCommand(group, 'resume', 'Lets handoffs go to a paused destination again, few at first');
}

type ActOptions = CommonOptions & { readonly reason: string; readonly as?: string };

function actCommand(group: Command, act: 'pause' | 'resume', summary: string): void {
  addCommand(group, `${act} <key>`, {
    summary,
    examples: [
      [`signalbox destinations ${act} pm-tool --reason "their migration"`, 'recorded, with who did it'],
    ],
  })
    .requiredOption('--reason <text>', 'why')
    .option('--as <person>', 'who says so: person:<key>')
    .action(async (key: string, options: ActOptions) => {
      const client = await serverClient(options);
      const path = `/api/destinations/${encodeURIComponent(key)}/${act}`;
      const destination = await client.post<DestinationJson>(path, { reason: options.reason });
      if (options.json) return sayJson(destination);
      say(line(destination));
    });
}

function line(each: DestinationJson): string {
  const recent = `${each.succeeded} went well, ${each.failed} did not`;
  return `${each.key}: ${each.state} (${tame(each.reason)}); ${each.queued} wait, ${each.in_flight} under way; lately ${recent}`;
}
