import type { Judged } from '../workflow/plan/gate.ts';
import type { Metric } from '../workflow/plan/metrics.ts';
import type { Group, Tally } from '../workflow/plan/tally.ts';
import { type Paint, table, tame } from './output.ts';
import type { RecordedQuery } from './recorded-triggers.ts';

/** What a plan has come to. */
export interface PlanReport {
  readonly query: RecordedQuery;
  readonly tally: Tally;
  readonly judged: readonly Judged[];
  readonly seconds: number;
}

/** How many kinds of difference, and moves, people are shown; the JSON has them all. */
const shownMax = 12;

/** A plan for whoever deploys: how many go elsewhere, from where to where, and why. Pure. */
export function planText(report: PlanReport, paint: Paint): string {
  const { tally, judged } = report;
  if (tally.counts.tickets === 0) return [...nothing(report, paint), ...gateLines(judged, paint)].join('\n');
  return [
    ...heading(report, paint),
    ...consequences(tally, paint),
    ...moves(tally, paint),
    ...differences(tally, paint),
    ...apart(tally, paint),
    ...gateLines(judged, paint),
  ].join('\n');
}

/** A plan for programs: everything that was counted. Pure. */
export function planDocument({ query, tally, judged, seconds }: PlanReport) {
  return {
    window: { since: query.since ?? null, until: query.until ?? null, workflow: query.workflow ?? null },
    ok: judged.every(({ failed }) => !failed),
    tickets: tally.counts.tickets,
    decided: tally.decided,
    counts: tally.counts,
    places: placesOf(tally),
    differences: groupsOf(tally),
    differences_not_listed: tally.ungrouped,
    gates: judged.map(({ gate, count, percent, failed }) => ({
      condition: gate.text,
      metric: gate.metric,
      count,
      percent: round(percent),
      failed,
    })),
    seconds: round(seconds),
  };
}

function nothing({ query }: PlanReport, paint: Paint): string[] {
  const whose = query.workflow === undefined ? '' : ` that ${query.workflow} decided`;
  return [
    `${paint('warn', '!')} There are no recorded tickets${whose} ${windowOf(query)}: nothing was compared.`,
    '  A longer --since finds more.',
  ];
}

function heading({ query, tally, seconds }: PlanReport, paint: Paint): string[] {
  const { changed, tickets, erased } = tally.counts;
  const same = tickets - changed - erased;
  // Of few, the time is that of starting.
  const pace = tickets < 1_000 ? '' : `, ${number(Math.round(tickets / seconds))} a second`;
  return [
    `${paint('strong', `${tickets === 1 ? '1 ticket' : `${number(tickets)} tickets`} received ${windowOf(query)}`)}, decided again under the files on disk ${paint('dim', `(${seconds.toFixed(1)} s${pace})`)}`,
    '',
    `${paint('good', '✔')} ${number(same)} (${share(same, tickets)}) stay as they were`,
    changed === 0
      ? `${paint('good', '✔')} none would go elsewhere`
      : `${paint('warn', '!')} ${paint('strong', number(changed))} (${share(changed, tickets)}) would not`,
  ];
}

/** What is worth a line where it is not zero, the worst first. */
const sentences: readonly (readonly [Metric, string, 'bad' | 'warn' | 'good' | 'dim'])[] = [
  ['not-taken', 'would not be taken: no workflow reads their source', 'bad'],
  ['new-exceptions', 'would stop, and did not', 'bad'],
  ['new-triage', 'of these or others would fall to triage', 'warn'],
  ['other-exceptions', 'would stop for another reason', 'warn'],
  ['gone-handoffs', 'would no longer hand off what they did', 'bad'],
  ['route', 'would be routed elsewhere', 'warn'],
  ['owner', 'would have another owner', 'warn'],
  ['new-handoffs', 'would hand off what they did not', 'warn'],
  ['changed-requests', 'would send something else', 'warn'],
  ['split', 'would be split into several tickets', 'warn'],
  ['changed-identities', 'would be recognised by something else: repeats of them make new tickets', 'warn'],
  ['confidence', 'would have another confidence', 'dim'],
  ['gone-exceptions', 'would no longer stop', 'good'],
  ['gone-triage', 'of these or others would leave triage', 'good'],
];

