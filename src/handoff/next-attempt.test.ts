import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Contract } from '../contract/contract.ts';
import { limits } from '../limits.ts';
import { plusMs } from '../platform/instant.ts';
import type { AttemptOutcome } from './handoff.ts';
import { type AttemptedHandoff, nextAttempt } from './next-attempt.ts';

const now = new Date('2026-03-02T09:00:00.000Z');

function handoff(changes: Partial<AttemptedHandoff> = {}): AttemptedHandoff {
  const giveUpAt = plusMs(now, 86_400_000);
  return { destination: 'tool', attempts: 1, attemptsMax: 8, giveUpAt, responseContract: null, ...changes };
}

function outcome(changes: Partial<AttemptOutcome> = {}): AttemptOutcome {
  return {
    result: 'unknown',
    status: 500,
    detail: 'tool answered 500',
    excerpt: null,
    retryAfter: null,
    ...changes,
  };
}

const hasId: Contract = {
  name: 'tool',
  schema: {},
  validate: (value) =>
    typeof value === 'object' && value !== null && 'id' in value
      ? []
      : [{ path: '/id', rule: 'required', message: 'id is missing' }],
};

const verdicts: readonly [outcome: Partial<AttemptOutcome>, expected: object, reason: string][] = [
  [{ result: 'accepted', status: 200 }, { kind: 'accepted' }, 'no document to compare with'],
  [{ result: 'not_sent', status: null }, { kind: 'retry' }, 'it never left'],
  [{ result: 'unknown', status: 500 }, { kind: 'retry' }, 'nobody knows: the key makes it safe'],
  [{ result: 'rejected', status: 400 }, { kind: 'failed', mode: 'rejected' }, 'the request is wrong'],
  [{ result: 'rejected', status: 404 }, { kind: 'failed', mode: 'rejected' }, 'there is no such place'],
  [{ result: 'rejected', status: 307 }, { kind: 'failed', mode: 'rejected' }, 'redirects are not followed'],
  [{ result: 'rejected', status: null }, { kind: 'failed', mode: 'rejected' }, 'the project cannot send it'],
  [{ result: 'rejected', status: 408 }, { kind: 'retry' }, 'request timeout'],
  [{ result: 'rejected', status: 425 }, { kind: 'retry' }, 'too early'],
  [{ result: 'rejected', status: 429 }, { kind: 'retry' }, 'too many'],
];

test.each(verdicts)('%j leads to %j: %s', (given, expected) => {
  expect(nextAttempt(handoff(), outcome(given), now, 0.5)).toMatchObject(expected);
});

test('what a document says of numbers holds also of one that is kept as the text of its digits', () => {
  const integer: Contract = {
    ...hasId,
    validate: (value) =>
      typeof (value as { id: unknown }).id === 'number'
        ? []
        : [{ path: '/id', rule: 'type', message: 'id should be a whole number' }],
  };
  const answer = { body: { id: '9007199254740993' }, rounded: { id: 9007199254740992 } };
  const given = outcome({ result: 'accepted', status: 201, ...answer });
  expect(nextAttempt(handoff({ responseContract: integer }), given, now, 0.5)).toMatchObject({
    kind: 'accepted',
  });
});

test.each<[attempts: number, kind: string, reason: string]>([
  [1, 'failed', 'another has it'],
  [2, 'retry', 'it may be our own attempt before this one'],
  [8, 'failed', 'for as long as there are attempts'],
])('a conflict at attempt %i is %s: %s', (attempts, kind) => {
  const given = outcome({ result: 'rejected', status: 409 });
  expect(nextAttempt(handoff({ attempts }), given, now, 0.5)).toMatchObject({ kind });
});

test.each([401, 403])('%i says whose credential is refused', (status) => {
  const next = nextAttempt(
    handoff(),
    outcome({ result: 'rejected', status, detail: `tool answered ${status}` }),
    now,
    0,
  );
  expect(next).toMatchObject({ summary: `The credential of tool is refused: tool answered ${status}` });
});

