import type { AttemptOutcome } from '../handoff/handoff.ts';
import { retriedStatuses } from '../handoff/next-attempt.ts';
import type { HandoffRow } from '../handoff/store.ts';
import { limits } from '../limits.ts';
import { plusMs } from '../platform/instant.ts';
import type { Scope } from '../workflow/expression.ts';
import { type ComparedField, compareFields, complaint } from './compare.ts';
import { holds } from './expressions.ts';
import type { OutcomePlan, ReadPlan } from './plan.ts';
import type { SameField } from './same.ts';

/** What one reading of the target says of a handoff. */
export interface Reading {
  /**
   * stands: as it should be. differs: the record is there, but not so. wrong: it is so for good. pending: it has not come
   * to its end. missing: no such record. unreadable: no usable answer. unaskable: the question cannot even be made of the
   * answer to the handoff, now or later.
   */
  readonly verdict: 'stands' | 'differs' | 'wrong' | 'pending' | 'missing' | 'unreadable' | 'unaskable';
  /** One sentence for a person. */
  readonly text: string;
  readonly compared: readonly ComparedField[];
  /** Set where the destination could not be asked: it is out, or wants to be left alone. That says nothing of the record. */
  readonly unreached?: true;
}

/** The outcome's rules as `judge` needs them. Conditions are texts; null or absent where there is none. */
export interface OutcomeRules {
  readonly destination: string;
  /** The body that was sent. */
  readonly sent: unknown;
  readonly same: readonly (string | SameField)[];
  readonly that: string | null;
  /** From then on the record is judged for good. */
  readonly until?: string | null;
  /** Once it holds, nothing can come right any more. */
  readonly failWhen?: string | null;
  /** That there is no such record any more is what it should be. */
  readonly gone?: boolean;
  /** Evaluates one of the conditions on the record; null where it could not be evaluated. */
  holds(condition: string, result: unknown): boolean | null;
}

/** The rules of a plan, on what its expressions see. Pure. */
export function rulesOf(
  { destination }: { readonly destination: string },
  { that, until, failWhen, same, gone }: Pick<ReadPlan, 'that' | 'until' | 'failWhen' | 'same' | 'gone'>,
  scope: Scope,
): OutcomeRules {
  return {
    destination,
    sent: scope.request,
    same,
    that,
    until: until ?? null,
    failWhen: failWhen ?? null,
    gone: gone === true,
    holds: (condition, result) => holds(condition, { ...scope, result }),
  };
}

/** Judges what was read back. Pure. */
export function judge(rules: OutcomeRules, read: AttemptOutcome): Reading {
  const { destination, gone = false } = rules;
  if (read.status === 404 || read.status === 410) {
    if (gone)
      return { verdict: 'stands', text: `${destination} has it no more (${read.status})`, compared: [] };
    return { verdict: 'missing', text: `${destination} has no such record (${read.status})`, compared: [] };
  }
  if (read.result !== 'accepted' || read.body === undefined) {
    const text = read.result === 'accepted' ? `${destination} answered without JSON` : read.detail;
    return { verdict: 'unreadable', text, compared: [], ...(isUnreached(read) && { unreached: true }) };
  }
  return judgeRecord(rules, read.body);
}

/** Judges a record, or what a callback says. Pure. */
export function judgeRecord(rules: OutcomeRules, record: unknown): Reading {
  const { destination, that, until = null, failWhen = null, gone = false } = rules;
  const compared = compareFields(rules.sent, record, rules.same);
  if (failWhen !== null && rules.holds(failWhen, record) === true) {
    return { verdict: 'wrong', text: `${destination} says that it has failed: ${failWhen}`, compared };
  }
  const complaints = compared.filter(({ equal }) => !equal).map(complaint);
  if (that !== null && rules.holds(that, record) !== true) complaints.push(`${that} does not hold`);
  if (gone && that === null) complaints.push('the record is still there');
  const isOver = until === null || rules.holds(until, record) === true;
  if (!isOver) return { verdict: 'pending', text: `${destination} is not at its end: ${until}`, compared };
  if (complaints.length === 0) {
    return { verdict: 'stands', text: `${destination} holds what was sent`, compared };
  }
  const text = `${destination} holds something else: ${complaints.join('; ')}`;
  return { verdict: until === null ? 'differs' : 'wrong', text, compared };
}

