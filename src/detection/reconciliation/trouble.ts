import { limits } from '../../limits.ts';

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
