import type { Command } from 'commander';
import { serverClient } from './client.ts';
import { addCommand, type CommonOptions } from './command.ts';
import { carryOut } from './deploy.ts';
import type { Deployed } from './deployed-text.ts';
import { paintFor, say } from './output.ts';

interface Options extends CommonOptions {
  readonly why: string;
  readonly as?: string;
  readonly yes?: true;
  readonly dryRun?: true;
}

/** `signalbox rollback NAME [VERSION]`: puts a stored version in force again. */
export function rollbackCommand(root: Command): void {
  addCommand(root, 'rollback <name> [version]', {
    summary:
      'Puts an earlier version of a workflow in force again; it holds until the files of the workflow change',
    examples: [
      [
        'signalbox rollback paid-lead-to-pm --why "Brand leads went to web"',
        'the version that was in force before',
      ],
      [
        'signalbox rollback paid-lead-to-pm 3f9a02 --why "…"',
        'that version; `signalbox workflows NAME` lists them',
      ],
    ],
  })
    .requiredOption('--why <text>', 'the reason, for the history')
    .option('--as <person>', 'who does it: person:<key> (default: SIGNALBOX_ACTOR)')
    .option('--yes', 'do not ask; without a terminal it is needed where payloads would break')
    .option('--dry-run', 'show what would change, and change nothing')
    .action(async (name: string, version: string | undefined, options: Options) => {
      const client = await serverClient(options);
      const path = `/api/workflows/${encodeURIComponent(name)}/rollback`;
      let done = false;
      await carryOut(async (reason, dryRun) => {
        const body = { ...(version && { version }), reason, dry_run: dryRun };
        const deployed = await client.post<Deployed>(path, body);
        done = deployed.deployed && deployed.workflows.some(({ changed }) => changed);
        return deployed;
      }, options);
      if (!done || options.json) return;
      say(
        `${paintFor(process.stdout)('warn', '!')} It holds until the files of ${name} change, over restarts too; \`signalbox deploy\` puts them in force as they are.`,
      );
    });
}
