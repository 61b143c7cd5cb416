import type { ExceptionState, FrozenPolicy } from '../../src/exceptions/exception.ts';
import { plusMs } from '../../src/platform/instant.ts';

/** 15 minutes to be taken, a day to be settled, a claim of an hour; three more above the owner. */
export const frozenPolicy: FrozenPolicy = {
  owner: 'team:triage',
  alternate: 'person:dana',
  ttlMs: 900_000,
  resolveWithinMs: 86_400_000,
  claimLeaseMs: 3_600_000,
  escalate: ['person:omar', 'person:coo'],
  rootCauses: ['human-error', 'sender-changed-form'],
};

export const openedAt = new Date('2026-03-02T09:00:00.000Z');

/** An exception that was just opened, as its decider sees it; `changes` on top. */
export function openedException(changes: Partial<ExceptionState> = {}): ExceptionState {
  const policy = changes.policy ?? frozenPolicy;
  const lapsesAt = plusMs(openedAt, policy.ttlMs);
  return {
    seq: 1,
    mode: 'contract_violation',
    handoffSeq: null,
    state: 'open',
    policy,
    responsible: policy.owner,
    level: 0,
    resolveBy: plusMs(openedAt, policy.resolveWithinMs),
    lapsesAt,
    dueAt: lapsesAt,
    slaMissedAt: null,
    claimedBy: null,
    claimedAt: null,
    checklist: ['Look', 'Repair'].map((text) => ({ text, state: 'open', by: null, at: null, reason: null })),
    rootCause: null,
    resolution: null,
    resolutionNote: null,
    resolvedAt: null,
    resolvedBy: null,
    ...changes,
  };
}
