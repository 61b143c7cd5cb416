import { describe, expect, test } from 'vitest';
import { frozenPolicy, openedAt, openedException } from '../../test/support/exception.ts';
import { plusMs } from '../platform/instant.ts';
import type { Ref } from '../workflow/workflow.ts';
import { rungs } from './escalation.ts';
import type { ExceptionState } from './exception.ts';
import { next } from './lifecycle.ts';

const { ttlMs, resolveWithinMs, claimLeaseMs } = frozenPolicy;

/** Ticks at `afterMs` and returns what it became, with the kinds of its entries. */
function tick(exception: ExceptionState, afterMs: number, unreachable: readonly Ref[] = []) {
  const decided = next(exception, { act: 'deadline', unreachable }, plusMs(openedAt, afterMs));
  if (decided.kind === 'refusal') return { exception, entries: [decided.code] };
  return {
    exception: { ...exception, ...decided.changes },
    entries: decided.entries.map(({ kind }) => kind),
  };
}

const claimed = openedException({
  state: 'claimed',
  claimedBy: 'person:ann',
  claimedAt: openedAt,
  lapsesAt: plusMs(openedAt, claimLeaseMs),
  dueAt: plusMs(openedAt, claimLeaseMs),
});
const top = { responsible: 'person:coo', level: 3 } as const;

describe('one tick', () => {
  type Row = [
    name: string,
    ExceptionState,
    afterMs: number,
    Ref[],
    entries: string[],
    responsible: Ref,
    reason: string,
  ];
  const overdueClaim = {
    ...claimed,
    lapsesAt: plusMs(openedAt, resolveWithinMs + ttlMs),
    dueAt: plusMs(openedAt, resolveWithinMs),
  };
  const rows: Row[] = [
    [
      'before its time',
      openedException(),
      ttlMs - 1,
      [],
      ['not_due'],
      'team:triage',
      'early sweepers are harmless',
    ],
    [
      'at its time',
      openedException(),
      ttlMs,
      [],
      ['exception_escalated'],
      'person:dana',
      'nobody has taken it',
    ],
    [
      'where the next is gone',
      openedException(),
      ttlMs,
      ['person:dana'],
      ['exception_escalated'],
      'person:omar',
      'whom nobody can reach is passed over',
    ],
    [
      'where all above are gone',
      openedException(),
      ttlMs,
      ['person:dana', 'person:omar', 'person:coo'],
      ['exception_escalated'],
      'person:dana',
      'it still does not stay where nobody took it',
    ],
    [
      'with the owner gone',
      openedException(),
      0,
      ['team:triage'],
      ['exception_escalated'],
      'person:dana',
      'at once',
    ],
    [
      'with everybody gone',
      openedException(),
      0,
      ['team:triage', 'person:dana', 'person:omar', 'person:coo'],
      ['not_due'],
      'team:triage',
      'nobody would be gained before its time',
    ],
    ['claimed, owner gone', claimed, 0, ['team:triage'], ['not_due'], 'team:triage', 'the claimant is there'],
    ['claimed, past its TTL', claimed, ttlMs, [], ['not_due'], 'team:triage', 'somebody has taken it'],
    [
      'with its lease over',
      claimed,
      claimLeaseMs,
      [],
      ['claim_lapsed', 'exception_escalated'],
      'person:dana',
      'a claim that nobody works on is none',
    ],
    [
      'past its SLA, claimed',
      overdueClaim,
      resolveWithinMs,
      [],
      ['exception_sla_missed', 'exception_escalated'],
      'person:dana',
      'whatever its state',
    ],
    [
      'long after everything',
      openedException(),
      10 * resolveWithinMs,
      [],
      ['exception_sla_missed', 'exception_escalated'],
      'person:dana',
      'one rung at a time: the next had no time yet',
    ],
    [
      'on the last rung',
      openedException(top),
      ttlMs,
      [],
      ['exception_reminded'],
      'person:coo',
      'there is nobody above',
    ],
    [
      'on the last rung, past its SLA',
      openedException({
        ...top,
        dueAt: plusMs(openedAt, resolveWithinMs),
        lapsesAt: plusMs(openedAt, 2 * resolveWithinMs),
      }),
      resolveWithinMs,
      [],
      ['exception_sla_missed'],
      'person:coo',
      'it is told, and stays',
    ],
    [
      'resolved',
      openedException({ state: 'resolved', dueAt: null, lapsesAt: null }),
      ttlMs,
      [],
      ['resolved'],
      'team:triage',
      'final',
    ],
  ];
  test.each(rows)('%s', (_name, from, afterMs, unreachable, entries, responsible) => {
    const ticked = tick(from, afterMs, unreachable);
    expect(ticked.entries).toEqual(entries);
    expect(ticked.exception.responsible).toBe(responsible);
  });
});

test('unclaimed, it goes up rung by rung, then reminds the last until the end of days', () => {
  const seen: string[] = [];
  let exception = openedException();
  for (let round = 0; round < 6; round += 1) {
    const at = exception.dueAt?.getTime() ?? 0;
    const ticked = tick(exception, at - openedAt.getTime());
    exception = ticked.exception;
    seen.push(
      `${(at - openedAt.getTime()) / 60_000} min: ${exception.responsible} ${ticked.entries.join(' ')}`,
    );
  }
  expect(seen).toEqual([
    '15 min: person:dana exception_escalated',
    '30 min: person:omar exception_escalated',
    '45 min: person:coo exception_escalated',
    '60 min: person:coo exception_reminded',
    '1440 min: person:coo exception_sla_missed',
    '1500 min: person:coo exception_reminded',
  ]);
});

test('a lapsed claim is open again, with a TTL for whom it is on now', () => {
  const { exception } = tick(claimed, claimLeaseMs);
  expect(exception).toMatchObject({ state: 'open', claimedBy: null, claimedAt: null, level: 1 });
  expect(exception.dueAt).toEqual(plusMs(openedAt, claimLeaseMs + ttlMs));
});

test('a missed SLA leaves a claim that is worked on as it is', () => {
  const lapsesAt = plusMs(openedAt, resolveWithinMs + 1);
  const { exception } = tick(
    { ...claimed, lapsesAt, dueAt: plusMs(openedAt, resolveWithinMs) },
    resolveWithinMs,
  );
  expect(exception).toMatchObject({ state: 'claimed', claimedBy: 'person:ann', lapsesAt, dueAt: lapsesAt });
});

test('who is responsible already is not escalated to', () => {
  const policy = { ...frozenPolicy, escalate: ['person:dana', 'person:coo'] as const };
  const { exception } = tick(openedException({ policy, responsible: 'person:dana', level: 1 }), ttlMs);
  expect(exception).toMatchObject({ responsible: 'person:coo', level: 3 });
});

test('the rungs are owner, alternate, then the escalation', () => {
  expect(rungs(frozenPolicy)).toEqual(['team:triage', 'person:dana', 'person:omar', 'person:coo']);
});
