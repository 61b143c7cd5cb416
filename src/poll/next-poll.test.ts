import fc from 'fast-check';
import { expect, test } from 'vitest';
import { limits } from '../limits.ts';
import { plusMs } from '../platform/instant.ts';
import { isDue, nextPoll, type PollState, pollTrouble } from './next-poll.ts';
import type { PollEnd } from './poll.ts';

const now = new Date('2026-03-01T10:00:00Z');
const [secondMs, minuteMs, hourMs, dayMs] = [1_000, 60_000, 3_600_000, 86_400_000];

function failed(retryAfter: string | null = null): PollEnd {
  return { kind: 'failed', text: 'crm answered 503', retryAfter, restart: false };
}

const ends: readonly [
  end: PollEnd,
  failures: number,
  everyMs: number,
  waitMs: number,
  then: number,
  reason: string,
][] = [
  [{ kind: 'caught_up' }, 0, 5 * minuteMs, 5 * minuteMs, 0, 'its rhythm'],
  [{ kind: 'caught_up' }, 7, 5 * minuteMs, 5 * minuteMs, 0, 'a success ends the failures'],
  [{ kind: 'more' }, 0, dayMs, 0, 0, 'what is left is read at once'],
  [{ kind: 'interrupted' }, 2, dayMs, 0, 2, 'a stopping node proves nothing of the source: another goes on'],
  [{ kind: 'busy', retryAfterSeconds: 2 }, 0, dayMs, 2 * secondMs, 0, 'our own fault is not counted'],
  [failed(), 0, 5 * minuteMs, 5 * secondMs, 1, 'the first wait is short'],
  [failed(), 1, 5 * minuteMs, 10 * secondMs, 2, 'it doubles'],
  [failed(), 100, secondMs, limits.pollBackoffMaxMs, 101, 'a fast source that is down is left in peace'],
  [failed(), 100, 20 * minuteMs, 20 * minuteMs, 101, 'never longer than its own rhythm'],
  [failed(), 100, dayMs, hourMs, 101, 'nor than an hour: it would lie still for a day otherwise'],
  [failed('30'), 0, 5 * minuteMs, 30 * secondMs, 1, 'Retry-After in seconds'],
  [failed('Sun, 01 Mar 2026 10:02:00 GMT'), 0, 5 * minuteMs, 2 * minuteMs, 1, 'Retry-After as a date'],
  [failed('1'), 5, 5 * minuteMs, 160 * secondMs, 6, 'Retry-After does not hurry'],
  [failed('999999'), 0, 5 * minuteMs, hourMs, 1, 'Retry-After is bounded'],
  [failed('soon'), 0, 5 * minuteMs, 5 * secondMs, 1, 'what cannot be read says nothing'],
];

test.each(ends)(
  '%o after %i failures, every %i ms: due in %i ms, failures %i (%s)',
  (end, failures, everyMs, waitMs, then) => {
    const next = nextPoll(end, { failures, everyMs }, now, 1);
    expect(next.dueAt).toEqual(plusMs(now, waitMs));
    expect(next.failures ?? failures).toBe(then);
    if (next.failures !== undefined) expect(next.error === null).toBe(next.failures === 0);
  },
);

const anyEnd: fc.Arbitrary<PollEnd> = fc.oneof(
  fc.constantFrom<PollEnd>({ kind: 'caught_up' }, { kind: 'more' }, { kind: 'interrupted' }),
  fc.nat(60).map((retryAfterSeconds): PollEnd => ({ kind: 'busy', retryAfterSeconds })),
  fc.option(fc.string()).map(failed),
);

test('however polls end, a source is due again, within an hour or its rhythm, and its error stands with its failures', () => {
  const everyMs = fc.integer({ min: limits.pollEveryMinMs, max: 7 * dayMs });
  const jitter = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.array(anyEnd, { maxLength: 20 }), everyMs, jitter, (many, every, drawn) => {
      let state = { failures: 0, error: null as string | null };
      for (const end of many) {
        const { dueAt, ...changes } = nextPoll(end, { failures: state.failures, everyMs: every }, now, drawn);
        const waitMs = dueAt.getTime() - now.getTime();
        expect(waitMs).toBeGreaterThanOrEqual(0);
        expect(waitMs).toBeLessThanOrEqual(Math.max(every, limits.backoffMaxMs));
        if (end.kind === 'failed') expect(waitMs).toBeGreaterThanOrEqual(limits.pollBackoffFirstMs / 2);
        state = { ...state, ...changes };
        expect(state.error === null).toBe(state.failures === 0);
      }
    }),
  );
});

function state(dueInMs: number, failures = 0): PollState {
  return { dueAt: plusMs(now, dueInMs), failures, error: null, lastSuccessAt: null };
}

test.each<[PollState, boolean, string]>([
  [state(0), true, 'its time has come'],
  [state(-hourMs), true, 'its time is over'],
  [state(1), false, 'not yet'],
  [state(5 * minuteMs), false, 'the whole rhythm lies before it'],
  [state(5 * minuteMs + 1), true, 'the rhythm was slower when this was written'],
  [state(hourMs, 3), false, 'after failures it waits longer than its rhythm'],
])('%o: %s (%s)', (each, due) => {
  expect(isDue(each, 5 * minuteMs, now)).toBe(due);
});

test.each<[PollState, string | null, string]>([
  [state(minuteMs), null, 'all is well'],
  [state(minuteMs, limits.pollFailuresTold - 1), null, 'a source may fail now and then'],
  [state(minuteMs, limits.pollFailuresTold), 'crm could not be read 3 times in a row', 'people are told'],
  [state(-limits.sweepSilentMs), null, 'a poll may begin late'],
  [
    state(-limits.sweepSilentMs - secondMs),
    'crm has not been polled, and was due 31 s ago',
    'nobody polls it',
  ],
])('%o: %s (%s)', (each, trouble) => {
  expect(pollTrouble('crm', each, now)).toBe(trouble);
});
