import type { Ref } from '../workflow/workflow.ts';

/** Why something stands in the exception queue. One closed list for workflow files, rows, metrics and screens. */
export const failureModes = [
  'unparseable',
  'contract_violation',
  'conflicting_duplicate',
  'transform_failed',
  'check_failed',
  'no_route',
  'low_confidence',
  'ambiguous',
  'refused',
  'approval_overdue',
  'rejected',
  'attempts_exhausted',
  'destination_contract_violation',
  'unconfirmed',
  'contradicted',
  'silent_drop',
  'source_silent',
  'routing_thrash',
  'ownership_lapse',
  'sync_stale',
  'contract_drift',
  'stuck',
  'retry_storm',
  'error_rate',
  'unaccounted',
  'worker_silent',
] as const;

export type FailureMode = (typeof failureModes)[number];

/** The failure modes whose exceptions are the triage queue: routing is not sure. */
export const triageModes: ReadonlySet<FailureMode> = new Set(['no_route', 'low_confidence', 'ambiguous']);

/** The failure modes that detection alone opens: a ticket can have one of each beside what stopped it. The database says so too. */
export const detectedModes: ReadonlySet<FailureMode> = new Set([
  'silent_drop',
  'source_silent',
  'routing_thrash',
  'ownership_lapse',
  'sync_stale',
  'contract_drift',
  'stuck',
  'retry_storm',
  'error_rate',
  'unaccounted',
  'worker_silent',
]);

/** The `exceptions:` part of a workflow, with every default filled in. */
export interface ExceptionPolicy {
  readonly owner: Ref;
  readonly alternate: Ref;
  /** Someone has claimed it by then, or it escalates. */
  readonly ttlMs: number;
  /** The resolution SLA. */
  readonly resolveWithinMs: number;
  /** How long a claim holds without any work on it. */
  readonly claimLeaseMs: number;
  /** After owner and alternate, in this order. */
  readonly escalate: readonly Ref[];
  readonly rootCauses: readonly string[];
  /** What differs by failure mode. */
  readonly on: Readonly<Partial<Record<FailureMode, ExceptionOverride>>>;
}

export interface ExceptionOverride {
  readonly owner?: Ref;
  readonly alternate?: Ref;
  readonly ttlMs?: number;
  readonly resolveWithinMs?: number;
  readonly checklist?: readonly string[];
}

/** An exception about to be opened: the policy frozen, the deadline rules with it. */
export interface ExceptionDraft {
  readonly mode: FailureMode;
  /** One sentence for the person who takes it. */
  readonly summary: string;
  /** Particulars: violations, the failed check, compared fields, the first ticket of a duplicate. JSON. */
  readonly detail: Readonly<Record<string, unknown>>;
  readonly policy: FrozenPolicy;
  readonly checklist: readonly string[];
  /** The handoff (its sequence on the ticket) that failed, where one did. */
  readonly handoffSeq: number | null;
}

/** What `ExceptionPolicy` says for one failure mode; stored in the row and never read from the file again. */
export interface FrozenPolicy {
  readonly owner: Ref;
  readonly alternate: Ref;
  readonly ttlMs: number;
  readonly resolveWithinMs: number;
  readonly claimLeaseMs: number;
  readonly escalate: readonly Ref[];
  readonly rootCauses: readonly string[];
}

/** One point of an exception's checklist, as its row holds it. */
export interface ChecklistPoint {
  readonly text: string;
  readonly state: 'open' | 'ticked' | 'waived';
  readonly by: string | null;
  /** ISO 8601. */
  readonly at: string | null;
  /** Why it was waived. */
  readonly reason: string | null;
}

export type Resolution = 'replay' | 'reroute' | 'retry' | 'confirm' | 'discard' | 'superseded' | 'over';

/** An exception as its decider sees it: what `next` needs of the row. */
export interface ExceptionState {
  readonly seq: number;
  readonly mode: FailureMode;
  readonly handoffSeq: number | null;
  readonly state: 'open' | 'claimed' | 'resolved';
  readonly policy: FrozenPolicy;
  /** Whom it is on now: rung `level` of owner, alternate, then the escalation. */
  readonly responsible: Ref;
  readonly level: number;
  readonly resolveBy: Date;
  /** Open: the end of its TTL. Claimed: the end of the claim's lease. Null: resolved. */
  readonly lapsesAt: Date | null;
  /** The earlier of lapsesAt and, until it is missed, resolveBy. Null: resolved. */
  readonly dueAt: Date | null;
  readonly slaMissedAt: Date | null;
  readonly claimedBy: string | null;
  readonly claimedAt: Date | null;
  readonly checklist: readonly ChecklistPoint[];
  readonly rootCause: string | null;
  readonly resolution: Resolution | null;
  readonly resolutionNote: string | null;
  readonly resolvedAt: Date | null;
  readonly resolvedBy: string | null;
}

/** What a transition sets. */
export type ExceptionChanges = Partial<
  Omit<ExceptionState, 'seq' | 'mode' | 'handoffSeq' | 'policy' | 'resolveBy'>
>;
