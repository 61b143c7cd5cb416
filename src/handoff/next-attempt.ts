import type { Contract, Violation } from '../contract/contract.ts';
import type { Reason } from '../decision.ts';
import type { FailureMode } from '../exceptions/exception.ts';
import { limits } from '../limits.ts';
import { plusMs } from '../platform/instant.ts';
import { backoffMs, retryAfterMs } from './backoff.ts';
import type { AttemptOutcome } from './handoff.ts';

/** What the decision on one attempt needs of its handoff. */
export interface AttemptedHandoff {
  readonly destination: string;
  /** Attempts made so far, this one included. */
  readonly attempts: number;
  /** Those of them that do not count, their destination being out: only its age bounds them. */
  readonly excused?: number;
  readonly attemptsMax: number;
  readonly giveUpAt: Date;
  /** What the destination's document says of its answer; null where it says nothing. */
  readonly responseContract: Contract | null;
}

export type NextAttempt =
  | { readonly kind: 'accepted'; readonly reasons: readonly Reason[] }
  | { readonly kind: 'retry'; readonly at: Date; readonly reasons: readonly Reason[] }
  | {
      readonly kind: 'failed';
      readonly mode: FailureMode;
      /** One sentence for the person who takes the exception. */
      readonly summary: string;
      readonly violations: readonly Violation[];
      readonly reasons: readonly Reason[];
    };

/** Refusals that say "later", not "no". */
export const retriedStatuses: ReadonlySet<number> = new Set([408, 425, 429]);

/**
 * Decides what follows one attempt. Pure; `jitter` (0 to 1) is given by the shell.
 * A retry lies after `now`, not after `giveUpAt`, and there are at most `attemptsMax` attempts: it always ends.
 */
export function nextAttempt(
  handoff: AttemptedHandoff,
  outcome: AttemptOutcome,
  now: Date,
  jitter: number,
): NextAttempt {
  const { destination } = handoff;
  switch (outcome.result) {
    case 'accepted':
      return accepted(handoff, outcome);
    case 'rejected':
      if (outcome.status !== null && retriedStatuses.has(outcome.status)) break;
      // Our own attempt before this one may still be at work there, under the same key.
      if (outcome.status === 409 && handoff.attempts > 1) break;
      if (outcome.status === 401 || outcome.status === 403) {
        return failed('rejected', `The credential of ${destination} is refused: ${outcome.detail}`);
      }
      return failed('rejected', outcome.detail);
    case 'not_sent':
      if (outcome.final) return failed('rejected', outcome.detail);
      break;
    case 'unknown':
      break;
  }
  return retry(handoff, outcome, now, jitter);
}

function accepted(handoff: AttemptedHandoff, outcome: AttemptOutcome): NextAttempt {
  const { destination, responseContract } = handoff;
  // What was found by looking is the record, not the answer that the document speaks of.
  const checked = responseContract !== null && !outcome.found;
  const violations = checked ? responseViolations(responseContract, outcome) : [];
  const [first] = violations;
  if (first === undefined) {
    return { kind: 'accepted', reasons: [reason('accepted', outcome.detail)] };
  }
  const more = violations.length > 1 ? ` and ${violations.length - 1} more` : '';
  return failed(
    'destination_contract_violation',
    `${destination} answered ${outcome.status} against its own document: ${first.message}${more}`,
    violations,
  );
}

function responseViolations(
  contract: Contract,
  { status, body, rounded }: AttemptOutcome,
): readonly Violation[] {
  // 204 and 205 have no content by definition, whatever the document says of 200 and 201.
  if (status === 204 || status === 205) return [];
  if (body === undefined) return [{ path: '', rule: 'type', message: 'the answer is not JSON' }];
  return contract.validate(rounded ?? body);
}

/** Whether no further attempt may follow one that ended at `now` without success. */
export function isSpent(
  { attempts, excused = 0, attemptsMax, giveUpAt }: Omit<AttemptedHandoff, 'responseContract'>,
  now: Date,
): boolean {
  return attempts - excused >= attemptsMax || now >= giveUpAt;
}

function retry(handoff: AttemptedHandoff, outcome: AttemptOutcome, now: Date, jitter: number): NextAttempt {
  const { attempts, excused = 0, attemptsMax, giveUpAt } = handoff;
  const counted = attempts - excused;
  if (isSpent(handoff, now)) {
    const made = attempts === 1 ? '1 attempt' : `${attempts} attempts`;
    const bound = counted >= attemptsMax ? made : `${made}, its time for retries being over`;
    return failed('attempts_exhausted', `Given up after ${bound}: ${outcome.detail}`);
  }
  const { backoffFirstMs: firstMs, backoffMaxMs: maxMs } = limits;
  const waitMs = Math.max(
    backoffMs(Math.max(1, counted), { firstMs, maxMs }, jitter),
    retryAfterMs(outcome.retryAfter, maxMs, now),
  );
  const at = plusMs(now, Math.min(waitMs, giveUpAt.getTime() - now.getTime()));
  return { kind: 'retry', at, reasons: [reason('retry', outcome.detail)] };
}

function failed(mode: FailureMode, summary: string, violations: readonly Violation[] = []): NextAttempt {
  return { kind: 'failed', mode, summary, violations, reasons: [reason(mode, summary)] };
}

function reason(code: string, text: string): Reason {
  return { rung: 'handoff', code, text };
}
