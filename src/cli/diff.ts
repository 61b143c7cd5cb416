import type { Command } from 'commander';
import type { Static } from 'typebox';
import type { WorkflowDifference } from '../api/workflows.ts';
import { serverClient } from './client.ts';
import { addCommand, type CommonOptions } from './command.ts';
import { differenceText } from './deployed-text.ts';
import { paintFor, say, sayJson } from './output.ts';
import { shortVersion } from './short-version.ts';

type Compared = Static<typeof WorkflowDifference>;

/** `signalbox diff NAME [FROM] [TO]`: in what two versions of a workflow differ, in words. */
export function diffCommand(root: Command): void {
  addCommand(root, 'diff <name> [from] [to]', {
    summary:
      'Says in words in what two deployed versions of a workflow differ, and whether it breaks for who sends payloads',
    examples: [
      ['signalbox diff paid-lead-to-pm', 'the version in force with the one before it'],
      ['signalbox diff paid-lead-to-pm 3f9a02', 'the version in force with that one'],
      ['signalbox diff paid-lead-to-pm 3f9a02 81c4de', 'two versions; `signalbox workflows NAME` lists them'],
      ['signalbox deploy --dry-run', 'the files on disk with what is in force'],
    ],
  }).action(
    async (name: string, from: string | undefined, to: string | undefined, options: CommonOptions) => {
      const client = await serverClient(options);
      const query = new URLSearchParams({ ...(from && { from }), ...(to && { to }) });
      const path = `/api/workflows/${encodeURIComponent(name)}/difference`;
      const compared = await client.get<Compared>(`${path}?${query}`);
      if (options.json) return sayJson(compared);
      const paint = paintFor(process.stdout);
      say(
        `${paint('strong', compared.workflow)}  ${shortVersion(compared.from)} → ${shortVersion(compared.to)}`,
      );
      say(differenceText(compared.differences, compared.breaking, paint));
    },
  );
}
