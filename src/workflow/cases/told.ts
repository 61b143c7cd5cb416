import { formatDuration } from '../duration.ts';
import { isMapping } from '../place.ts';
import { written } from '../schema-terms.ts';
import type { Coverage } from './coverage.ts';
import type { Counterexample, Generated } from './generate.ts';
import type { Failure } from './run.ts';

/** What reports say, the same words in each of their forms. */

/** One expectation that does not hold, as lines: what, what was expected, what came. */
export function failureLines({ kind, what, expected, came, now }: Failure): string[] {
  switch (kind) {
    case 'differs':
      return [what, `  expected  ${told(expected, now)}`, `  came      ${told(came, now)}`];
    case 'holds':
      return [what, `  should not be  ${told(came, now)}`];
    case 'unplayed':
      return [what, `  cannot happen  ${told(came, now)}`];
  }
}

const shownCharsMax = 400;

/** A value on one line, as the case would write it; an instant with how long it is from now. */
function told(value: unknown, now: Date): string {
  if (value === undefined) return 'nothing';
  if (value instanceof Date) return `${awayFrom(now, value)} (${value.toISOString()})`;
  const text = typeof value === 'string' ? value.replaceAll('\n', '; ') : written(plain(value));
  return text.length > shownCharsMax ? `${text.slice(0, shownCharsMax)}…` : text === '' ? '""' : text;
}

function awayFrom(now: Date, at: Date): string {
  const ms = at.getTime() - now.getTime();
  if (ms === 0) return '0s';
  return ms > 0 ? formatDuration(ms) : `${formatDuration(-ms)} ago`;
}

/** Without what JSON does not know: dates as text, undefined left out. */
function plain(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(plain);
  if (!isMapping(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) => (each === undefined ? [] : [[key, plain(each)]])),
  );
}

/** What generated payloads have shown of a workflow, one sentence. */
export function generatedSentence({ workflow, runs, seed, unable }: Generated): string {
  return (
    unable ?? `${runs} payloads of ${workflow}, made from its contract with seed ${seed}, each get an owner`
  );
}

/** A payload that breaks what must hold, as lines. */
export function counterexampleLines(
  { payload, headers, broken }: Counterexample,
  { seed }: Generated,
): string[] {
  const sent = Object.keys(headers).length === 0 ? [] : [`  headers  ${written(headers)}`];
  return [broken, `  payload  ${written(payload)}`, ...sent, `  again    signalbox test --seed ${seed}`];
}

/** How much the cases show of a workflow, one sentence. */
export function coverageSentence({ workflow, covered, points }: Coverage, percent: number): string {
  return `${workflow}: the cases show ${covered} of ${points.length} (${percent} %)`;
}
