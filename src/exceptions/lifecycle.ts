import { limits } from '../limits.ts';
import { earliest, plusMs } from '../platform/instant.ts';
import { afterDeadline, type Deadline } from './escalation.ts';
import type { ChecklistPoint, ExceptionChanges, ExceptionState } from './exception.ts';
import { type Refusal, refuse, textProblem } from './refusal.ts';
import { type Resolve, resolve } from './resolution.ts';
import { entry, type Transition, transition } from './transition.ts';

/*
 *              claim                      resolve
 *   ┌────────┐ ─────────▶ ┌───────────┐ ───────────▶ ┌────────────┐
 *   │  open  │            │  claimed  │              │  resolved  │  final; also from open, as `superseded` or `over`
 *   └────────┘ ◀───────── └───────────┘              └────────────┘
 *     │    ▲    release,    │      ▲
 *     └────┘    lease over  └──────┘
 *   TTL over, owner gone:   note, tick, waive: the lease begins anew
 *   one rung up             SLA missed, once, in either state: one rung up
 *
 *   rungs: owner, alternate, then policy.escalate in its order; on the last, a reminder every resolveWithinMs
 */

/** What a person does to an exception. */
export type Act =
  | { readonly act: 'claim' }
  | { readonly act: 'release' }
  | { readonly act: 'note'; readonly text: string }
  | { readonly act: 'tick'; readonly index: number }
  | { readonly act: 'waive'; readonly index: number; readonly reason: string }
  | Resolve;

/** Decides what an act of `by`, or the passing of time, does to an exception. Pure. */
export function next(
  exception: ExceptionState,
  input: (Act & { readonly by: string }) | Deadline,
  now: Date,
): Transition | Refusal {
  if (exception.state === 'resolved') {
    return refuse(
      'resolved',
      `${exception.resolvedBy} resolved exception ${exception.seq} already (${exception.resolution}).`,
      'Nothing is left to do; a resolution is final.',
    );
  }
  const decided =
    input.act === 'deadline' ? afterDeadline(exception, input, now) : acted(exception, input, now);
  return decided.kind === 'refusal' ? decided : withDueAt(exception, decided);
}

function acted(
  exception: ExceptionState,
  input: Act & { readonly by: string },
  now: Date,
): Transition | Refusal {
  const other = exception.claimedBy !== null && exception.claimedBy !== input.by;
  if (other) {
    return refuse(
      'claimed_by_other',
      `${exception.claimedBy} has claimed exception ${exception.seq} since ${exception.claimedAt?.toISOString()}.`,
      'Ask them to release it, or wait until the claim lapses.',
    );
  }
  switch (input.act) {
    case 'claim':
      return claim(exception, input.by, now);
    case 'release':
      return release(exception, input.by, now);
    case 'note':
      return note(exception, input, now);
    case 'tick':
    case 'waive':
      return settlePoint(exception, input, now);
    case 'resolve':
      return resolve(exception, input, now);
  }
}

function claim(exception: ExceptionState, by: string, now: Date): Transition | Refusal {
  if (exception.claimedBy !== null) {
    return refuse(
      'claimed_already',
      `You have claimed exception ${exception.seq} already.`,
      'Go on with it.',
    );
  }
  const lapsesAt = plusMs(now, exception.policy.claimLeaseMs);
  return transition({ state: 'claimed', claimedBy: by, claimedAt: now, lapsesAt }, [
    entry(exception, 'exception_claimed', by, { lapses_at: lapsesAt.toISOString() }),
  ]);
}

function release(exception: ExceptionState, by: string, now: Date): Transition | Refusal {
  if (exception.claimedBy === null) {
    return refuse(
      'not_claimed',
      `Nobody has claimed exception ${exception.seq}.`,
      'There is nothing to release.',
    );
  }
  const lapsesAt = plusMs(now, exception.policy.ttlMs);
  return transition({ state: 'open', claimedBy: null, claimedAt: null, lapsesAt }, [
    entry(exception, 'exception_released', by, { claim_by: lapsesAt.toISOString() }),
  ]);
}

function note(
  exception: ExceptionState,
  { text, by }: { readonly text: string; readonly by: string },
  now: Date,
): Transition | Refusal {
  const problem = textProblem('The note', text, limits.noteCharsMax);
  if (problem !== null) return problem;
  return transition(worked(exception, now), [entry(exception, 'exception_noted', by, { text })]);
}

function settlePoint(
  exception: ExceptionState,
  input: Extract<Act, { act: 'tick' | 'waive' }> & { readonly by: string },
  now: Date,
): Transition | Refusal {
  const { index, by } = input;
  const point = exception.checklist[index];
  const count = exception.checklist.length;
  if (point === undefined) {
    return refuse(
      'no_such_point',
      `The checklist has no point ${index}.`,
      `Its points are 0 to ${count - 1}.`,
    );
  }
  if (point.state !== 'open') {
    return refuse(
      'point_settled',
      `Point ${index} is ${point.state} already by ${point.by}.`,
      'Go on to the next.',
    );
  }
  const reason = input.act === 'waive' ? input.reason : null;
  const problem =
    reason === null ? null : textProblem('The reason for waiving a point', reason, limits.noteCharsMax);
  if (problem !== null) return problem;
  const state = reason === null ? 'ticked' : 'waived';
  const settled: ChecklistPoint = { text: point.text, state, by, at: now.toISOString(), reason };
  const data = { index, point: point.text, ...(reason !== null && { reason }) };
  const checklist = exception.checklist.with(index, settled);
  return transition({ ...worked(exception, now), checklist }, [
    entry(exception, `checklist_${state}`, by, data),
  ]);
}

/** Work on a claimed exception renews the claim; on an open one it does not stop the TTL: only a claim does. */
function worked(exception: ExceptionState, now: Date): ExceptionChanges {
  return exception.state === 'claimed' ? { lapsesAt: plusMs(now, exception.policy.claimLeaseMs) } : {};
}

function withDueAt(exception: ExceptionState, decided: Transition): Transition {
  const { state, lapsesAt, slaMissedAt, resolveBy } = { ...exception, ...decided.changes };
  const dueAt = state === 'resolved' ? null : earliest(lapsesAt, slaMissedAt === null ? resolveBy : null);
  return { ...decided, changes: { ...decided.changes, dueAt } };
}
