import type { Command } from 'commander';
import type { DetectionJson } from '../api/detection.ts';
import { serverClient } from './client.ts';
import { addCommand, type CommonOptions } from './command.ts';
import { detectionText, isWell } from './detection-text.ts';
import { paintFor, say, sayJson } from './output.ts';

/** `signalbox detection`: what is looked for that nobody reports, when it last was, and what is open. */
export function detectionCommand(root: Command): void {
  addCommand(root, 'detection', {
    summary: 'Shows what is looked for, when each was last looked for with success, and how much is open',
    examples: [
      ['signalbox detection', 'exits with 1 where something is open, or is not looked for'],
      ['signalbox detection --json', 'as JSON'],
    ],
  }).action(async (options: CommonOptions) => {
    const client = await serverClient(options);
    const seen = await client.get<DetectionJson>('/api/detection');
    const now = new Date();
    if (!isWell(seen, now)) process.exitCode = 1;
    if (options.json) sayJson(seen);
    else say(detectionText(seen, now, paintFor(process.stdout)));
  });
}
