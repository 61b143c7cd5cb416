import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Version } from '../decision.ts';
import { limits } from '../limits.ts';
import { compareVersions, versionOf } from './version.ts';

describe('which of two versions is newer', () => {
  test.each<[older: Version, newer: Version, reason: string]>([
    [1, 2, 'numbers by their value'],
    [9, 10.5, 'whole or not'],
    ['9', '10', 'whole numbers written as text by their value, not by their characters'],
    ['9', 10, 'a sender that changes how it writes them stays comparable'],
    ['9007199254740992', '9007199254740993', 'whole numbers beyond what a double holds'],
    ['-2', '-1', 'negative ones'],
    ['2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z', 'times by the instant'],
    ['2026-01-01T12:00:00+02:00', '2026-01-01T10:00:01Z', 'whatever their offset'],
    ['2026-01-01T10:00:00.9Z', '2026-01-01T10:00:00.91Z', 'fractions by their value'],
    ['2026-01-01T10:00:00.000000001Z', '2026-01-01T10:00:00.000000002Z', 'to the nanosecond and further'],
    ['2026-01-01 10:00:00 UTC', '2026-01-01T10:00:01Z', 'as GitHub writes them'],
    ['2026-01-01T10:00:00.000+0000', '2026-01-01T10:00:00.001+0000', 'as Jira writes them'],
    ['2026-12-31T23:59:60Z', '2027-01-01T00:00:01Z', 'a leap second lies before the next'],
    ['a', 'b', 'other texts by their characters'],
  ])('%j < %j: %s', (older, newer) => {
    expect(compareVersions(older, newer)).toBeLessThan(0);
    expect(compareVersions(newer, older)).toBeGreaterThan(0);
  });

  test.each<[a: Version, b: Version, reason: string]>([
    [1, '1', 'a number and its text'],
    ['2026-01-01T10:00:00Z', '2026-01-01T12:00:00.00+02:00', 'one instant, written twice'],
  ])('%j = %j: %s', (a, b) => {
    expect(compareVersions(a, b)).toBe(0);
  });

  test.each<[a: Version, b: Version, reason: string]>([
    [1, 'v1', 'a number and a text'],
    ['2026-01-01T10:00:00Z', 1_767_261_600, 'a time and a number: seconds or milliseconds, nobody knows'],
    ['2026-01-01T10:00:00Z', '2026-01-01', 'a time and a mere day'],
  ])('%j ? %j: %s', (a, b) => {
    expect(compareVersions(a, b)).toBeNull();
    expect(compareVersions(b, a)).toBeNull();
  });

  test('it is an order: of any three, what is newer than the newer is newer', () => {
    const instant = fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2200-01-01') });
    const one = fc.oneof(
      fc.double({ noNaN: true }),
      fc.bigInt().map(String),
      instant.map((at) => at.toISOString()),
      fc.string(),
    );
    fc.assert(
      fc.property(one, one, one, (a, b, c) => {
        const [ab, bc, ac] = [compareVersions(a, b), compareVersions(b, c), compareVersions(a, c)];
        if (ab === null || bc === null || ac === null) return;
        if (ab <= 0 && bc <= 0) expect(ac).toBeLessThanOrEqual(0);
        expect(compareVersions(b, a)).toBe(ab === 0 ? 0 : -ab);
      }),
    );
  });
});

test.each<[value: unknown, kept: Version | null, reason: string]>([
  [3, 3, 'a number'],
  ['x'.repeat(limits.versionCharsMax), 'x'.repeat(limits.versionCharsMax), 'a text at the bound'],
  ['x'.repeat(limits.versionCharsMax + 1), null, 'cut it would be another'],
  ['', null, 'nothing to go by'],
  [null, null, 'absent'],
  [{ v: 1 }, null, 'a structure has no order'],
])('%j is kept as %j: %s', (value, kept) => {
  expect(versionOf(value)).toBe(kept);
});
