import { expect, test } from 'vitest';
import { canonical } from '../audit/encoding.ts';
import { limits } from '../limits.ts';
import { defaultChecklists } from './checklists.ts';
import { type ExceptionOverride, type ExceptionPolicy, failureModes } from './exception.ts';
import { draftException, exceptionOpenedEntry, exceptionRow, freezePolicy } from './open.ts';

const now = new Date('2026-03-02T09:00:00.000Z');

function policyWith(override: ExceptionOverride = {}): ExceptionPolicy {
  return {
    owner: 'team:triage',
    alternate: 'person:lead',
    ttlMs: 900_000,
    resolveWithinMs: 86_400_000,
    claimLeaseMs: 3_600_000,
    escalate: ['person:coo'],
    rootCauses: ['human-error'],
    on: { rejected: override },
  };
}

const frozen: [ExceptionOverride, Record<string, unknown>, reason: string][] = [
  [{}, { owner: 'team:triage', alternate: 'person:lead', ttlMs: 900_000 }, 'nothing differs'],
  [{ ttlMs: 60_000 }, { ttlMs: 60_000, resolveWithinMs: 86_400_000 }, 'only the TTL differs'],
  [{ owner: 'team:ops' }, { owner: 'team:ops', alternate: 'person:lead' }, 'the alternate stays'],
  [{ owner: 'person:lead' }, { owner: 'person:lead', alternate: 'team:triage' }, 'never both the same'],
  [{ alternate: 'team:triage' }, { owner: 'team:triage', alternate: 'person:lead' }, 'never both the same'],
];

test.each(frozen)('an override of %j freezes as %j, for %s', (override, expected) => {
  expect(freezePolicy(policyWith(override), 'rejected')).toMatchObject(expected);
});

test('an override holds for its own failure mode only', () => {
  expect(freezePolicy(policyWith({ ttlMs: 1 }), 'unparseable').ttlMs).toBe(900_000);
});

const opening = { summary: 'It went wrong', detail: {} };
const checklists: [ExceptionOverride, string[] | undefined, readonly string[], reason: string][] = [
  [{ checklist: ['Ask'] }, undefined, ['Ask'], "the workflow's own"],
  [{ checklist: ['Ask'] }, ['Look', 'Ask'], ['Ask', 'Look'], 'those of the case follow, none twice'],
  [{}, ['Look'], ['Look'], 'those of the case suffice'],
  [{}, undefined, defaultChecklists.rejected, 'nobody faces an empty list'],
  [{ checklist: [] }, [], defaultChecklists.rejected, 'nobody faces an empty list'],
];

test.each(checklists)('configured %j and given %j: %j, for %s', (override, checklist, expected) => {
  const draft = draftException(policyWith(override), 'rejected', {
    ...opening,
    ...(checklist && { checklist }),
  });
  expect(draft.checklist).toEqual(expected);
});

test.each(failureModes)('%s has a default checklist', (mode) => {
  expect(defaultChecklists[mode].length).toBeGreaterThan(0);
});

test('a row has its deadlines from the frozen policy, and is due at the earlier one', () => {
  const policy = policyWith({ ttlMs: 7_200_000, resolveWithinMs: 3_600_000 });
  const row = exceptionRow(
    'id',
    1,
    'leads',
    draftException(policy, 'rejected', { ...opening, handoffSeq: 2 }),
    now,
  );
  expect(row).toMatchObject({
    state: 'open',
    responsible: 'team:triage',
    handoff_seq: 2,
    lapses_at: new Date('2026-03-02T11:00:00.000Z'),
    resolve_by: new Date('2026-03-02T10:00:00.000Z'),
    due_at: new Date('2026-03-02T10:00:00.000Z'),
  });
});

test('foreign text in a summary can always be stored and chained, and is cut at its limit', () => {
  const summary = `a\0b\ud800${'x'.repeat(limits.summaryCharsMax)}`;
  const draft = draftException(policyWith(), 'unparseable', { summary, detail: {} });
  expect(draft.summary).toHaveLength(limits.summaryCharsMax);
  expect(draft.summary.startsWith('a\u{fffd}b\u{fffd}x')).toBe(true);
});

test('the entry names owner and deadlines, and nothing of the payload', () => {
  const draft = draftException(policyWith(), 'unparseable', {
    summary: 'secret',
    detail: { email: 'secret' },
  });
  const entry = exceptionOpenedEntry(exceptionRow('id', 3, 'leads', draft, now));
  expect(entry).toMatchObject({ kind: 'exception_opened', data: { exception: 3, mode: 'unparseable' } });
  expect(canonical(entry.data)).not.toContain('secret');
});
