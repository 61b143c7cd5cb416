import { expect, test } from 'vitest';
import { limits } from '../limits.ts';
import type { Team } from '../workflow/project.ts';
import { type ApprovalAct, type ApprovalState, newApproval, nextApproval, requestDigest } from './decide.ts';

const now = new Date('2026-03-02T09:00:00.000Z');
const teams: ReadonlyMap<string, Team> = new Map([
  ['finance', { key: 'finance', name: 'Finance', members: ['dana'] }],
]);

const waiting = newApproval({ by: 'team:finance', withinMs: 1 }, now);
const acted = new Set<string>();
const yes = { kind: 'decide', approve: true, reason: '', actor: 'person:dana', acted } as const;
const no = { kind: 'decide', approve: false, reason: 'too dear', actor: 'person:dana', acted } as const;

const outcomes: readonly [
  approval: Partial<ApprovalState>,
  act: ApprovalAct,
  expected: string,
  reason: string,
][] = [
  [{}, yes, 'approved', 'a member of the team'],
  [{}, no, 'refused', 'with its reason'],
  [{ by: 'person:omar' }, { ...yes, actor: 'person:omar' }, 'approved', 'the person named'],
  [{}, { kind: 'tick' }, 'unchanged', 'there is a millisecond left'],
  [{ dueAt: now }, { kind: 'tick' }, 'overdue', 'the time has come'],
  [{ state: 'approved', dueAt: now }, { kind: 'tick' }, 'unchanged', 'it was decided'],
];

test.each(outcomes)('%j, %j: %s (%s)', (changes, act, expected) => {
  expect(nextApproval({ ...waiting, ...changes }, act, teams, now).kind).toBe(expected);
});

const refusals: readonly [
  approval: Partial<ApprovalState>,
  act: ApprovalAct,
  code: string,
  reason: string,
][] = [
  [{}, { ...yes, actor: 'person:omar' }, 'forbidden', 'not a member'],
  [{ by: 'person:omar' }, yes, 'forbidden', 'not the person'],
  [{ by: 'team:gone' }, yes, 'forbidden', 'the team is no longer there'],
  [{}, { ...no, reason: '  ' }, 'unprocessable', 'a no needs its reason'],
  [{}, { ...no, reason: 'x'.repeat(limits.noteCharsMax + 1) }, 'unprocessable', 'too long'],
  [{ state: 'refused' }, yes, 'conflict', 'decided already'],
  [{ dueAt: now }, yes, 'conflict', 'too late, whether or not the sweep has been by'],
];

test.each(refusals)('%j, %j is %s: %s', (changes, act, code) => {
  expect(() => nextApproval({ ...waiting, ...changes }, act, teams, now)).toThrow(
    expect.objectContaining({ code }),
  );
});

test('a reason at the limit is taken', () => {
  const act = { ...no, reason: 'x'.repeat(limits.noteCharsMax) };
  expect(nextApproval(waiting, act, teams, now).kind).toBe('refused');
});

test('a digest is of everything that is sent', () => {
  const request = { operation: 'create', method: 'POST', path: '/p', headers: {}, body: { a: 1 } };
  const changed = [{ body: { a: 2 } }, { path: '/q' }, { method: 'PUT' }, { headers: { x: 'y' } }];
  const digests = new Set([{}, ...changed].map((change) => requestDigest({ ...request, ...change })));
  expect(digests.size).toBe(5);
  expect(requestDigest(JSON.parse(JSON.stringify(request)))).toBe(requestDigest(request));
});