function consequences({ counts }: Tally, paint: Paint): string[] {
  const found = sentences.filter(([metric]) => counts[metric] > 0);
  const width = Math.max(0, ...found.map(([metric]) => number(counts[metric]).length));
  return found.map(
    ([metric, text, style]) =>
      `    ${paint(style, number(counts[metric]).padStart(width))}  ${text} ${paint('dim', `(${share(counts[metric], counts.tickets)}, ${metric})`)}`,
  );
}

function moves(tally: Tally, paint: Paint): string[] {
  const moved = placesOf(tally).filter(({ from, to }) => from !== to);
  if (moved.length === 0) return [];
  const stayed = new Map(
    placesOf(tally).flatMap(({ from, to, count }) => (from === to ? [[from, count]] : [])),
  );
  const rows = moved
    .slice(0, shownMax)
    .map(({ from, to, count }) => [number(count), from, to, number(stayed.get(from) ?? 0)]);
  const more = moved.length > shownMax ? [paint('dim', `… and ${moved.length - shownMax} other moves`)] : [];
  const shown = table(['tickets', 'from', 'to', 'stayed there'], rows, paint).split('\n');
  return ['', paint('strong', 'From where to where'), ...[...shown, ...more].map((line) => `  ${line}`)];
}

function differences(tally: Tally, paint: Paint): string[] {
  const groups = groupsOf(tally);
  if (groups.length === 0) return [];
  const shown = groups.slice(0, shownMax);
  const rest = groups.slice(shownMax).reduce((sum, { count }) => sum + count, tally.ungrouped);
  return [
    '',
    paint('strong', 'Why, the most frequent first'),
    ...shown.flatMap((group) => groupLines(group, paint)),
    ...(rest > 0 ? [paint('dim', `  … and ${number(rest)} tickets in other ways; --json lists them`)] : []),
  ];
}

function groupLines({ workflow, from, to, count, examples }: Group, paint: Paint): string[] {
  const [example = ''] = examples;
  return [
    `  ${paint('strong', number(count))} of ${paint('name', workflow)}`,
    `      was  ${tame(from)}`,
    `      now  ${tame(to)}`,
    paint('dim', `      see  signalbox explain ${workflow} ${example}`),
  ];
}

function apart({ counts }: Tally, paint: Paint): string[] {
  const lines = [
    ...(counts.unparseable > 0 ? [`${number(counts.unparseable)} cannot be read, then or now`] : []),
    ...(counts.erased > 0 ? [`${number(counts.erased)} have been erased and were not compared`] : []),
  ];
  return lines.length === 0 ? [] : ['', ...lines.map((line) => paint('dim', `· ${line}`))];
}

function gateLines(judged: readonly Judged[], paint: Paint): string[] {
  if (judged.length === 0) return [];
  return [
    '',
    ...judged.map(({ gate, count, percent, failed }) => {
      const mark = failed ? paint('bad', '✘') : paint('good', '✔');
      const found = gate.percent
        ? `${percentText(percent)}, ${number(count)} tickets`
        : `${number(count)} tickets`;
      return `${mark} --fail-on ${gate.text}: ${failed ? 'it holds' : 'it does not hold'} (${found})`;
    }),
  ];
}

function windowOf({ since, until }: RecordedQuery): string {
  const day = (time: string) => `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`;
  const from = since === undefined ? 'at any time' : `since ${day(since)}`;
  return until === undefined ? from : `${from} and before ${day(until)}`;
}

function placesOf({ places }: Tally) {
  return [...places.values()].sort((a, b) => b.count - a.count || order(a.from + a.to, b.from + b.to));
}

function groupsOf({ groups }: Tally): Group[] {
  return [...groups.values()].sort((a, b) => b.count - a.count || order(a.from + a.to, b.from + b.to));
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function share(count: number, all: number): string {
  return percentText((100 * count) / all);
}

/** A share that is not nothing is never shown as nothing, and not all is never shown as all. */
function percentText(percent: number): string {
  if (percent > 0 && percent < 0.1) return '< 0.1 %';
  if (percent > 99.9 && percent < 100) return '> 99.9 %';
  return `${Number.isInteger(percent) ? percent : percent.toFixed(1)} %`;
}

function number(value: number): string {
  return value.toLocaleString('en');
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
