import { formatDuration } from '../../workflow/duration.ts';
import { burstOf, chanceOfNone } from '../chance.ts';

const hourMs = 3_600_000;
const weekHours = 168;

/** How many came in an hour that has ended. */
export interface HourCount {
  readonly hour: Date;
  readonly tickets: number;
}

/** What is usual of a source: tickets by hour of the week, and how much counts vary beyond chance. */
export interface Pattern {
  /** 168: from Sunday 0:00 UTC. */
  readonly perHour: readonly number[];
  /** Variance over mean, at least 1. */
  readonly dispersion: number;
  /** Hours that it was learned from. */
  readonly hours: number;
}

/**
 * Learns a source's weekly pattern from the hours in [from, until) by their counts; hours that are missing had none.
 * An hour of the week is drawn to the mean of all by a quarter of a week, and the more so the more counts vary beyond
 * chance: one quiet Monday is no rule. Pure.
 */
export function learn(counts: readonly HourCount[], from: Date, until: Date): Pattern {
  const byHour = new Map(counts.map(({ hour, tickets }) => [hour.getTime(), tickets]));
  const all: Hour[] = [];
  for (let at = Math.ceil(from.getTime() / hourMs) * hourMs; at + hourMs <= until.getTime(); at += hourMs) {
    all.push({ slot: slotOf(at), count: byHour.get(at) ?? 0 });
  }
  const dispersion = dispersionOf(all, drawnBy(all, 0.25));
  const perHour = drawnBy(all, 0.25 * dispersion);
  return { perHour, dispersion: Math.max(dispersion, dispersionOf(all, perHour)), hours: all.length };
}

interface Hour {
  readonly slot: number;
  readonly count: number;
}

/** The mean of each hour of the week, drawn to the mean of all by so many weeks. */
function drawnBy(all: readonly Hour[], weeks: number): number[] {
  const sums = new Array<number>(weekHours).fill(0);
  const seen = new Array<number>(weekHours).fill(0);
  for (const { slot, count } of all) {
    sums[slot] = (sums[slot] ?? 0) + count;
    seen[slot] = (seen[slot] ?? 0) + 1;
  }
  const mean = all.reduce((sum, { count }) => sum + count, 0) / Math.max(1, all.length);
  return sums.map((sum, slot) => (sum + weeks * mean) / ((seen[slot] ?? 0) + weeks));
}

/** Pearson: what counts vary beyond what the pattern and chance explain. The pattern has taken a part of it for itself. */
function dispersionOf(all: readonly Hour[], perHour: readonly number[]): number {
  const spread = all.reduce((sum, { slot, count }) => {
    const usual = perHour[slot] ?? 0;
    return usual === 0 ? sum : sum + (count - usual) ** 2 / usual;
  }, 0);
  return Math.max(1, spread / Math.max(all.length / 8, all.length - weekHours));
}

function slotOf(at: number): number {
  // 1970-01-01 was a Thursday.
  return (Math.floor(at / hourMs) + 4 * 24) % weekHours;
}

/** How many a pattern has come between two instants. Pure. */
function expectedBetween({ perHour }: Pattern, from: Date, until: Date): number {
  const [start, end] = [from.getTime(), until.getTime()];
  let expected = 0;
  for (let at = Math.floor(start / hourMs) * hourMs; at < end; at += hourMs) {
    const part = (Math.min(end, at + hourMs) - Math.max(start, at)) / hourMs;
    expected += part * (perHour[slotOf(at)] ?? 0);
  }
  return expected;
}

/** What a silence is, and whether it is one to be told. */
export interface Silence {
  readonly alarm: boolean;
  readonly summary: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Holds a silence against a fixed time. Pure. */
export function fixedSilence(source: string, lastAt: Date, everyMs: number, now: Date): Silence {
  const silentMs = now.getTime() - lastAt.getTime();
  return {
    alarm: silentMs > everyMs,
    summary: `${source} has been silent for ${inWords(silentMs)}; it is expected to speak every ${formatDuration(everyMs)}`,
    detail: { source, last_at: lastAt.toISOString(), silent_ms: silentMs, expected_every_ms: everyMs },
  };
}

/**
 * Holds a silence against what the source is used to: an alarm where so long a silence comes, by chance alone, once in
 * `falseAlarmEveryMs` at most. A silence begins with every ticket, so that of n tickets in that time one may end in a
 * silence whose chance is 1/n. Silent itself while less than a week is known. Pure.
 */
export function learnedSilence(
  source: string,
  lastAt: Date,
  pattern: Pattern,
  falseAlarmEveryMs: number,
  now: Date,
): Silence {
  const perWeek = pattern.perHour.reduce((sum, each) => sum + each, 0);
  // What comes in bursts begins fewer silences than it has tickets.
  const silences = ((perWeek / burstOf(pattern.dispersion)) * falseAlarmEveryMs) / (weekHours * hourMs);
  const expected = expectedBetween(pattern, lastAt, now);
  const chance = chanceOfNone(expected, pattern.dispersion, Math.max(1, pattern.hours / weekHours));
  const allowed = 1 / Math.max(1, silences);
  const silentMs = now.getTime() - lastAt.getTime();
  return {
    alarm: pattern.hours >= weekHours && expected > 0 && chance < allowed,
    summary: `${source} has been silent for ${inWords(silentMs)}; ${expected.toFixed(1)} triggers are usual in that time, and none comes by chance once in ${oneIn(chance)} such silences`,
    detail: {
      source,
      last_at: lastAt.toISOString(),
      silent_ms: silentMs,
      expected: Number(expected.toFixed(2)),
      chance: Number(chance.toPrecision(3)),
      allowed_chance: Number(allowed.toPrecision(3)),
      false_alarm_every_ms: falseAlarmEveryMs,
      dispersion: Number(pattern.dispersion.toFixed(2)),
    },
  };
}

/** What is all but impossible has no number that says anything. */
function oneIn(chance: number): string {
  return chance < 1e-9 ? 'more than 1000000000' : `${Math.round(1 / chance)}`;
}

/** How far back a pattern is learned from. */
export const learnedMs = 8 * 7 * 24 * hourMs;

export function hourOf(at: Date): Date {
  return new Date(Math.floor(at.getTime() / hourMs) * hourMs);
}

function inWords(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return `${Math.round(ms / 1_000)} s`;
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
