import fc from 'fast-check';
import { expect, test } from 'vitest';
import { frozenPolicy, openedAt, openedException } from '../../test/support/exception.ts';
import { plusMs } from '../platform/instant.ts';
import { rungs } from './escalation.ts';
import { type ExceptionState, failureModes } from './exception.ts';
import { type Act, next } from './lifecycle.ts';
import type { Transition } from './transition.ts';

/** Any sequence of acts and ticks, at any pace, by people who know no rules. */

const ladder = rungs(frozenPolicy);
const by = fc.constantFrom('person:ann', 'person:ann', 'person:ann', 'person:ben');
const text = fc.constantFrom('said so', 'said so', '', 'x\0');
const index = fc.constantFrom(0, 0, 1, 1, 2, -1);
const resolution = fc.oneof(
  fc.record({ resolution: fc.constant('replay' as const), payload: fc.json() }),
  fc.record({ resolution: fc.constant('reroute' as const), to: fc.constant('team:web' as const) }),
  fc.record({ resolution: fc.constant('retry' as const) }),
  fc.record({ resolution: fc.constant('confirm' as const), evidence: text }),
  fc.record({ resolution: fc.constant('discard' as const), reason: text }),
);
const rootCause = fc.constantFrom('human-error', 'human-error', 'gremlins');
const act: fc.Arbitrary<Act> = fc.oneof(
  { arbitrary: fc.constant({ act: 'claim' } as const), weight: 4 },
  { arbitrary: fc.constant({ act: 'release' } as const), weight: 1 },
  { arbitrary: fc.record({ act: fc.constant('note' as const), text }), weight: 1 },
  { arbitrary: fc.record({ act: fc.constant('tick' as const), index }), weight: 4 },
  { arbitrary: fc.record({ act: fc.constant('waive' as const), index, reason: text }), weight: 2 },
  {
    arbitrary: fc.tuple(rootCause, resolution).map(([cause, how]): Act => {
      return { act: 'resolve', rootCause: cause, note: '', ...how };
    }),
    weight: 4,
  },
);
const deadline = fc.record({ act: fc.constant('deadline' as const), unreachable: fc.subarray([...ladder]) });
const input = fc.oneof(
  { arbitrary: fc.tuple(act, by).map(([done, who]) => ({ ...done, by: who })), weight: 4 },
  { arbitrary: deadline, weight: 1 },
);
const { ttlMs, claimLeaseMs, resolveWithinMs } = frozenPolicy;
const step = fc.record({
  input,
  afterMs: fc.constantFrom(0, 1, 1, 60_000, 60_000, ttlMs, claimLeaseMs, resolveWithinMs),
});
const steps = fc.array(step, { maxLength: 60, size: 'max' });
const start = fc
  .record({ mode: fc.constantFrom(...failureModes), handoffSeq: fc.constantFrom(null, 1) })
  .map((changes) => openedException(changes));

type Check = (before: ExceptionState, after: ExceptionState, decided: Transition, now: Date) => void;

/** Plays every sequence, and checks each transition. */
function always(check: Check, options: { seed?: number } = {}): void {
  const property = fc.property(start, steps, (first, sequence) => {
    let exception = first;
    let now = openedAt;
    for (const { input, afterMs } of sequence) {
      now = plusMs(now, afterMs);
      const decided = next(exception, input, now);
      if (decided.kind === 'refusal') continue;
      const after = { ...exception, ...decided.changes };
      check(exception, after, decided, now);
      exception = after;
    }
  });
  fc.assert(property, { numRuns: 500, ...options });
}

test('the sequences get everywhere', () => {
  const seen = new Set<string>();
  const note: Check = (_before, after, { entries }) => {
    for (const { kind } of entries) seen.add(kind);
    if (after.resolution !== null) seen.add(after.resolution);
  };
  // A fixed seed: this is about the sequences, and luck must not decide it.
  always(note, { seed: 1 });
  expect([...seen].sort()).toEqual([
    'checklist_ticked',
    'checklist_waived',
    'claim_lapsed',
    'confirm',
    'discard',
    'exception_claimed',
    'exception_escalated',
    'exception_noted',
    'exception_released',
    'exception_reminded',
    'exception_resolved',
    'exception_sla_missed',
    'replay',
    'reroute',
    'retry',
  ]);
});

test('there are never two claimants: a claim ends before another begins', () => {
  always((before, after) => {
    if (before.claimedBy !== null && after.claimedBy !== null) expect(after.claimedBy).toBe(before.claimedBy);
    expect(after.state === 'claimed').toBe(after.claimedBy !== null && after.state !== 'resolved');
  });
});

test('resolved is final, and says by whom and why', () => {
  always((before, after) => {
    expect(before.state).not.toBe('resolved');
    if (after.state !== 'resolved') return;
    expect(after).toMatchObject({ rootCause: 'human-error', resolvedBy: before.claimedBy });
    expect(after.checklist.every(({ state }) => state !== 'open')).toBe(true);
  });
});

test('every state but resolved has a deadline', () => {
  always((_before, after) => {
    expect(after.dueAt === null).toBe(after.state === 'resolved');
    expect(after.lapsesAt === null).toBe(after.state === 'resolved');
  });
});

test('every transition leaves an entry', () => {
  always((_before, _after, { entries }) => expect(entries.length).toBeGreaterThan(0));
});

test('it never comes down a rung, and each is held by who stands on it', () => {
  always((before, after) => {
    expect(after.level).toBeGreaterThanOrEqual(before.level);
    expect(after.responsible).toBe(ladder[after.level]);
    if (after.level > before.level) expect(after.responsible).not.toBe(before.responsible);
  });
});

test('the SLA is missed at most once, and never early', () => {
  always((before, after, { entries }, now) => {
    const missed = entries.filter(({ kind }) => kind === 'exception_sla_missed').length;
    expect(missed).toBe(before.slaMissedAt === null && after.slaMissedAt !== null ? 1 : 0);
    if (missed === 1) expect(now >= before.resolveBy).toBe(true);
  });
});

test('a tick after a tick at the same time changes nothing', () => {
  fc.assert(
    fc.property(start, fc.nat(10 * resolveWithinMs), deadline, (first, afterMs, tick) => {
      const now = plusMs(openedAt, afterMs);
      const decided = next(first, tick, now);
      if (decided.kind === 'refusal') return;
      const again = next({ ...first, ...decided.changes }, tick, now);
      expect(again).toMatchObject({ kind: 'refusal', code: 'not_due' });
    }),
  );
});
