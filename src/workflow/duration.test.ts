import fc from 'fast-check';
import { expect, test } from 'vitest';
import { limits } from '../limits.ts';
import { formatDuration, parseDuration } from './duration.ts';

test.each([
  ['500ms', 500, 'milliseconds are not minutes'],
  ['30s', 30_000, 'seconds'],
  ['15m', 900_000, 'minutes'],
  ['4h', 14_400_000, 'hours'],
  ['30d', 2_592_000_000, 'days'],
  ['3650d', limits.durationMaxMs, 'the longest'],
])('%s is %d ms: %s', (text, ms) => {
  expect(parseDuration(text)).toEqual({ ms });
});

test.each([
  ['3651d', 'longer than', 'one day past the bound'],
  ['0s', 'no time', 'a deadline that has passed at once'],
  ['15', 'whole number', 'no unit'],
  ['15 m', 'whole number', 'a space'],
  ['1.5h', 'whole number', 'a fraction'],
  ['-1h', 'whole number', 'the past'],
  ['1h30m', 'whole number', 'two units'],
  ['15M', 'whole number', 'minutes or months?'],
  ['٣h', 'whole number', 'digits of another script'],
  ['', 'whole number', 'nothing'],
])('%s is refused with "%s": %s', (text, problem) => {
  expect(parseDuration(text)).toEqual({ problem: expect.stringContaining(problem) });
});

test('what is formatted reads back the same', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: limits.durationMaxMs }), (ms) => {
      expect(parseDuration(formatDuration(ms))).toEqual({ ms });
    }),
  );
});
