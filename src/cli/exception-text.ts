import type { Static } from 'typebox';
import type { Exception } from '../api/exceptions.ts';
import type { Violation } from '../contract/contract.ts';
import { dayAndTime, due } from './moments.ts';
import { type Paint, type Style, tame } from './output.ts';

type ExceptionJson = Static<typeof Exception>;

const stateStyles: Readonly<Record<ExceptionJson['state'], Style>> = {
  open: 'bad',
  claimed: 'warn',
  resolved: 'good',
};

/** One exception for the person who takes it. Pure. */
export function exceptionText(exception: ExceptionJson, now: Date, paint: Paint): string {
  const { ticket_id, seq, mode, state, root_causes } = exception;
  const lines = [
    `${paint('strong', `exception ${seq} · ${mode}`)}  ${paint(stateStyles[state], state)}`,
    `ticket ${ticket_id}`,
    ...exceptionLines(exception, now, paint),
  ];
  if (state !== 'resolved' && root_causes.length > 0) lines.push(`root causes: ${root_causes.join(', ')}`);
  const [first, ...rest] = lines;
  return [first, ...rest.map((line) => `  ${line}`)].join('\n');
}

/** What is wrong, on whom it is, until when, and the checklist: without a heading. Pure. */
export function exceptionLines(exception: ExceptionJson, now: Date, paint: Paint): string[] {
  const { checklist } = exception;
  return [
    tame(exception.summary),
    ...violations(exception.detail).map((text) => paint('dim', tame(text))),
    standing(exception, now),
    ...checklist.map((point, index) => pointLine(point, index, paint)),
  ];
}

function standing(exception: ExceptionJson, now: Date): string {
  const { state, owner, responsible, level, claimed_by, due_at, resolve_by } = exception;
  if (state === 'resolved') {
    const note = exception.resolution_note === null ? '' : `: ${tame(exception.resolution_note)}`;
    const when = exception.resolved_at === null ? '' : ` at ${dayAndTime(exception.resolved_at)}`;
    return `${exception.resolution} by ${exception.resolved_by}${when}, root cause ${exception.root_cause}${note}`;
  }
  const escalated = level === 0 ? '' : `, escalated from ${owner}`;
  const whom =
    claimed_by === null ? `on ${responsible}${escalated}, ${next(exception)}` : `claimed by ${claimed_by}`;
  return `${whom} · next deadline ${due(due_at, now)} · to be resolved ${due(resolve_by, now)}`;
}

/** Who gets it when its deadline passes. */
function next({ owner, alternate, escalate, responsible, level }: ExceptionJson): string {
  const above = [owner, alternate, ...escalate].slice(level + 1).find((ref) => ref !== responsible);
  return above === undefined ? 'the last of its escalation' : `then ${above}`;
}

const boxes = { open: '☐', ticked: '☑', waived: '☒' } as const;

function pointLine(point: ExceptionJson['checklist'][number], index: number, paint: Paint): string {
  const by = point.by === null ? '' : `  ${point.state} by ${point.by}`;
  const reason = point.reason === null ? '' : `: ${tame(point.reason)}`;
  return `${boxes[point.state]} ${index + 1} ${tame(point.text)}${paint('dim', by + reason)}`;
}

/** The violations of a contract, where that is what is wrong, and what would mend them; the first stands in the summary already. */
function violations(detail: Readonly<Record<string, unknown>>): string[] {
  const list: readonly Violation[] = Array.isArray(detail.violations) ? detail.violations : [];
  return list.flatMap(({ path, message, repair }, index) => [
    ...(index > 0 && typeof message === 'string' ? [`· ${message} (${path || 'whole'})`] : []),
    ...(repair === undefined ? [] : [`  → ${repair.text}`]),
  ]);
}
