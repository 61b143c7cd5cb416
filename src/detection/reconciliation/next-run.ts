import { limits } from '../../limits.ts';
import { plusMs } from '../../platform/instant.ts';
import type { NextPoll } from '../../poll/next-poll.ts';

/**
 * When a source is compared again after a comparison that came to its end. Pure. In its rhythm; or, where something waits
 * because its webhook may only be late, as soon as the first of it has had its time.
 */
export function comparedAgain(next: NextPoll, soonest: Date | null, now: Date): NextPoll {
  if (soonest === null || soonest >= next.dueAt) return next;
  const least = plusMs(now, limits.pollEveryMinMs);
  return { ...next, dueAt: soonest > least ? soonest : least };
}

/** What is known of a comparison that is made again and again. */
export interface RunState {
  readonly dueAt: Date;
  /** In a row. */
  readonly failures: number;
}

/** What is wrong with a comparison, one sentence without foreign words; null: nothing. Pure. */
export function runTrouble(subject: string, { dueAt, failures }: RunState, now: Date): string | null {
  if (failures >= limits.pollFailuresTold)
    return `${subject} could not be compared ${failures} times in a row`;
  const lateMs = now.getTime() - dueAt.getTime();
  if (lateMs <= limits.sweepSilentMs) return null;
  return `${subject} has not been compared, and was due ${Math.round(lateMs / 1000)} s ago`;
}
