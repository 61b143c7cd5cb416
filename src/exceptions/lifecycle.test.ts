import { describe, expect, test } from 'vitest';
import { openedAt, openedException, frozenPolicy as policy } from '../../test/support/exception.ts';
import { canonical } from '../audit/encoding.ts';
import { limits } from '../limits.ts';
import { plusMs } from '../platform/instant.ts';
import type { ExceptionState, FailureMode } from './exception.ts';
import { type Act, next } from './lifecycle.ts';
import type { RefusalCode } from './refusal.ts';
import type { Effect } from './transition.ts';

const ann = 'person:ann';
const start = openedException();
const claimed = openedException({ state: 'claimed', claimedBy: ann, claimedAt: openedAt });
const ready = openedException({
  ...claimed,
  checklist: [
    { text: 'Look', state: 'ticked', by: ann, at: '2026-03-02T09:00:00.000Z', reason: null },
    { text: 'Repair', state: 'waived', by: ann, at: '2026-03-02T09:00:00.000Z', reason: 'it was right' },
  ],
});
const later = plusMs(openedAt, 60_000);
const resolve = { act: 'resolve', rootCause: 'human-error', note: '' } as const;
const long = 'x'.repeat(limits.noteCharsMax + 1);

function act(exception: ExceptionState, input: Act, by = ann) {
  return next(exception, { ...input, by }, later);
}

describe('what moves', () => {
  type Row = [
    name: string,
    from: ExceptionState,
    input: Act,
    changes: Partial<ExceptionState>,
    kind: string,
    reason: string,
  ];
  const lease = plusMs(later, policy.claimLeaseMs);
  const rows: Row[] = [
    [
      'claim',
      start,
      { act: 'claim' },
      { state: 'claimed', claimedBy: ann, claimedAt: later, lapsesAt: lease, dueAt: lease },
      'exception_claimed',
      'a claim is a lease',
    ],
    [
      'release',
      claimed,
      { act: 'release' },
      { state: 'open', claimedBy: null, lapsesAt: plusMs(later, policy.ttlMs) },
      'exception_released',
      'the TTL begins anew',
    ],
    [
      'note',
      claimed,
      { act: 'note', text: 'Called.' },
      { lapsesAt: lease },
      'exception_noted',
      'work renews the lease',
    ],
    [
      'note of the longest',
      claimed,
      { act: 'note', text: long.slice(1) },
      { lapsesAt: lease },
      'exception_noted',
      'that is the limit',
    ],
    [
      'note on an open one',
      start,
      { act: 'note', text: 'Seen.' },
      { dueAt: start.dueAt },
      'exception_noted',
      'only a claim stops the TTL',
    ],
    [
      'tick',
      claimed,
      { act: 'tick', index: 0 },
      { lapsesAt: lease },
      'checklist_ticked',
      'work renews the lease',
    ],
    [
      'waive',
      claimed,
      { act: 'waive', index: 1, reason: 'not needed' },
      { lapsesAt: lease },
      'checklist_waived',
      'a reason stands for the work',
    ],
    [
      'resolve',
      ready,
      { ...resolve, resolution: 'replay' },
      {
        state: 'resolved',
        dueAt: null,
        lapsesAt: null,
        resolution: 'replay',
        resolvedBy: ann,
        resolvedAt: later,
      },
      'exception_resolved',
      'nothing is missing',
    ],
  ];
  test.each(rows)('%s', (_name, from, input, changes, kind) => {
    const decided = act(from, input);
    expect(decided).toMatchObject({
      kind: 'transition',
      changes,
      entries: [{ kind, actor: ann, data: { exception: 1 } }],
    });
  });
});

test('a settled point keeps who, when and why; the others stay as they are', () => {
  const decided = act(claimed, { act: 'waive', index: 1, reason: 'not needed' });
  const point = { text: 'Repair', state: 'waived', by: ann, at: later.toISOString(), reason: 'not needed' };
  expect(decided).toMatchObject({ changes: { checklist: [claimed.checklist[0], point] } });
});

