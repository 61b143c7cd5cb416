import { describe, expect, test } from 'vitest';
import { falseAlarms, traffics } from '../../../test/simulation/silence.ts';
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

const dayMs = 86_400_000;

/** Steady traffic of ten an hour, known for eight weeks, where one false alarm in 30 days is allowed. */
test.each<[silentMs: number, alarm: boolean, reason: string]>([
  [56 * 60_000, false, '9.3 are usual in it, and none comes by chance more often than once in 7200'],
  [57 * 60_000, true, '9.5 are'],
])('silent for %i ms where ten an hour are usual: %s, %s', (silentMs, alarm) => {
  const counts = Array.from({ length: 8 * 168 }, (_, hour) => ({ hour: at(hour * hourMs), tickets: 10 }));
  const end = 8 * 168 * hourMs;
  const pattern = learn(counts, start, at(end));
  expect(learnedSilence('form', at(end), pattern, 30 * dayMs, at(end + silentMs)).alarm).toBe(alarm);
});

test('a silence that cannot be chance says so without a number', () => {
  const counts = Array.from({ length: 168 }, (_, hour) => ({ hour: at(hour * hourMs), tickets: 1_000 }));
  const pattern = learn(counts, start, at(168 * hourMs));
  const { alarm, summary } = learnedSilence('form', at(168 * hourMs), pattern, dayMs, at(1_000 * dayMs));
  expect(alarm).toBe(true);
  expect(summary).toContain('none comes by chance once in more than 1000000000 such silences');
});

/** What docs/reference/detection.md states, held against years of traffic: `node test/simulation/silence.ts` has more of them. */
describe('false alarms are as many as is stated', () => {
  test.each<[name: string, atMost: number, years: number]>([
    ['one in five hours', 1.2, 6],
    ['two an hour', 1.2, 6],
    ['bursts of four, three an hour', 2.2, 6],
  ])('%s: at most %d times', (name, atMost, years) => {
    const traffic = traffics[name];
    if (traffic === undefined) throw new Error(name);
    const alarms = falseAlarms(traffic, { falseAlarmEveryMs: 10 * dayMs, years, seed: 11 });
    const stated = (years * 365.25) / 10;
    expect(alarms, `${stated} are stated`).toBeLessThanOrEqual(stated * atMost);
    expect(alarms, 'and it is not deaf').toBeGreaterThan(stated / 3);
  });
});
