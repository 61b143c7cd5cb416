import { describe, expect, test } from 'vitest';
import { limits } from '../../../limits.ts';
import type { Reading } from '../../../outcome/next-probe.ts';
import { plusMs } from '../../../platform/instant.ts';
import { nextReading, readingsOf } from './next-reading.ts';

const dayMs = 86_400_000;
const confirmedAt = new Date('2026-03-01T10:00:00Z');
const after = [dayMs, 7 * dayMs];
const reading = (verdict: Reading['verdict'], found: unknown = 'other'): Reading => ({
  verdict,
  text: 'said',
  compared: verdict === 'differs' ? [{ field: 'name', sent: 'one', found, equal: false }] : [],
});
const at = (days: number) => plusMs(confirmedAt, days * dayMs);
const digest = (verdict: 'differs' | 'missing', found?: unknown) =>
  nextReading({ step: 0, told: null, confirmedAt }, reading(verdict, found), after, at(1)).told;

describe('what follows a reading', () => {
  const told = digest('differs');
  const { readAgainWrongMs: often, readAgainWrongMaxMs } = limits;
  const wrongDays = readAgainWrongMaxMs / dayMs;
  const rows: [
    step: number,
    told: string | null,
    verdict: Reading['verdict'],
    day: number,
    expected: object,
    reason: string,
  ][] = [
    [0, null, 'stands', 1, { step: 1, at: at(7), told: null }, 'the next of `after`'],
    [1, null, 'stands', 7, { at: null }, 'it was the last'],
    [0, null, 'stands', 8, { at: null }, 'the server was away: what is past is not read twice'],
    [0, null, 'differs', 1, { step: 0, at: plusMs(at(1), dayMs / 10) }, 'told, and looked at again'],
    [0, told, 'differs', 1.1, { told }, 'the same is told once'],
    [0, digest('missing'), 'differs', 2, { told }, 'something else is told anew'],
    [0, told, 'stands', 2, { step: 1, at: at(7), told: null }, 'right again: closed by itself'],
    [0, told, 'stands', 20, { at: null, told: null }, 'right again, and nothing left to read'],
    [1, told, 'differs', wrongDays, { at: plusMs(at(wrongDays), (wrongDays * dayMs) / 10) }, 'so long'],
    [1, told, 'differs', wrongDays + 1 / dayMs, { at: null }, 'it stays told, and is read no more'],
    [0, null, 'missing', often / dayMs, { at: plusMs(at(often / dayMs), often) }, 'no sooner than this'],
    [
      0,
      null,
      'missing',
      (10 * often) / dayMs,
      { at: plusMs(at((10 * often) / dayMs), often) },
      'a tenth of it',
    ],
    [0, null, 'missing', 1, { told: digest('missing') }, 'vanished'],
    [0, told, 'unreadable', 2, { step: 0, told }, 'says nothing of the record'],
    [0, null, 'unaskable', 1, { at: null }, 'can never be asked'],
  ];
  test.each(rows)('step %i, told %s, %s on day %d: %o (%s)', (step, before, verdict, day, expected) => {
    expect(nextReading({ step, told: before, confirmedAt }, reading(verdict), after, at(day))).toMatchObject(
      expected,
    );
  });

  test('what is told says nothing of the values', () => {
    expect(told).toMatch(/^[0-9a-f]{64}$/);
    expect(digest('differs', 'third')).not.toBe(told);
    expect(digest('differs', '\ud800')).toMatch(/^[0-9a-f]{64}$/);
  });
});

test('a destination is read as often as it says, at most so many at a stretch', () => {
  expect([60_000, 1_000, 100, 50, 1, 0].map(readingsOf)).toEqual([
    1,
    1,
    10,
    limits.readAgainStretch,
    limits.readAgainStretch,
    limits.readAgainStretch,
  ]);
});