describe('what is refused', () => {
  type Row = [name: string, from: ExceptionState, input: Act, by: string, code: RefusalCode, reason: string];
  const resolved = openedException({ ...ready, state: 'resolved', resolvedBy: ann, resolution: 'replay' });
  const rows: Row[] = [
    [
      'a claim of what is claimed',
      claimed,
      { act: 'claim' },
      'person:ben',
      'claimed_by_other',
      'never two claimants',
    ],
    ['a second claim', claimed, { act: 'claim' }, ann, 'claimed_already', 'nothing would change'],
    [
      'a release by another',
      claimed,
      { act: 'release' },
      'person:ben',
      'claimed_by_other',
      'only the claimant',
    ],
    ['a release of an open one', start, { act: 'release' }, ann, 'not_claimed', 'there is no claim'],
    [
      'a note by another',
      claimed,
      { act: 'note', text: 'Hm' },
      'person:ben',
      'claimed_by_other',
      'only the claimant',
    ],
    ['an empty note', claimed, { act: 'note', text: '  ' }, ann, 'text_unfit', 'it says nothing'],
    ['a note past the limit', claimed, { act: 'note', text: long }, ann, 'text_unfit', 'limits.noteCharsMax'],
    ['a NUL', claimed, { act: 'note', text: 'a\0' }, ann, 'text_unfit', 'PostgreSQL cannot store it'],
    [
      'half a pair',
      claimed,
      { act: 'note', text: '\ud83d' },
      ann,
      'text_unfit',
      'canonical JSON cannot hold it',
    ],
    ['a point that is not', claimed, { act: 'tick', index: 2 }, ann, 'no_such_point', 'there are two'],
    ['point -1', claimed, { act: 'tick', index: -1 }, ann, 'no_such_point', 'points count from 0'],
    ['a second tick', ready, { act: 'tick', index: 0 }, ann, 'point_settled', 'it is ticked'],
    ['ticking a waived point', ready, { act: 'tick', index: 1 }, ann, 'point_settled', 'it is waived'],
    [
      'waiving without a reason',
      claimed,
      { act: 'waive', index: 0, reason: '' },
      ann,
      'text_unfit',
      'the reason is the point',
    ],
    [
      'resolving unclaimed',
      openedException({ ...ready, state: 'open', claimedBy: null }),
      { ...resolve, resolution: 'replay' },
      ann,
      'not_claimed',
      'somebody must answer for it',
    ],
    [
      'resolving without a cause',
      ready,
      { ...resolve, rootCause: '', resolution: 'replay' },
      ann,
      'root_cause_unknown',
      'why is asked',
    ],
    [
      'another cause',
      ready,
      { ...resolve, rootCause: 'gremlins', resolution: 'replay' },
      ann,
      'root_cause_unknown',
      'not in the list',
    ],
    [
      'open points',
      claimed,
      { ...resolve, resolution: 'replay' },
      ann,
      'checklist_open',
      'the checklist is the work',
    ],
    [
      'no evidence',
      ready,
      { ...resolve, resolution: 'confirm', evidence: '' },
      ann,
      'text_unfit',
      'proof, not hope',
    ],
    [
      'no reason',
      ready,
      { ...resolve, resolution: 'discard', reason: ' ' },
      ann,
      'text_unfit',
      'nothing is given up silently',
    ],
    [
      'a long note',
      ready,
      { ...resolve, note: long, resolution: 'replay' },
      ann,
      'text_unfit',
      'limits.noteCharsMax',
    ],
    ['a claim of the resolved', resolved, { act: 'claim' }, ann, 'resolved', 'a resolution is final'],
    [
      'a second resolution',
      resolved,
      { ...resolve, resolution: 'replay' },
      ann,
      'resolved',
      'a resolution is final',
    ],
  ];
  test.each(rows)('%s', (_name, from, input, by, code) => {
    const decided = act(from, input, by);
    expect(decided).toMatchObject({ kind: 'refusal', code });
    expect(decided).toMatchObject({ what: expect.stringMatching(/\.$/), help: expect.stringMatching(/\.$/) });
  });
});

