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
  [{ failed: 300, of: 10_000 }, usual, false, 'certainly more, but not three times as often'],
  [{ failed: 20, of: 20 }, { failed: 0, of: 0 }, false, 'nothing is known of before'],
])('%j where %j is usual: %s, %s', (recent, past, alarm, reason) => {
  expect(jumpOf(recent, past).alarm, reason).toBe(alarm);
});

test('the chance of at least none is one, and falls', () => {
  const chances = [0, 1, 5, 20].map((failed) => chanceOfAtLeast(failed, 50, usual));
  expect(chances[0]).toBeCloseTo(1, 9);
  expect([...chances].sort((a, b) => b - a)).toEqual(chances);
});
