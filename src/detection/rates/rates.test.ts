import { expect, test } from 'vitest';
import { limits } from '../../limits.ts';
import { chanceOfAtLeast } from '../chance.ts';
import { jumpOf, type Rate } from './rates.ts';

const usual: Rate = { failed: 20, of: 1_000 };

test.each<[Rate, Rate, boolean, reason: string]>([
  [{ failed: 1, of: 50 }, usual, false, 'as usual'],
  [{ failed: 25, of: 50 }, usual, true, 'half of them'],
  [{ failed: 4, of: 4 }, usual, false, 'a handful of tickets'],
  [{ failed: limits.rateFailuresMin - 1, of: limits.rateTicketsMin }, { failed: 0, of: 9_999 }, false, 'few'],
  [{ failed: limits.rateFailuresMin, of: limits.rateTicketsMin }, { failed: 0, of: 9_999 }, true, 'enough'],
  [{ failed: limits.rateTimesMin * 20, of: 1_000 }, usual, true, 'just as many times as often as it must be'],
  [{ failed: limits.rateTimesMin * 20 - 1, of: 1_000 }, usual, false, 'one less'],
  [{ failed: 300, of: 10_000 }, usual, false, 'certainly more, but not three times as often'],
  [{ failed: 20, of: 20 }, { failed: 0, of: 0 }, false, 'nothing is known of before'],
])('%j where %j is usual: %s, %s', (recent, past, alarm, reason) => {
  expect(jumpOf(recent, past).alarm, reason).toBe(alarm);
});

test.each<[Rate, boolean, reason: string]>([
  [{ failed: 4, of: 4 }, true, 'a handful that all fail says that it is still so'],
  [{ failed: 0, of: 4 }, false, 'and one of which none does, that it is over'],
  [{ failed: 1, of: 20 }, false, 'one may fail as usual'],
  [{ failed: 300, of: 10_000 }, false, 'more than is usual, but not three times as often'],
])('of what is told, %j: %s, %s', (recent, alarm, reason) => {
  expect(jumpOf(recent, usual, true).alarm, reason).toBe(alarm);
});

test('an alarm is what chance alone would give once in so long a time, and not more often', () => {
  const allowed = limits.rateWindowMs / limits.rateFalseAlarmMs;
  const often: Rate = { failed: 100, of: 1_000 };
  const jumps = Array.from({ length: 41 }, (_, failed) => jumpOf({ failed, of: 40 }, often));
  const first = jumps.findIndex(({ alarm }) => alarm);
  expect(jumps[first]?.chance).toBeLessThan(allowed);
  // Enough of them, and many times as often: it is chance alone that speaks against one less.
  expect(first - 1).toBeGreaterThanOrEqual(limits.rateTimesMin * 4);
  expect(jumps[first - 1]?.chance).toBeGreaterThanOrEqual(allowed);
});

test('the chance of at least none is one, and falls', () => {
  const chances = [0, 1, 5, 20].map((failed) => chanceOfAtLeast(failed, 50, usual));
  expect(chances[0]).toBeCloseTo(1, 9);
  expect([...chances].sort((a, b) => b - a)).toEqual(chances);
});
