import { type HourCount, learn, learnedMs, learnedSilence } from '../../src/detection/silence/silence.ts';
import { plusMs } from '../../src/platform/instant.ts';
import { seeded } from './random.ts';

/**
 * How often a source that is well is called silent: traffic by chance around a weekly pattern that does not change, years
 * of it, looked at as production does, each silence held against the eight weeks before it.
 *
 *     node test/simulation/silence.ts
 */

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const yearMs = 365.25 * dayMs;
/** A Sunday. */
const start = new Date('2026-01-04T00:00:00.000Z');

/** Triggers an hour, by the hour of the week from Sunday 0:00, and how many come together on average. */
export interface Traffic {
  readonly perHour: (hourOfWeek: number) => number;
  readonly burst: number;
}

const atWork = (hour: number) => {
  const [day, ofDay] = [Math.floor(hour / 24), hour % 24];
  return day >= 1 && day <= 5 && ofDay >= 8 && ofDay < 18;
};

export const traffics: Readonly<Record<string, Traffic>> = {
  'one in five hours': { perHour: () => 0.2, burst: 1 },
  'two an hour': { perHour: () => 2, burst: 1 },
  'sixty an hour': { perHour: () => 60, burst: 1 },
  'ten an hour in office hours, one in ten hours else': {
    perHour: (hour) => (atWork(hour) ? 10 : 0.1),
    burst: 1,
  },
  'bursts of four, three an hour': { perHour: () => 3, burst: 4 },
  'bursts of twenty, ten an hour': { perHour: () => 10, burst: 20 },
};

/** No silence that is shorter is told of any of them. */
const shortestMs = 300_000;

/** False alarms in so many years after the eight weeks that are learned first. */
export function falseAlarms(
  traffic: Traffic,
  options: { readonly falseAlarmEveryMs: number; readonly years: number; readonly seed: number },
): number {
  const { falseAlarmEveryMs, years, seed } = options;
  const arrivals = arrivalsOf(traffic, learnedMs + years * yearMs, seed);
  const counts = new Map<number, number>();
  let [alarms, learnedUntil] = [0, -1];
  let pattern = learn([], start, start);
  for (const [index, time] of arrivals.entries()) {
    const hour = Math.floor(time / hourMs);
    const next = arrivals[index + 1] ?? time;
    if (time >= learnedMs && next - time > shortestMs) {
      // What is usual changes little within a week, and learning takes its time.
      const week = Math.floor(hour / 168);
      if (week !== learnedUntil) {
        pattern = learn(
          hoursBetween(counts, hour - learnedMs / hourMs, hour),
          at(time - learnedMs),
          at(time),
        );
        learnedUntil = week;
      }
      if (learnedSilence('form', at(time), pattern, falseAlarmEveryMs, at(next)).alarm) alarms += 1;
    }
    counts.set(hour, (counts.get(hour) ?? 0) + 1);
  }
  return alarms;
}

function at(ms: number): Date {
  return plusMs(start, ms);
}

function hoursBetween(counts: ReadonlyMap<number, number>, from: number, until: number): HourCount[] {
  return Array.from({ length: until - from }, (_, index) => ({
    hour: at((from + index) * hourMs),
    tickets: counts.get(from + index) ?? 0,
  }));
}

/** Bursts by chance (thinned from the busiest hour), of geometric size, all of one within a moment. */
function arrivalsOf({ perHour, burst }: Traffic, endMs: number, seed: number): number[] {
  const random = seeded(seed).next;
  const busiest = Math.max(...Array.from({ length: 168 }, (_, hour) => perHour(hour))) / burst;
  const arrivals: number[] = [];
  for (let time = 0; time < endMs; ) {
    time += (-Math.log(1 - random()) * hourMs) / busiest;
    if (random() * busiest * burst >= perHour(Math.floor(time / hourMs) % 168)) continue;
    do arrivals.push(time);
    while (burst > 1 && random() < 1 - 1 / burst);
  }
  return arrivals;
}

if (import.meta.main) {
  const years = 20;
  for (const days of [10, 30, 90]) {
    const stated = yearMs / (days * dayMs);
    console.log(`false_alarm_every: ${days}d, stated: ${stated.toFixed(1)} a year`);
    for (const [name, traffic] of Object.entries(traffics)) {
      const span = name.startsWith('sixty') ? years / 5 : years;
      const alarms = falseAlarms(traffic, { falseAlarmEveryMs: days * dayMs, years: span, seed: 11 });
      console.log(`  ${name}: ${(alarms / span).toFixed(1)} a year (${alarms} in ${span} years)`);
    }
  }
}
