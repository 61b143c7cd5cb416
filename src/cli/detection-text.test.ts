import { expect, test } from 'vitest';
import type { DetectionJson } from '../api/detection.ts';
import { detectionText, isWell } from './detection-text.ts';
import { plain } from './output.ts';

type Round = DetectionJson['detectors'][number];
const at = '2026-03-01T10:00:00.000Z';
const round = (name: string, mode: Round['mode'], changes: Partial<Round> = {}): Round => ({
  name,
  mode,
  ran_at: at,
  succeeded_at: at,
  due_at: at,
  error: null,
  ...changes,
});
const silence = round('silence', 'source_silent');

test.each<[seen: DetectionJson, well: boolean, reason: string]>([
  [{ detectors: [silence], open: [] }, true, 'looked for, and nothing is found'],
  [
    { detectors: [round('silence', 'source_silent', { ran_at: null, succeeded_at: null })], open: [] },
    true,
    'just started',
  ],
  [{ detectors: [silence], open: [{ mode: 'source_silent', findings: 1 }] }, false, 'something is open'],
  [{ detectors: [round('silence', 'source_silent', { error: 'no' })], open: [] }, false, 'its round failed'],
])('%#: %s, %s', (seen, well) => {
  expect(isWell(seen)).toBe(well);
});

test('each is a line; what comparisons find has one too; what failed says why', () => {
  const seen: DetectionJson = {
    detectors: [
      silence,
      round('stuck', 'stuck', { error: 'Error: no\nroom', succeeded_at: null }),
      round('thrash', 'routing_thrash', { ran_at: null, succeeded_at: null }),
    ],
    open: [
      { mode: 'source_silent', findings: 1 },
      { mode: 'silent_drop', findings: 2 },
    ],
  };
  expect(detectionText(seen, plain).split('\n')).toEqual([
    'looked for by   finds           last with success                      open',
    'silence         source_silent   2026-03-01T10:00:00.000Z               1',
    'stuck           stuck           never; tried 2026-03-01T10:00:00.000Z  0',
    'thrash          routing_thrash  never yet                              0',
    'reconciliation  silent_drop     signalbox reconcile                    2',
    '',
    '✘ stuck failed: Error: no room',
    '! 3 open; `signalbox exceptions --mode silent_drop` lists those of one kind',
  ]);
  expect(detectionText({ detectors: [silence], open: [] }, plain)).toMatch(/\n\n✔ nothing is open$/);
});