function isUnreached({ result, status }: AttemptOutcome): boolean {
  return result === 'not_sent' || result === 'unknown' || (status !== null && retriedStatuses.has(status));
}

export type NextProbe =
  | { readonly kind: 'confirmed' }
  /** `confirmBy`: the deadline from now on, where it has moved. */
  | { readonly kind: 'again'; readonly at: Date; readonly confirmBy?: Date }
  | { readonly kind: 'contradicted' | 'unconfirmed' };

/** How far the deadline of an outcome may move for an outage. */
export interface Patience {
  readonly withinMs: number;
  /** Then it is over, also where the destination could never be asked. */
  readonly until: Date;
}

/** An outage may last as long as a destination is tried at all. */
export function patienceOf(
  { plan, accepted_at: acceptedAt }: Pick<HandoffRow, 'plan' | 'accepted_at'>,
  confirmBy: Date,
): Patience {
  const until = plusMs(acceptedAt ?? confirmBy, plan.retry.forMs);
  return { withinMs: plan.outcome.withinMs, until: until > confirmBy ? until : confirmBy };
}

/**
 * Decides what follows one reading. Pure. Delays double from limits.probeFirstMs to limits.probeMaxMs; the last
 * probe is due at `confirmBy` itself, and what it reads is final. An outage does not count against the record: with
 * `patience` the deadline begins anew with each look at which the destination could not be asked, and a look that was held
 * back until long after it is not the last one.
 */
export function nextProbe(
  reading: Reading,
  probes: number,
  confirmBy: Date,
  now: Date,
  patience: Patience | null = null,
): NextProbe {
  if (reading.verdict === 'stands') return { kind: 'confirmed' };
  if (reading.verdict === 'unaskable') return { kind: 'unconfirmed' };
  if (reading.verdict === 'wrong') return { kind: 'contradicted' };
  const moved = patience === null ? confirmBy : movedDeadline(reading, confirmBy, now, patience);
  if (moved > confirmBy) {
    const at = probeAt(probes, moved, now);
    const soon = plusMs(now, limits.probeUnreachedMaxMs);
    return { kind: 'again', at: reading.unreached && soon < at ? soon : at, confirmBy: moved };
  }
  if (now >= confirmBy) return { kind: reading.verdict === 'differs' ? 'contradicted' : 'unconfirmed' };
  return { kind: 'again', at: probeAt(probes, confirmBy, now) };
}

function movedDeadline(
  { unreached }: Reading,
  confirmBy: Date,
  now: Date,
  { withinMs, until }: Patience,
): Date {
  const lateMs = now.getTime() - confirmBy.getTime();
  const isHeldBack = lateMs > limits.probeLateMs;
  if (!unreached && !isHeldBack) return confirmBy;
  const moved = plusMs(now, unreached ? withinMs : Math.min(withinMs, lateMs));
  const latest = moved < until ? moved : until;
  return latest > confirmBy && latest > now ? latest : confirmBy;
}

/** What the exception of an outcome says that could never be read. */
export function unconfirmedText({ text, unreached }: Reading): string {
  return unreached ? `The outcome could not be asked: ${text}` : text;
}

/**
 * When an outcome is first looked at after a destination has accepted. Pure. A callback may have come before the
 * acceptance, and a person has yet to be asked: that is looked at without delay.
 */
export function firstLookAt({ kind = 'read' }: Pick<OutcomePlan, 'kind'>, confirmBy: Date, now: Date): Date {
  return kind === 'read' ? probeAt(0, confirmBy, now) : now;
}

function probeAt(probes: number, confirmBy: Date, now: Date): Date {
  const at = plusMs(now, Math.min(limits.probeFirstMs * 2 ** probes, limits.probeMaxMs));
  return at < confirmBy ? at : confirmBy;
}
