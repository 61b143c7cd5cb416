import { expect, test } from 'vitest';
import type { DriftJson } from '../api/drift.ts';
import { driftText } from './drift-text.ts';
import { plain } from './output.ts';

const finding: DriftJson = {
  id: 7,
  source: 'meta-ads',
  kind: '',
  path: 'utm.campaign',
  change: 'vanished',
  what: '',
  before_seen: 190,
  before_of: 200,
  now_seen: 1,
  now_of: 32,
  described: true,
  opened_at: '2026-03-01T10:00:05.000Z',
  acknowledged_at: null,
  acknowledged_by: null,
  reason: null,
  closed_at: null,
  closed_because: null,
};
const surprise = { before_seen: 0, now_seen: 30 };

test.each<[Partial<DriftJson>, string]>([
  [{}, 'open   vanished: in 1 of the last 32, in 190 of 200 before'],
  [{ ...surprise, change: 'appeared' }, 'open   appeared: in 30 of the last 32, in none of 200 before'],
  [
    { ...surprise, change: 'type', what: 'string' },
    'open   is a text in 30 of the last 32, in none of 200 before',
  ],
  [
    { ...surprise, change: 'type', what: 'null' },
    'open   is null in 30 of the last 32, in none of 200 before',
  ],
  [
    { ...surprise, change: 'type', what: 'object' },
    'open   is an object in 30 of the last 32, in none of 200 before',
  ],
  [
    { ...surprise, change: 'format', what: 'date-time' },
    'open   is no date-time in 30 of the last 32, and was one in all 200 before',
  ],
  [
    { acknowledged_by: 'person:dana', reason: 'the new form' },
    'known  vanished: in 1 of the last 32, in 190 of 200 before (person:dana: the new form)',
  ],
  [{ closed_because: 'over' }, 'over   vanished: in 1 of the last 32, in 190 of 200 before'],
])('%j', (changes, expected) => {
  const [, line = ''] = driftText([{ ...finding, ...changes }], plain).split('\n');
  expect(line.replace('7   meta-ads  utm.campaign  2026-03-01 10:00  ', '')).toBe(expected);
});

test('the kind of payload stands by its source', () => {
  expect(driftText([{ ...finding, kind: 'order.paid' }], plain)).toContain('meta-ads order.paid');
});
