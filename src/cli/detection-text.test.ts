import { expect, test } from 'vitest';
import type { DetectionJson } from '../api/detection.ts';
import { limits } from '../limits.ts';
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
const now = new Date(at);
const ago = (more: number) => new Date(now.getTime() - limits.workerSilentMs - more).toISOString();
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
  [{ detectors: [round('silence', 'source_silent', { due_at: ago(0) })], open: [] }, true, 'a little late'],
  [{ detectors: [round('silence', 'source_silent', { due_at: ago(1) })], open: [] }, false, 'nobody looks'],
])('%#: %s, %s', (seen, well) => {
  expect(isWell(seen, now)).toBe(well);
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
  expect(detectionText(seen, now, plain).split('\n')).toEqual([
    'looked for by   finds           last with success                      open',
    'silence         source_silent   2026-03-01T10:00:00.000Z               1',
    'stuck           stuck           never; tried 2026-03-01T10:00:00.000Z  0',
    'thrash          routing_thrash  never yet                              0',
    'reconciliation  silent_drop     signalbox reconcile                    2',
    '',
    '✘ stuck failed: Error: no room',
    '! 3 open; `signalbox exceptions --mode silent_drop` lists those of one kind',
  ]);
  expect(detectionText({ detectors: [silence], open: [] }, now, plain)).toMatch(/\n\n✔ nothing is open$/);
  const late = round('silence', 'source_silent', { due_at: '2026-03-01T08:30:00.000Z' });
  expect(detectionText({ detectors: [late], open: [] }, now, plain)).toContain(
    '✘ silence: nobody looks, its next round is 1h 30m overdue; `signalbox doctor` looks at the server',
  );
});
