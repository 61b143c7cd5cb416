import { earliest, plusMs } from '../../platform/instant.ts';
import type { Scope } from '../../workflow/expression.ts';
import type { Reconcile } from '../../workflow/project.ts';

/** The time that one comparison looks at: what was made in it at the source, and has had its time to come. */
export interface Window {
  readonly from: Date;
  /** `settle` before the comparison began: what is younger may still come by itself. */
  readonly until: Date;
}

/**
 * The window of a comparison that begins now. Pure. It reaches back as far as `lookback` says, or to the end of the last
 * one that was finished, whichever is longer, so that an outage leaves no gap; but never before `since`.
 */
export function windowOf(
  { lookbackMs, settleMs, since }: Pick<Reconcile, 'lookbackMs' | 'settleMs' | 'since'>,
  lastUntil: Date | null,
  now: Date,
): Window {
  const until = plusMs(now, -settleMs);
  const back = plusMs(now, -lookbackMs);
  const from = earliest(lastUntil, back) ?? back;
  const begins = since !== null && since > from ? since : from;
  return { from: earliest(begins, until) ?? until, until };
}

/** The window of a comparison that a person asks for from a time on. Pure. */
export function windowSince({ until }: Window, since: Date): Window {
  return { from: earliest(since, until) ?? until, until };
}

/** What the expressions of a list see of it. */
export function windowScope({ from, until }: Window): Scope {
  return { window: { from: from.toISOString(), until: until.toISOString() } };
}

/**
 * A moment as sources write it: RFC 3339, or a number of seconds or milliseconds since 1970. Null: none. Pure.
 * What names no zone is of UTC, wherever this machine stands.
 */
export function momentOf(value: unknown): Date | null {
  if (typeof value === 'number') return sound(new Date(value < msFrom ? value * 1000 : value));
  if (typeof value !== 'string') return null;
  if (/^\d{9,13}$/.test(value)) return momentOf(Number(value));
  if (!/^\d{4}-\d\d-\d\d/.test(value)) return null;
  return sound(new Date(/[ T]\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(value) ? `${value}Z` : value));
}

/** As seconds it would lie in the year 5138, as milliseconds in 1973. */
const msFrom = 1e11;

function sound(moment: Date): Date | null {
  return Number.isNaN(moment.getTime()) ? null : moment;
}
