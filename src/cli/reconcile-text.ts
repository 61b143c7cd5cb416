import type { ComparisonJson, InsideJson, ReconciliationReportJson } from '../api/reconciliations.ts';
import { formatDuration } from '../workflow/duration.ts';
import { type Paint, tame } from './output.ts';

/** A report for a person: what it came to, then one by one what is not as it should be. Pure. */
export function reportText(report: ReconciliationReportJson, paint: Paint): string {
  const { unlike, rejected, notes, error } = report;
  const lines = [
    ...unlike.map((each) => unlikeLine(each, paint)),
    ...untold(report).map((text) => paint('dim', text)),
    ...rejected.map(({ line, reason }) => `${paint('warn', '!')} line ${line}: ${tame(reason)}`),
    ...notes.map((note) => `${paint('warn', '!')} ${tame(note)}`),
    headline(report, paint),
    ...(error === null ? [] : [`  ${tame(error)}`]),
  ];
  return lines.join('\n');
}

type Unlike = ReconciliationReportJson['unlike'][number];

function unlikeLine({ identity, verdict, became, ticket, made_at: madeAt }: Unlike, paint: Paint): string {
  const mark = verdict === 'missing' ? paint('bad', 'missing') : paint('warn', 'differs');
  const since = madeAt === null ? '' : ` of ${madeAt}`;
  const work = became === null ? '' : `: ${becameTexts[became]}`;
  return `${mark}  ${tame(identity)}${since}${work}${ticket === null ? '' : ` (ticket ${ticket})`}`;
}

const becameTexts = {
  made: 'taken',
  revised: 'its ticket took it',
  joined: 'its ticket has what is newer',
  told: 'only told',
} as const;

function untold({ missing, differing, unlike }: ReconciliationReportJson): string[] {
  const more = missing + differing - unlike.length;
  return more > 0 ? [`… and ${more} more`] : [];
}

function headline(report: ReconciliationReportJson, paint: Paint): string {
  const { source, kind, dry_run: dryRun, listed, missing, back_filled: backFilled, end } = report;
  const agrees = missing + report.differing + report.unidentified === 0;
  const mark = end === 'failed' ? paint('bad', '✘') : paint(agrees ? 'good' : 'warn', agrees ? '✔' : '!');
  const parts = [
    `${listed} in its ${kind}`,
    `${missing} missing${missing > 0 && !dryRun ? `, ${backFilled} taken` : ''}`,
    ...(report.differing > 0 ? [`${report.differing} with other content`] : []),
    ...(report.waiting > 0 ? [`${report.waiting} not here yet, which may only be late`] : []),
    ...((report.unlisted ?? 0) > 0 ? [`${report.unlisted} of ours not in it`] : []),
  ];
  const ending = endings[end];
  return `${mark} ${paint('strong', source)}: ${parts.join('; ')}${ending === '' ? '' : `; ${ending}`}.${dryRun ? ' A dry run: nothing was stored.' : ''}`;
}

const endings = {
  caught_up: '',
  more: 'there is more, and it goes on by itself',
  busy: 'the server is busy and goes on in a moment',
  interrupted: 'the server is stopping',
  taken_over: 'another node goes on with it',
  failed: 'it failed',
} as const;

/** What is compared, one after the other. Pure. */
export function comparisonsText(all: readonly ComparisonJson[], paint: Paint): string {
  const sections = [
    ['Lists of sources', all.filter(({ kind }) => kind !== 'target'), 'none: give a source `reconcile`'],
    [
      'Records of targets',
      all.filter(({ kind }) => kind === 'target'),
      'none: give a destination `read_again`',
    ],
  ] as const;
  return sections
    .map(([title, some, otherwise]) =>
      [
        paint('strong', title),
        ...(some.length === 0 ? [`  ${otherwise}`] : some.map((each) => comparisonLine(each, paint))),
      ].join('\n'),
    )
    .join('\n\n');
}

function comparisonLine(of: ComparisonJson, paint: Paint): string {
  const rhythm = of.every_ms === null ? 'as a file' : `every ${formatDuration(of.every_ms)}`;
  const last = of.succeeded_at === null ? 'never yet' : `last ${of.succeeded_at}`;
  const wrong = of.failures > 0 || of.missing + of.differing + of.unidentified > 0;
  const figures =
    of.kind === 'target'
      ? `${of.listed} read, ${of.differing} not as they were`
      : `${of.listed} listed, ${of.missing} missing, ${of.back_filled} taken, ${of.differing} other`;
  const failed = of.failures > 0 ? `\n    failed ${of.failures}×: ${tame(of.error ?? '')}` : '';
  return `  ${paint(wrong ? 'warn' : 'good', wrong ? '!' : '✔')} ${of.subject}  ${rhythm}, ${last}: ${figures}${failed}`;
}

/** Whether all that was received stands somewhere, and when every hour was last accounted for. Pure. */
export function accountText(inside: InsideJson, paint: Paint): string {
  const { from, until, accounts, succeeded_at: succeededAt, error } = inside;
  const last = succeededAt === null ? 'never yet' : `last ${succeededAt}`;
  const failed = error === null ? '' : `\n  ${paint('warn', '!')} failed: ${tame(error)}`;
  const title = `${paint('strong', 'Inside')}, from ${from} to ${until}; by the schedule ${last}${failed}`;
  if (accounts.length === 0) return `${title}\n  nothing was received`;
  const lines = accounts.map((of) => {
    const wrong = of.unaccounted !== 0 || of.torn > 0;
    const parts = [
      `${of.received} received`,
      `${of.done} done`,
      `${of.joined + of.revised} joined`,
      `${of.refused} refused`,
      `${of.in_flight} in flight`,
      `${of.in_exception} in exception`,
      ...(wrong ? [paint('bad', `${of.unaccounted} unaccounted for, ${of.torn} torn`)] : []),
    ];
    return `  ${paint(wrong ? 'bad' : 'good', wrong ? '✘' : '✔')} ${tame(of.workflow)} (${tame(of.source)}): ${parts.join(', ')}`;
  });
  return [title, ...lines].join('\n');
}
