import type { DetectionJson } from '../api/detection.ts';
import { type Paint, table, tame } from './output.ts';

/** Whether nothing is open and everything was looked for with success at its last round. Pure. */
export function isWell({ detectors, open }: DetectionJson): boolean {
  return open.every(({ findings }) => findings === 0) && detectors.every(({ error }) => error === null);
}

/** What is looked for, a line each; what has failed; what is open, and how to see it. Pure. */
export function detectionText(seen: DetectionJson, paint: Paint): string {
  const { detectors, open } = seen;
  const failed = detectors.filter(({ error }) => error !== null);
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
