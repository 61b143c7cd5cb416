import { expect, test, vi } from 'vitest';
import { due, span, timeFrom } from './moments.ts';

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

test.each<[string, string | null, string]>([
  ['30d', '2026-01-02T08:00:00.000Z', 'so long before now'],
  ['2026-01-05', '2026-01-05T00:00:00.000Z', 'a day'],
  ['2026-01-05T08:00:00Z', '2026-01-05T08:00:00.000Z', 'a time'],
  ['2026-01-05T08:00:00+02:00', '2026-01-05T06:00:00.000Z', 'of another zone'],
  ['2026-01-05T08:00', '2026-01-05T08:00:00.000Z', 'without a zone it is of UTC'],
  ['2026-01-05 08:00:00.5', '2026-01-05T08:00:00.500Z', 'and so with a blank'],
  ['2026-13-05', null, 'no day'],
  ['2026-01-05 and so on', null, 'nothing that follows'],
  ['last week', null, 'neither'],
])('%s is %s, whatever the zone of the machine: %s', (text, time) => {
  vi.stubEnv('TZ', 'America/New_York');
  expect(timeFrom(text, new Date('2026-02-01T08:00:00Z'))).toBe(time);
  vi.unstubAllEnvs();
});
