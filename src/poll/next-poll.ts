import { backoffMs, retryAfterMs } from '../handoff/backoff.ts';
import { limits } from '../limits.ts';
import { plusMs } from '../platform/instant.ts';
import type { PollEnd } from './poll.ts';

/** What the end of a poll changes; what is absent stays. */
export interface NextPoll {
  readonly dueAt: Date;
  /** Failures in a row; 0 together with an error of null. */
  readonly failures?: number;
  readonly error?: string | null;
  readonly lastSuccessAt?: Date;
}

/**
 * Decides when a source is polled again. Pure; `jitter` (0 to 1) is given by the shell.
 * Never gives up, and never hurries: a failing source is asked less and less often, down to limits.pollBackoffMaxMs or its
 * own rhythm where that is slower, and not before its Retry-After (at most limits.backoffMaxMs).
 */
export function nextPoll(
  end: PollEnd,
  { failures, everyMs }: { readonly failures: number; readonly everyMs: number },
  now: Date,
  jitter: number,
): NextPoll {
  switch (end.kind) {
    case 'caught_up':
      return { dueAt: plusMs(now, everyMs), failures: 0, error: null, lastSuccessAt: now };
    case 'more':
      return { dueAt: now, failures: 0, error: null, lastSuccessAt: now };
    case 'interrupted':
      return { dueAt: now };
    case 'busy':
      return { dueAt: plusMs(now, end.retryAfterSeconds * 1000) };
    case 'failed': {
      const maxMs = Math.min(Math.max(everyMs, limits.pollBackoffMaxMs), limits.backoffMaxMs);
      const backoff = { firstMs: limits.pollBackoffFirstMs, maxMs };
      const waitMs = Math.max(
        backoffMs(failures + 1, backoff, jitter),
        retryAfterMs(end.retryAfter, limits.backoffMaxMs, now),
      );
      return { dueAt: plusMs(now, waitMs), failures: failures + 1, error: end.text };
    }
  }
}

/** What is known of a source that is polled. */
export interface PollState {
  readonly dueAt: Date;
  readonly failures: number;
  readonly error: string | null;
  readonly lastSuccessAt: Date | null;
}

/** Whether a source is to be polled. Pure. A rhythm that has become faster counts at once. */
export function isDue({ dueAt, failures }: PollState, everyMs: number, now: Date): boolean {
  return dueAt <= now || (failures === 0 && dueAt > plusMs(now, everyMs));
}

/** What is wrong with a polled source, one sentence without foreign words; null: nothing. Pure. */
export function pollTrouble(source: string, { dueAt, failures }: PollState, now: Date): string | null {
  if (failures >= limits.pollFailuresTold) return `${source} could not be read ${failures} times in a row`;
  const lateMs = now.getTime() - dueAt.getTime();
  if (lateMs <= limits.sweepSilentMs) return null;
  return `${source} has not been polled, and was due ${Math.round(lateMs / 1000)} s ago`;
}
