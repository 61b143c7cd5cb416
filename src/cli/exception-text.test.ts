import { expect, test } from 'vitest';
import { exceptionLines } from './exception-text.ts';
import { plain } from './output.ts';

const now = new Date('2026-03-01T10:00:00.000Z');
const at = '2026-03-01T11:00:00.000Z';
const exception = {
  ticket_id: '0199f0c4-7a12-7bcd-8e21-000000000001',
  seq: 1,
  mode: 'check_failed',
  handoff_seq: null,
  summary: 'The budget is too large',
  detail: {},
  state: 'open',
  owner: 'team:triage',
  alternate: 'person:dana',
  escalate: ['person:dana', 'person:coo'],
  root_causes: [],
  fingerprint: '0123456789abcdef',
  lapses_at: at,
  due_at: at,
  resolve_by: at,
  sla_missed_at: null,
  claimed_by: null,
  claimed_at: null,
  checklist: [],
  root_cause: null,
  resolution: null,
  resolution_note: null,
  opened_at: now.toISOString(),
  resolved_at: null,
  resolved_by: null,
} as const;

test.each<[responsible: string, level: number, says: string, reason: string]>([
  ['team:triage', 0, 'on team:triage, then person:dana', 'the alternate comes next'],
  [
    'person:dana',
    1,
    'on person:dana, escalated from team:triage, then person:coo',
    'who has it is not asked twice',
  ],
  [
    'person:coo',
    3,
    'on person:coo, escalated from team:triage, the last of its escalation',
    'nobody is above, and rungs that are passed over are no times',
  ],
])('on %s at rung %i: %s, because %s', (responsible, level, says) => {
  const shown = { ...exception, escalate: [...exception.escalate], root_causes: [], checklist: [] };
  const lines = exceptionLines({ ...shown, responsible, level }, now, plain);
  expect(lines[1]).toBe(`${says} · next deadline in 1h · to be resolved in 1h`);
});
