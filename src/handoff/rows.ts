import type { EntryDraft } from '../audit/chain.ts';
import type { HandoffState } from '../db/schema.ts';
import { limits } from '../limits.ts';
import { plusMs } from '../platform/instant.ts';
import type { ApprovalPlan, HandoffDraft } from './handoff.ts';

/** A handoff's row as it is written first. `plan` is JSON text. */
export type NewHandoffRow = {
  readonly ticket_id: string;
  readonly seq: number;
  readonly handoff: string;
  readonly destination: string;
  readonly plan: string;
  readonly idempotency_key: string;
  readonly state: HandoffState;
  readonly attempts: number;
  readonly give_up_at: Date;
  readonly due_at: Date | null;
  readonly probes: number;
  readonly confirm_by: Date | null;
  readonly created_at: Date;
  readonly settled_at: Date | null;
  readonly excused: number;
};

/**
 * The row of a promised handoff. Pure.
 * Its idempotency key names ticket, handoff and revision: every retry carries the same one, a replay by a person its own.
 * `behindUndo`: what an earlier decision did is still being taken back; it waits for that.
 */
export function handoffRow(
  ticketId: string,
  seq: number,
  revision: number,
  draft: HandoffDraft,
  now: Date,
  behindUndo = false,
): NewHandoffRow {
  const first = firstState(draft);
  const state = behindUndo && first === 'ready' ? 'waiting' : first;
  return {
    ticket_id: ticketId,
    seq,
    handoff: draft.handoff,
    destination: draft.destination,
    plan: planText(draft),
    idempotency_key: idempotencyKey(ticketId, draft.handoff, revision),
    state,
    attempts: 0,
    give_up_at: plusMs(now, draft.retry.forMs),
    due_at: firstDue(state, draft, now),
    probes: 0,
    confirm_by: null,
    created_at: now,
    settled_at: null,
    excused: 0,
  };
}

/** A plan as JSON. Most of it is the workflow's own, the same object from draft to draft, and is written once. */
function planText(draft: HandoffDraft): string {
  let members = '';
  for (const name in draft) {
    const value = draft[name as keyof HandoffDraft];
    if (value === undefined) continue;
    const text = ownMembers.has(name) ? writtenOnce(value) : JSON.stringify(value);
    members += `${members === '' ? '' : ','}"${name}":${text}`;
  }
  return `{${members}}`;
}

const ownMembers: ReadonlySet<string> = new Set([
  'retry',
  'outcome',
  'exceptions',
] satisfies (keyof HandoffDraft)[]);

function writtenOnce(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const known = written.get(value);
  if (known !== undefined) return known;
  const text = JSON.stringify(value);
  written.set(value, text);
  return text;
}

const written = new WeakMap<object, string>();

/** The key that goes to the destination with every attempt. */
function idempotencyKey(ticketId: string, handoff: string, revision: number): string {
  return `sb_${ticketId}_${handoff}_r${revision}`;
}

/** The revision that a key was made for. */
export function revisionOf(key: string): number {
  return Number(key.slice(key.lastIndexOf('_r') + 2));
}

/** A person's yes comes first, then the handoffs that it waits for, then the work itself. Pure. */
export function firstState({ approval, after }: HandoffDraft): 'awaiting_approval' | 'waiting' | 'ready' {
  if (approval !== null) return 'awaiting_approval';
  return after.length > 0 ? 'waiting' : 'ready';
}

/** When a new handoff in its first state is looked at. Pure. */
export function firstDue(state: HandoffState, { approval }: HandoffDraft, now: Date): Date {
  if (state === 'awaiting_approval') return plusMs(now, firstLookMs(approval));
  return state === 'waiting' ? plusMs(now, limits.waitingRecheckMs) : now;
}

/** Whoever is asked for a yes is first reminded. */
function firstLookMs(approval: ApprovalPlan | null): number {
  return approval === null ? 0 : approval.withinMs - (approval.remindMs ?? 0);
}

/** Announces a promise. The body stays out: an entry outlives a payload that was erased. */
export function handoffPromisedEntry(
  row: NewHandoffRow,
  actor = 'signalbox',
  more: Readonly<Record<string, unknown>> = {},
): EntryDraft {
  return {
    kind: 'handoff_promised',
    actor,
    data: {
      destination: row.destination,
      give_up_at: row.give_up_at.toISOString(),
      handoff: row.handoff,
      handoff_seq: row.seq,
      idempotency_key: row.idempotency_key,
      state: row.state,
      ...more,
    },
  };
}
