import type { EntryDraft } from '../audit/chain.ts';
import { firstLookAt } from '../outcome/next-probe.ts';
import { plusMs } from '../platform/instant.ts';
import type { AttemptOutcome } from './handoff.ts';
import type { NextAttempt } from './next-attempt.ts';
import type { HandoffChange, HandoffRow } from './store.ts';

/** What an attempt leads to, as rows and entries: one rule for the group and for one alone. Pure. */

/** What changes of a handoff's row, and the entry that says so. */
export interface Step {
  readonly change: HandoffChange;
  readonly entry: EntryDraft;
}

/** What follows an attempt that has not failed for good. `row`: as the attempt was begun. */
export function stepAfter(
  row: HandoffRow,
  outcome: AttemptOutcome,
  next: Exclude<NextAttempt, { readonly kind: 'failed' }>,
  now: Date,
): Step {
  if (next.kind === 'accepted') return acceptance(row, outcome, now);
  return {
    change: { state: 'ready', due_at: next.at, excused: row.excused },
    entry: resultEntry('handoff_retry_planned', row, outcome, { at: next.at.toISOString() }),
  };
}

function acceptance(row: HandoffRow, outcome: AttemptOutcome, now: Date): Step {
  const confirmBy = plusMs(now, row.plan.outcome.withinMs);
  const change = {
    state: 'confirming',
    due_at: firstLookAt(row.plan.outcome, confirmBy, now),
    confirm_by: confirmBy,
    ...accepted(outcome, now),
  } as const;
  return {
    change,
    entry: resultEntry('handoff_accepted', row, outcome, { confirm_by: confirmBy.toISOString() }),
  };
}

/** What a row keeps of an acceptance. */
export function accepted({ body }: Pick<AttemptOutcome, 'body'>, now: Date) {
  return { accepted_at: now, response: body === undefined ? null : JSON.stringify(body) };
}

/** What `nextAttempt` needs of a row. */
export function factsOf(row: HandoffRow) {
  return {
    destination: row.destination,
    attempts: row.attempts,
    excused: row.excused,
    attemptsMax: row.plan.retry.attemptsMax,
    giveUpAt: row.give_up_at,
  };
}

/** Says that an attempt was meant, before it is made. */
export function attemptedEntry(row: HandoffRow): EntryDraft {
  return {
    kind: 'handoff_attempted',
    actor: 'signalbox',
    data: {
      handoff_seq: row.seq,
      handoff: row.handoff,
      attempt: row.attempts,
      destination: row.destination,
      operation: row.plan.request.operation,
      idempotency_key: row.idempotency_key,
    },
  };
}

/** Our own words only: what the other side answered stands with the attempt, where it can be erased. */
export function resultEntry(
  kind: string,
  row: HandoffRow,
  { result, status, detail }: AttemptOutcome,
  more: Readonly<Record<string, unknown>> = {},
): EntryDraft {
  const attempt = { handoff_seq: row.seq, handoff: row.handoff, attempt: row.attempts };
  return { kind, actor: 'signalbox', data: { ...attempt, result, status, detail, ...more } };
}