const documented: readonly [outcome: Partial<AttemptOutcome>, kind: string, reason: string][] = [
  [{ status: 201, body: { id: 1 } }, 'accepted', 'as documented'],
  [{ status: 201, body: {} }, 'failed', 'a documented field is missing'],
  [{ status: 200 }, 'failed', 'documented as JSON, and it is not'],
  [{ status: 204 }, 'accepted', '204 has no content'],
];

test.each(documented)('an accepted answer %j against its document: %s (%s)', (given, kind) => {
  const next = nextAttempt(
    handoff({ responseContract: hasId }),
    outcome({ result: 'accepted', ...given }),
    now,
    0,
  );
  expect(next.kind).toBe(kind);
  if (next.kind === 'failed') expect(next.mode).toBe('destination_contract_violation');
});

const bounds: readonly [handoff: Partial<AttemptedHandoff>, kind: string, reason: string][] = [
  [{ attempts: 7, attemptsMax: 8 }, 'retry', 'one is left'],
  [{ attempts: 8, attemptsMax: 8 }, 'failed', 'none is left'],
  [{ attempts: 1, attemptsMax: 1 }, 'failed', 'one was all'],
  [{ giveUpAt: plusMs(now, 1) }, 'retry', 'a millisecond is left'],
  [{ giveUpAt: now }, 'failed', 'the time is over'],
];

test.each(bounds)('%j: %s, for %s', (given, kind) => {
  const next = nextAttempt(handoff(given), outcome(), now, 1);
  expect(next.kind).toBe(kind);
  if (next.kind === 'failed') expect(next.mode).toBe('attempts_exhausted');
});

const waits: readonly [
  attempts: number,
  retryAfter: string | null,
  jitter: number,
  ms: number,
  reason: string,
][] = [
  [1, null, 0, limits.backoffFirstMs / 2, 'half is certain'],
  [1, null, 1, limits.backoffFirstMs, 'the other half is drawn'],
  [3, null, 1, limits.backoffFirstMs * 4, 'doubling'],
  [1, '30', 0, 30_000, 'Retry-After in seconds'],
  [1, 'Mon, 02 Mar 2026 09:00:30 GMT', 0, 30_000, 'Retry-After as a date'],
  [1, 'Mon, 02 Mar 2026 08:00:00 GMT', 0, limits.backoffFirstMs / 2, 'a past date says nothing'],
  [1, 'soon', 0, limits.backoffFirstMs / 2, 'neither does nonsense'],
  [1, '999999999', 0, limits.backoffMaxMs, 'bounded by the ceiling'],
];

test.each(waits)('attempt %i, Retry-After %s, jitter %d: %i ms (%s)', (attempts, retryAfter, jitter, ms) => {
  const next = nextAttempt(handoff({ attempts }), outcome({ retryAfter }), now, jitter);
  expect(next).toMatchObject({ kind: 'retry', at: plusMs(now, ms) });
});

test('a retry is never before now nor after giving up, and they end', () => {
  const arbitraryOutcome = fc.record({
    result: fc.constantFrom('not_sent' as const, 'unknown' as const, 'rejected' as const),
    status: fc.option(fc.constantFrom(408, 425, 429, 500, 503)),
    retryAfter: fc.option(fc.oneof(fc.nat().map(String), fc.string())),
  });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 10 * 86_400_000 }),
      fc.infiniteStream(arbitraryOutcome),
      fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
      (attemptsMax, forMs, outcomes, jitters) => {
        const giveUpAt = plusMs(now, forMs);
        let at = now;
        for (let attempts = 1; ; attempts++) {
          expect(attempts).toBeLessThanOrEqual(attemptsMax);
          const given = handoff({ attempts, attemptsMax, giveUpAt });
          const next = nextAttempt(given, outcome(outcomes.next().value), at, jitters.next().value);
          if (next.kind !== 'retry') return;
          expect(next.at.getTime()).toBeGreaterThan(at.getTime());
          expect(next.at.getTime()).toBeLessThanOrEqual(giveUpAt.getTime());
          at = next.at;
        }
      },
    ),
  );
});
