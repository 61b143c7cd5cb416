import { describe, expect, test } from 'vitest';
import { fixedSilence, type HourCount, learn, learnedSilence } from './silence.ts';

const hourMs = 3_600_000;
const start = new Date('2026-01-04T00:00:00.000Z');
const at = (ms: number) => new Date(start.getTime() + ms);

test.each<[silentMs: number, everyMs: number, alarm: boolean, reason: string]>([
  [4 * hourMs, 4 * hourMs, false, 'just as long as is expected'],
  [4 * hourMs + 1, 4 * hourMs, true, 'longer than is expected'],
  [0, 4 * hourMs, false, 'it has just spoken'],
])('silent for %i ms where %i are expected: %s, %s', (silentMs, everyMs, alarm, reason) => {
  expect(fixedSilence('form', start, everyMs, at(silentMs)).alarm, reason).toBe(alarm);
});

test('less than a week known: nothing is said', () => {
  const counts = Array.from({ length: 100 }, (_, hour) => ({ hour: at(hour * hourMs), tickets: 5 }));
  const pattern = learn(counts, start, at(100 * hourMs));
  expect(learnedSilence('form', at(100 * hourMs), pattern, 30 * 86_400_000, at(200 * hourMs)).alarm).toBe(
    false,
  );
});

test('a source that sleeps at night is not silent at night, and is by day', () => {
  const counts: HourCount[] = [];
  for (let hour = 0; hour < 8 * 168; hour += 1) {
    if (hour % 24 >= 8 && hour % 24 < 18) counts.push({ hour: at(hour * hourMs), tickets: 10 });
  }
  const learned = 8 * 168 * hourMs;
  const pattern = learn(counts, start, at(learned));
  const look = (from: number, until: number) =>
    learnedSilence(
      'form',
      at(learned + from * hourMs),
      pattern,
      30 * 86_400_000,
      at(learned + until * hourMs),
    );
  expect(look(18, 31).alarm, 'the night').toBe(false);
  expect(look(10, 14).alarm, 'four hours of a working day').toBe(true);
  expect(look(10, 14).summary).toMatch(/\d+\.\d triggers are usual/);
});

describe('false alarms are about as many as is stated', () => {
  test.each<[string, perHour: number, burst: number]>([
    ['single triggers', 2, 1],
    ['bursts of four on average', 3, 4],
    ['rare triggers', 0.2, 1],
  ])('%s', (_name, perHour, burst) => {
    const stated = 10 * 86_400_000;
    const years = 4;
    const random = mulberry(11);
    const arrivals: number[] = [];
    const learned = 8 * 168 * hourMs;
    const end = learned + years * 365 * 24 * hourMs;
    for (let time = 0; time < end; ) {
      time += (-Math.log(1 - random()) * burst * hourMs) / perHour;
      // Geometric bursts, within seconds.
      do arrivals.push(time);
      while (burst > 1 && random() < 1 - 1 / burst);
    }
    const counts = new Map<number, number>();
    for (const time of arrivals) {
      const hour = Math.floor(time / hourMs);
      if (time < learned) counts.set(hour, (counts.get(hour) ?? 0) + 1);
    }
    const known = [...counts].map(([hour, tickets]) => ({ hour: at(hour * hourMs), tickets }));
    const pattern = learn(known, start, at(learned));
    let alarms = 0;
    for (const [index, time] of arrivals.entries()) {
      const nextTime = arrivals[index + 1];
      if (time < learned || nextTime === undefined || nextTime - time < 60_000) continue;
      if (learnedSilence('form', at(time), pattern, stated, at(nextTime)).alarm) alarms += 1;
    }
    const allowed = (end - learned) / stated;
    expect(alarms, `${alarms} alarms, ${allowed} are stated`).toBeLessThanOrEqual(allowed * 2);
    expect(alarms, 'and it is not deaf').toBeGreaterThan(allowed / 20);
  });
});

function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
