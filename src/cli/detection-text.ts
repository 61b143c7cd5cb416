import type { DetectionJson } from '../api/detection.ts';
import { limits } from '../limits.ts';
import { due } from './moments.ts';
import { type Paint, table, tame } from './output.ts';

/** Whether nothing is open and everything was looked for with success, and in its time. Pure. */
export function isWell({ detectors, open }: DetectionJson, now: Date): boolean {
  const isFound = detectors.every((of) => of.error === null && !isLate(of, now));
  return isFound && open.every(({ findings }) => findings === 0);
}

/** Whether nobody has looked for so long that nobody seems to. */
function isLate({ due_at: dueAt }: DetectionJson['detectors'][number], now: Date): boolean {
  return dueAt !== null && now.getTime() - Date.parse(dueAt) > limits.workerSilentMs;
}

/** What is looked for, a line each; what has failed; what is open, and how to see it. Pure. */
export function detectionText(seen: DetectionJson, now: Date, paint: Paint): string {
  const { detectors, open } = seen;
  const failed = detectors.filter(({ error }) => error !== null);
  const late = detectors.filter((of) => isLate(of, now));
  const modes = new Set(detectors.map(({ mode }) => mode));
  const rows = [
    ...detectors.map((of) => [of.name, of.mode, runText(of), openOf(of.mode, seen)]),
    // What comparisons find has no detector: `signalbox reconcile` says when each last succeeded.
    ...open
      .filter(({ mode }) => !modes.has(mode))
      .map(({ mode, findings }) => ['reconciliation', mode, 'signalbox reconcile', `${findings}`]),
  ];
  return [
    table(['looked for by', 'finds', 'last with success', 'open'], rows, paint),
    '',
    ...failed.map(({ name, error }) => `${paint('bad', '✘')} ${name} failed: ${tame(error ?? '')}`),
    ...late.map(
      ({ name, due_at: dueAt }) =>
        `${paint('bad', '✘')} ${name}: nobody looks, its next round is ${due(dueAt, now)}; \`signalbox doctor\` looks at the server`,
    ),
    closing(seen, paint),
  ].join('\n');
}

function runText({ ran_at: ranAt, succeeded_at: succeededAt }: DetectionJson['detectors'][number]): string {
  if (succeededAt !== null) return succeededAt;
  return ranAt === null ? 'never yet' : `never; tried ${ranAt}`;
}

function openOf(mode: string, { open }: DetectionJson): string {
  return `${open.find((each) => each.mode === mode)?.findings ?? 0}`;
}

function closing({ open }: DetectionJson, paint: Paint): string {
  const all = open.reduce((sum, { findings }) => sum + findings, 0);
  const most = open.toSorted((a, b) => b.findings - a.findings)[0];
  return all === 0 || most === undefined
    ? `${paint('good', '✔')} nothing is open`
    : `${paint('warn', '!')} ${all} open; \`signalbox exceptions --mode ${most.mode}\` lists those of one kind`;
}
