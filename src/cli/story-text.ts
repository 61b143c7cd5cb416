import type { Static } from 'typebox';
import type { Entry, Handoff, Ticket, TicketStory, WaitsFor } from '../api/story.ts';
import type { ComparedField } from '../outcome/compare.ts';
import { entryText } from './entry-text.ts';
import { exceptionLines } from './exception-text.ts';
import { dayAndTime, due, span, timeOfDay } from './moments.ts';
import { type Paint, type Style, table, tame } from './output.ts';

const stateStyles: Readonly<Record<string, Style>> = {
  done: 'good',
  confirmed: 'good',
  confirmed_by_person: 'good',
  exception: 'bad',
  failed: 'bad',
  contradicted: 'bad',
  unconfirmed: 'bad',
  rejected: 'bad',
  triage: 'warn',
  discarded: 'dim',
  cancelled: 'dim',
};

/** A ticket's whole story for a person, times in UTC. Pure. */
export function storyText(story: TicketStory, now: Date, paint: Paint): string {
  return [
    heading(story.ticket, paint),
    section('What happened', entryLines(story.entries, paint), paint),
    section(
      'Handoffs',
      story.handoffs.flatMap((handoff) => handoffLines(handoff, paint)),
      paint,
    ),
    section(
      'Exceptions',
      story.exceptions.flatMap((exception) => exceptionBlock(exception, now, paint)),
      paint,
    ),
    section('Next', nextLines(story.ticket, story.waits_for, now, paint), paint),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function section(title: string, lines: readonly string[], paint: Paint): string {
  return lines.length === 0 ? '' : [paint('strong', title), ...lines.map((line) => `  ${line}`)].join('\n');
}

function heading(ticket: Static<typeof Ticket>, paint: Paint): string {
  const { id, state, owner, alternate, workflow, workflow_version, identity, source, route, confidence } =
    ticket;
  const routed = route === null ? 'not routed' : `${route}, confidence ${rounded(confidence ?? 0)}`;
  const rows = [
    ['owner', `${owner}, alternate ${alternate}`],
    ['workflow', `${workflow} @ ${workflow_version.slice(0, 10)}`],
    ['identity', tame(identity)],
    ['received', `${dayAndTime(ticket.received_at)} UTC from ${source}${joinedText(ticket.joined)}`],
    ['route', routed],
    ...(ticket.revision > 1
      ? [['revision', `${ticket.revision}: it was decided ${ticket.revision} times`]]
      : []),
  ];
  return [
    `${paint('strong', `Ticket ${id}`)}  ${styled(state, paint)}`,
    ...rows.map(([name = '', text]) => `  ${paint('dim', name.padEnd(9))} ${text}`),
  ].join('\n');
}

function joinedText(joined: number): string {
  return joined === 0 ? '' : `, and ${joined === 1 ? 'once' : `${joined} times`} more (joined)`;
}

function styled(state: string, paint: Paint): string {
  return paint(stateStyles[state] ?? 'name', state);
}

/** Every entry with its time and who did it; below `decided`, the rungs with their reasons. */
function entryLines(entries: readonly Static<typeof Entry>[], paint: Paint): string[] {
  let day = '';
  return entries.flatMap((entry) => {
    const today = entry.at.slice(0, 10);
    const newDay = today === day ? [] : [paint('dim', today)];
    day = today;
    const by = entry.actor === 'signalbox' ? '' : paint('name', `  ${tame(entry.actor)}`);
    const title = paint('strong', entry.kind.replaceAll('_', ' '));
    const text = entryText(entry.kind, entry.data);
    const line = `${paint('dim', timeOfDay(entry.at))}  ${title}${by}${text === '' ? '' : `  ${text}`}`;
    return [...newDay, line, ...reasonLines(entry.data, paint).map((reason) => `${' '.repeat(14)}${reason}`)];
  });
}

/** The rungs with their reasons; where it did not go on, the last of them is why. */
function reasonLines(data: Readonly<Record<string, unknown>>, paint: Paint): string[] {
  const reasons = Array.isArray(data.reasons) ? data.reasons : [];
  const stopped = data.decision !== 'routed';
  return reasons.map(({ rung, text }, index) => {
    const ends = stopped && index === reasons.length - 1;
    const mark = ends ? paint(data.decision === 'joined' ? 'warn' : 'bad', '✘') : paint('good', '✔');
    return `${mark} ${paint('dim', String(rung).padEnd(9))} ${tame(String(text))}`;
  });
}

function handoffLines(handoff: Static<typeof Handoff>, paint: Paint): string[] {
  const { seq, handoff: name, destination, state, plan, approval, attempts, outcome } = handoff;
  const { confirmation, callbacks } = handoff;
  const request = (plan as { request?: { method?: string; path?: string } }).request;
  return [
    `${seq} ${paint('strong', name)} → ${paint('name', destination)}  ${styled(state, paint)}`,
    paint('dim', `  ${request?.method ?? ''} ${tame(request?.path ?? '')}  key ${handoff.idempotency_key}`),
    ...(handoff.undoes === null ? [] : [`  takes back ${handoff.undoes}`]),
    ...(approval === null ? [] : [`  approval   ${approvalText(approval)}`]),
    ...attempts.map((attempt) => `  ${attemptText(attempt, paint)}`),
    ...callbacks.map((callback) => `  ${callbackText(callback, paint)}`),
    ...(confirmation?.state === 'waiting'
      ? [`  confirm    waits for ${confirmation.by} until ${dayAndTime(confirmation.due_at)}`]
      : []),
    ...(outcome === null
      ? []
      : outcomeLines(outcome, callbacks.length > 0, paint).map((line) => `  ${line}`)),
  ];
}

function callbackText(
  { received_at, source, verdict }: Static<typeof Handoff>['callbacks'][number],
  paint: Paint,
): string {
  const from = source === null ? 'by its link' : `from ${source}`;
  return `callback   ${paint('dim', timeOfDay(received_at))}  ${from}: ${verdict ?? 'not looked at yet'}`;
}

function approvalText(approval: NonNullable<Static<typeof Handoff>['approval']>): string {
  const { state, responsible, decided_by, decided_at, reason, due_at, yes, needed } = approval;
  const sofar = needed > 1 ? `, ${yes.length} of ${needed} have said yes` : '';
  if (decided_at === null) return `waits for ${responsible} until ${dayAndTime(due_at)}${sofar}`;
  const why = reason === null || reason === '' ? '' : `: ${tame(reason)}`;
  return `${state} by ${decided_by} at ${timeOfDay(decided_at)}${why}`;
}

function attemptText(attempt: Static<typeof Handoff>['attempts'][number], paint: Paint): string {
  const { started_at, ended_at, result, status, detail } = attempt;
  const took = ended_at === null ? 'under way' : `in ${span(Date.parse(ended_at) - Date.parse(started_at))}`;
  const answer = [result ?? '', status ?? ''].filter((part) => part !== '').join(' ');
  const why = detail === null ? '' : paint('dim', `  ${tame(detail)}`);
  return `attempt ${attempt.attempt}  ${paint('dim', timeOfDay(started_at))}  ${answer === '' ? '' : `${answer} `}${took}${why}`;
}

function outcomeLines(
  outcome: NonNullable<Static<typeof Handoff>['outcome']>,
  calledBack: boolean,
  paint: Paint,
): string[] {
  const { state, compared, evidence, decided_by, decided_at } = outcome;
  const shown = calledBack ? 'by its callback' : 'by reading it back';
  const by = decided_by === 'signalbox' ? shown : `by ${decided_by}`;
  const fields = Array.isArray(compared) ? (compared as ComparedField[]) : [];
  const rows = fields.map(({ equal, field, in: place, sent, found }) => [
    `${equal ? '✔' : '✘'} ${field}${place === undefined ? '' : ` in ${place}`}`,
    json(sent),
    json(found),
  ]);
  return [
    `outcome    ${styled(state, paint)} ${by} at ${timeOfDay(decided_at)}`,
    ...(evidence === null ? [] : [`           ${tame(evidence)}`]),
    ...(rows.length === 0
      ? []
      : table(['  field', 'sent', 'found'], rows, paint)
          .split('\n')
          .map((row) => `  ${row}`)),
  ];
}

function json(value: unknown): string {
  return value === undefined ? '(absent)' : JSON.stringify(value);
}

function exceptionBlock(exception: TicketStory['exceptions'][number], now: Date, paint: Paint): string[] {
  const { seq, mode, state } = exception;
  const style: Style = state === 'resolved' ? 'good' : state === 'claimed' ? 'warn' : 'bad';
  return [
    `${seq} ${paint('strong', mode)}  ${paint(style, state)}`,
    ...exceptionLines(exception, now, paint).map((line) => `  ${line}`),
  ];
}

function nextLines(
  ticket: Static<typeof Ticket>,
  waits: readonly Static<typeof WaitsFor>[],
  now: Date,
  paint: Paint,
): string[] {
  const settled =
    ticket.settled_at === null ? [] : [`it is ${ticket.state} since ${dayAndTime(ticket.settled_at)} UTC.`];
  if (waits.length === 0)
    return settled.length === 0 ? ['Nothing is due.'] : settled.map((text) => `Nothing: ${text}`);
  // What was given up may still have to be taken back.
  return [
    ...settled.map((text) => `${text[0]?.toUpperCase()}${text.slice(1)}`),
    ...waits.map(({ what, whom, until }) => {
      const by = whom === null ? '' : ` by ${paint('name', whom)}`;
      const time = until === null ? '' : ` until ${dayAndTime(until)} UTC (${due(until, now)})`;
      return `waits for ${tame(what)}${by}${time}`;
    }),
  ];
}

function rounded(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}
