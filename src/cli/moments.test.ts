import { expect, test } from 'vitest';
import { due, span } from './moments.ts';

test.each([
  [20, '0.02s', 'little time keeps two digits'],
  [500, '0.5s', 'half a second'],
  [45_000, '45s', 'one unit alone'],
  [90_000, '1m 30s', 'two units'],
  [3_600_000, '1h', 'nothing is left over'],
  [3_605_000, '1h', 'a unit between that is empty ends it'],
  [187_200_000, '2d 4h', 'days'],
])('%d ms is %s: %s', (ms, text) => {
  expect(span(ms)).toBe(text);
});

test.each<[string | null, string, string]>([
  ['2026-01-01T00:15:00.000Z', 'in 15m', 'ahead'],
  ['2025-12-31T23:59:00.000Z', '1m overdue', 'behind'],
  [null, '-', 'no deadline'],
])('%s is %s: %s', (time, text) => {
  expect(due(time, new Date('2026-01-01T00:00:00Z'))).toBe(text);
});
