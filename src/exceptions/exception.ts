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
] as const;

export type FailureMode = (typeof failureModes)[number];

/** The failure modes whose exceptions are the triage queue: routing is not sure. */
export const triageModes: ReadonlySet<FailureMode> = new Set(['no_route', 'low_confidence', 'ambiguous']);

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
