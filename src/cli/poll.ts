import type { Command } from 'commander';
import type { Static } from 'typebox';
import type { PollReport } from '../api/poll.ts';
import { exitCode } from '../errors.ts';
import { serverClient } from './client.ts';
import { addCommand, type CommonOptions } from './command.ts';
import { type Paint, paintFor, say, sayJson, tame } from './output.ts';

type Report = Static<typeof PollReport>;
type Options = CommonOptions & { readonly dryRun?: true };

/** `signalbox poll`: asks a polled source now, through the running server. */
export function pollCommand(root: Command): void {
  addCommand(root, 'poll <source>', {
    summary: 'Polls a source now and prints what came',
    examples: [
      ['signalbox poll crm-leads', 'one poll, as the schedule would make it'],
      ['signalbox poll crm-leads --dry-run', 'reads one page and decides it; nothing is kept'],
    ],
  })
    .option('--dry-run', 'commit nothing and leave the cursor where it is')
    .action(async (source: string, options: Options) => {
      const client = await serverClient(options);
      const path = `/api/sources/${encodeURIComponent(source)}/poll`;
      const report = await client.post<Report>(path, { dry_run: options.dryRun === true });
      if (report.end === 'failed') process.exitCode = exitCode('unavailable');
      if (options.json) sayJson(report);
      else say(reportText(report, paintFor(process.stdout)));
    });
}

const marks = { routed: '✔', revised: '✔', joined: '=', stopped: '!', rejected: '!' } as const;

/** A line a trigger, then what it comes to. */
function reportText(report: Report, paint: Paint): string {
  const lines = report.triggers.map(({ ticket, kind, text }) => {
    const style = kind === 'stopped' || kind === 'rejected' ? 'warn' : 'good';
    return `${paint(style, marks[kind])} ${ticket === null ? '' : `ticket ${ticket}  `}${kind}: ${tame(text)}`;
  });
  const untold = report.found - report.triggers.length;
  if (untold > 0) lines.push(paint('dim', `… and ${untold} more`));
  return [...lines, summary(report, paint)].join('\n');
}

function summary(
  { source, dry_run: dryRun, end, error, pages, found, cursor }: Report,
  paint: Paint,
): string {
  const triggers = `${counted(found, 'trigger')} on ${counted(pages, 'page')}`;
  if (end === 'failed') return `${paint('bad', '✘')} ${source}: ${triggers}, then: ${tame(error ?? '')}`;
  const came = `${paint('strong', source)}: ${triggers}; ${endings[end]}`;
  return dryRun
    ? `${came}. A dry run: nothing was kept.`
    : `${came}. Cursor: ${tame(JSON.stringify(cursor))}`;
}

const endings = {
  caught_up: 'that is all there is',
  more: 'there are more pages',
  busy: 'the server is busy and goes on in a moment',
  interrupted: 'the server is stopping',
  taken_over: 'another node goes on with it',
} as const;

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
