import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AttemptOutcome } from '../handoff/handoff.ts';
import { limits } from '../limits.ts';
import { plusMs } from '../platform/instant.ts';
import { firstLookAt, judge, nextProbe, type OutcomeRules, type Reading } from './next-probe.ts';

const now = new Date('2026-03-02T09:00:00.000Z');
const later = plusMs(now, 60_000);
const reading = (verdict: Reading['verdict']): Reading => ({ verdict, text: '', compared: [] });

function read(changes: Partial<AttemptOutcome>): AttemptOutcome {
  return {
    result: 'accepted',
    status: 200,
    detail: 'tool answered 200',
    excerpt: null,
    retryAfter: null,
    ...changes,
  };
}

function rules(changes: Partial<OutcomeRules> = {}): OutcomeRules {
  return { destination: 'tool', sent: { a: 1 }, same: ['a'], that: null, holds: () => true, ...changes };
}

const no = { that: 'result.ok', holds: () => false } as const;
const unknown = { that: 'result.ok', holds: () => null } as const;
const readings: readonly [
  rules: Partial<OutcomeRules>,
  read: Partial<AttemptOutcome>,
  verdict: string,
  text: RegExp,
][] = [
  [{}, { body: { a: 1 } }, 'stands', /holds what was sent/],
  [{}, { body: { a: 2 } }, 'differs', /a is 2, sent was 1/],
  [{}, { body: {} }, 'differs', /a is missing, sent was 1/],
  [no, { body: { a: 1 } }, 'differs', /result\.ok does not hold/],
  [unknown, { body: { a: 1 } }, 'differs', /result\.ok does not hold/],
  [{}, { result: 'rejected', status: 404 }, 'missing', /no such record \(404\)/],
  [{}, { result: 'rejected', status: 410 }, 'missing', /no such record \(410\)/],
  [{}, { result: 'unknown', status: 500, detail: 'tool answered 500' }, 'unreadable', /tool answered 500/],
  [{}, { result: 'not_sent', status: null, detail: 'tool refused' }, 'unreadable', /tool refused/],
  [{}, {}, 'unreadable', /without JSON/],
];

test.each(readings)('%j reading %j: %s', (given, outcome, verdict, text) => {
  const judged = judge(rules(given), read(outcome));
  expect(judged.verdict).toBe(verdict);
  expect(judged.text).toMatch(text);
});

const steps: readonly [verdict: Reading['verdict'], confirmBy: Date, kind: string, reason: string][] = [
  ['stands', later, 'confirmed', 'proved'],
  ['stands', now, 'confirmed', 'proved at the last moment'],
  ['differs', later, 'again', 'it may be on its way'],
  ['missing', later, 'again', 'it may be on its way'],
  ['unreadable', later, 'again', 'it may come back'],
  ['unaskable', later, 'unconfirmed', 'waiting makes no difference'],
  ['differs', now, 'contradicted', 'it is there and wrong'],
  ['missing', now, 'unconfirmed', 'it is not there'],
  ['unreadable', now, 'unconfirmed', 'nobody could say'],
];

test.each(steps)('%s, to be confirmed by %s: %s (%s)', (verdict, confirmBy, kind) => {
  expect(nextProbe(reading(verdict), 1, confirmBy, now).kind).toBe(kind);
});

test('probes come closer to the deadline, never past it, and the last is at it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 86_400_000 }), (withinMs) => {
      const confirmBy = plusMs(now, withinMs);
      let at = firstLookAt({}, confirmBy, now);
      for (let probes = 1; ; probes++) {
        expect(at.getTime()).toBeLessThanOrEqual(confirmBy.getTime());
        const next = nextProbe(reading('missing'), probes, confirmBy, at);
        if (next.kind !== 'again') break;
        expect(next.at.getTime()).toBeGreaterThan(at.getTime());
        expect(next.at.getTime() - at.getTime()).toBeLessThanOrEqual(limits.probeMaxMs);
        at = next.at;
      }
      expect(at).toEqual(confirmBy);
    }),
    { numRuns: 50 },
  );
});

const out = { ...reading('unreadable'), unreached: true } as const;
const withinMs = 10_000;
const patience = { withinMs, until: plusMs(now, 3_600_000) };
const late = (ms: number) => plusMs(now, -ms);

test.each<[Reading, confirmBy: Date, until: Date, expected: object, reason: string]>([
  [out, later, patience.until, { kind: 'again' }, 'there is time yet'],
  [out, now, patience.until, { kind: 'again', confirmBy: plusMs(now, withinMs) }, 'it could not be asked'],
  [out, now, plusMs(now, 1_000), { kind: 'again', at: plusMs(now, 1_000) }, 'not past the age of retries'],
  [out, now, now, { kind: 'unconfirmed' }, 'it could not be asked for as long as it is tried'],
  [reading('unreadable'), now, patience.until, { kind: 'unconfirmed' }, 'it answered, and not with JSON'],
  [reading('missing'), late(limits.probeLateMs), patience.until, { kind: 'unconfirmed' }, 'about in time'],
  [
    reading('missing'),
    late(limits.probeLateMs + 1),
    patience.until,
    { kind: 'again', confirmBy: plusMs(now, limits.probeLateMs + 1) },
    'it was held back: the time that it was is given once more',
  ],
  [
    reading('differs'),
    late(300_000),
    patience.until,
    { kind: 'again', confirmBy: plusMs(now, withinMs) },
    'never more than it had',
  ],
  [reading('differs'), late(300_000), late(1), { kind: 'contradicted' }, 'its time is over for good'],
])('%j to be confirmed by %s, patience until %s: %j (%s)', (given, confirmBy, until, expected) => {
  expect(nextProbe(given, 10, confirmBy, now, { withinMs, until })).toMatchObject(expected);
});

test('a destination that could not be asked is asked again soon, however often it was asked', () => {
  const far = { withinMs: 3_600_000, until: plusMs(now, 86_400_000) };
  const next = nextProbe(out, 30, later, now, far);
  expect(next).toMatchObject({ at: plusMs(now, limits.probeUnreachedMaxMs) });
});

test.each<[Partial<AttemptOutcome>, boolean]>([
  [{ result: 'not_sent', status: null }, true],
  [{ result: 'unknown', status: null }, true],
  [{ result: 'unknown', status: 503 }, true],
  [{ result: 'rejected', status: 429 }, true],
  [{ result: 'rejected', status: 403 }, false],
  [{ result: 'accepted' }, false],
])('%j is no answer: %s', (given, unreached) => {
  expect(judge(rules(), read(given)).unreached === true).toBe(unreached);
});

test.each<[confirmInMs: number, lookInMs: number, reason: string]>([
  [limits.probeFirstMs + 1, limits.probeFirstMs, 'after its delay'],
  [limits.probeFirstMs, limits.probeFirstMs, 'which may be the deadline'],
  [limits.probeFirstMs - 1, limits.probeFirstMs - 1, 'and never after it'],
])('a record that is proved within %i ms is first looked at after %i: %s', (confirmInMs, lookInMs) => {
  expect(firstLookAt({}, plusMs(now, confirmInMs), now)).toEqual(plusMs(now, lookInMs));
});