test('the refusal of a claim names who has it', () => {
  expect(act(claimed, { act: 'claim' }, 'person:ben')).toMatchObject({ what: expect.stringContaining(ann) });
});

describe('a root cause where the policy lists none', () => {
  const free = openedException({ ...ready, policy: { ...policy, rootCauses: [] } });
  test.each([
    ['printer on fire', 'transition', 'any text will do'],
    ['x'.repeat(limits.rootCauseCharsMax), 'transition', 'that is the limit'],
    ['x'.repeat(limits.rootCauseCharsMax + 1), 'refusal', 'limits.rootCauseCharsMax'],
    ['', 'refusal', 'a cause is asked for all the same'],
  ])('%s: %s, for %s', (rootCause, kind) => {
    expect(act(free, { ...resolve, rootCause, resolution: 'replay' }).kind).toBe(kind);
  });
});

describe('which resolution fits which failure', () => {
  type Row = [FailureMode, handoffSeq: number | null, Act, Effect | 'refused', reason: string];
  const to = 'team:web';
  const rows: Row[] = [
    [
      'contract_violation',
      null,
      { ...resolve, resolution: 'replay' },
      { effect: 'replay' },
      'on the bytes as they came',
    ],
    [
      'contract_violation',
      null,
      { ...resolve, resolution: 'replay', payload: { a: 1 } },
      { effect: 'replay', payload: { a: 1 } },
      'on the repaired payload',
    ],
    [
      'contract_violation',
      null,
      { ...resolve, resolution: 'replay', payload: null },
      { effect: 'replay', payload: null },
      'null is a payload too',
    ],
    [
      'contract_violation',
      null,
      { ...resolve, resolution: 'reroute', to },
      'refused',
      'it would violate again',
    ],
    [
      'low_confidence',
      null,
      { ...resolve, resolution: 'reroute', to },
      { effect: 'reroute', to },
      'the person is sure',
    ],
    ['rejected', 1, { ...resolve, resolution: 'reroute', to }, 'refused', 'it was routed well'],
    [
      'rejected',
      1,
      { ...resolve, resolution: 'retry' },
      { effect: 'retry', handoffSeq: 1 },
      'that handoff failed',
    ],
    ['no_route', null, { ...resolve, resolution: 'retry' }, 'refused', 'there is no handoff yet'],
    ['refused', 1, { ...resolve, resolution: 'retry' }, 'refused', 'a no is not got round by trying again'],
    ['approval_overdue', 1, { ...resolve, resolution: 'retry' }, 'refused', 'nobody has approved it'],
    [
      'contradicted',
      2,
      { ...resolve, resolution: 'confirm', evidence: 'PM-7' },
      { effect: 'confirm', handoffSeq: 2, evidence: 'PM-7' },
      'corrected by hand',
    ],
    [
      'unparseable',
      null,
      { ...resolve, resolution: 'confirm', evidence: 'PM-7' },
      { effect: 'confirm', handoffSeq: null, evidence: 'PM-7' },
      'done by hand from start to end',
    ],
    [
      'unparseable',
      null,
      { ...resolve, resolution: 'discard', reason: 'spam' },
      { effect: 'discard', reason: 'spam' },
      'spam',
    ],
  ];
  test.each(rows)('%s, handoff %s, %j: %j, for %s', (mode, handoffSeq, input, expected) => {
    const decided = act(openedException({ ...ready, mode, handoffSeq }), input);
    if (expected === 'refused') expect(decided).toMatchObject({ kind: 'refusal', code: 'resolution_unfit' });
    else expect(decided).toMatchObject({ kind: 'transition', effect: expected });
  });
});

test('an edited payload is not written into the chain, only that there is one', () => {
  const decided = act(ready, { ...resolve, resolution: 'replay', payload: { email: 'secret' } });
  if (decided.kind === 'refusal') throw new Error(decided.what);
  expect(decided.entries[0]?.data).toMatchObject({ resolution: 'replay', edited: true });
  expect(canonical(decided.entries)).not.toContain('secret');
});
