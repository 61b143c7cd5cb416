import type { EntryDraft } from '../audit/chain.ts';
import { plusMs } from '../platform/instant.ts';
import type { Ref } from '../workflow/workflow.ts';
import type { ExceptionState, FrozenPolicy } from './exception.ts';
import { type Refusal, refuse } from './refusal.ts';
import { entry, type Transition, transition } from './transition.ts';

/** Time has passed: what a sweeper says to an exception. */
export interface Deadline {
  readonly act: 'deadline';
  /** Of those the policy names: who is gone, or has no way to be reached. */
  readonly unreachable: readonly Ref[];
}

/** Everyone an exception can be on, lowest rung first. */
export function rungs(policy: FrozenPolicy): readonly Ref[] {
  return [policy.owner, policy.alternate, ...policy.escalate];
}

/**
 * What the passing of time does to an unresolved exception. Before `dueAt` nothing, so that late and repeated
 * sweepers are harmless; only whom nobody can reach is passed over at once. One tick goes up one rung at most,
 * whatever has passed: who gets it now has had no time yet. Pure.
 */
export function afterDeadline(
  exception: ExceptionState,
  deadline: Deadline,
  now: Date,
): Transition | Refusal {
  const up = rungAbove(exception, deadline.unreachable);
  const why = passed(exception, deadline.unreachable, up, now);
  if (why.length === 0) {
    return refuse('not_due', `Nothing of exception ${exception.seq} is due.`, 'Come back at its due_at.');
  }
  const lapsed = why.includes('claim_lapsed');
  const lapsesAt = patience(exception, why, up, now);
  const changes = {
    ...(lapsed && { state: 'open' as const, claimedBy: null, claimedAt: null }),
    ...(why.includes('sla_missed') && { slaMissedAt: now }),
    ...(up !== null && { responsible: up.ref, level: up.level }),
    ...(lapsesAt !== null && { lapsesAt }),
  };
  return transition(changes, entriesOf(exception, why, up));
}

type Why = 'ttl_passed' | 'claim_lapsed' | 'sla_missed' | 'unreachable';

function passed(exception: ExceptionState, unreachable: readonly Ref[], up: Rung | null, now: Date): Why[] {
  const { state, lapsesAt, dueAt, resolveBy, slaMissedAt, responsible } = exception;
  const why: Why[] = [];
  const due = dueAt !== null && dueAt <= now;
  if (due && lapsesAt !== null && lapsesAt <= now) why.push(state === 'open' ? 'ttl_passed' : 'claim_lapsed');
  if (due && slaMissedAt === null && resolveBy <= now) why.push('sla_missed');
  if (state === 'open' && unreachable.includes(responsible) && up?.reachable === true)
    why.push('unreachable');
  return why;
}

/** A claim that holds keeps its lease (null); whoever has it anew gets a TTL; on the last rung it waits for the reminder. */
function patience(
  { state, policy }: ExceptionState,
  why: readonly Why[],
  up: Rung | null,
  now: Date,
): Date | null {
  if (why.includes('claim_lapsed')) return plusMs(now, policy.ttlMs);
  if (state === 'claimed') return null;
  if (up !== null) return plusMs(now, policy.ttlMs);
  return why.includes('ttl_passed') ? plusMs(now, policy.resolveWithinMs) : null;
}

function entriesOf(exception: ExceptionState, why: readonly Why[], up: Rung | null): EntryDraft[] {
  const { claimedBy, responsible, level, resolveBy } = exception;
  const say = (kind: string, data: Record<string, unknown>) => entry(exception, kind, 'signalbox', data);
  const entries: EntryDraft[] = [];
  if (why.includes('claim_lapsed')) entries.push(say('claim_lapsed', { claimed_by: claimedBy }));
  if (why.includes('sla_missed')) {
    entries.push(say('exception_sla_missed', { responsible, resolve_by: resolveBy.toISOString() }));
  }
  if (up !== null) {
    entries.push(say('exception_escalated', { from: responsible, to: up.ref, level: up.level, why }));
  } else if (why.includes('ttl_passed')) {
    entries.push(say('exception_reminded', { responsible, level }));
  }
  return entries;
}

interface Rung {
  readonly ref: Ref;
  readonly level: number;
  readonly reachable: boolean;
}

/**
 * The next rung that somebody else stands on who can be reached; where none above can, the next all the same:
 * an exception on somebody's screen beats one that stays where it is. Null: this is the last.
 */
function rungAbove(exception: ExceptionState, unreachable: readonly Ref[]): Rung | null {
  const above = rungs(exception.policy)
    .map((ref, level) => ({ ref, level, reachable: !unreachable.includes(ref) }))
    .filter(({ ref, level }) => level > exception.level && ref !== exception.responsible);
  return above.find(({ reachable }) => reachable) ?? above[0] ?? null;
}
