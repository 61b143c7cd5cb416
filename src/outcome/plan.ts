import type { PlannedOperation } from '../handoff/handoff.ts';
import type { Ref } from '../workflow/workflow.ts';
import type { SameField } from './same.ts';

/** How a handoff is proved, frozen into its row. Expressions are texts: they are compiled again when they are needed. */
export type OutcomePlan = ReadPlan | CallbackPlan | ConfirmPlan;

/** What a record, or a callback, must say. */
interface Proof {
  readonly that: string | null;
  /** What an older row does not have, nobody asked for. */
  readonly until?: string | null;
  readonly failWhen?: string | null;
  /** That the destination has no such record any more is the proof. */
  readonly gone?: true;
  /** A name alone is compared exactly. */
  readonly same: readonly (string | SameField)[];
  /** From the acceptance. */
  readonly withinMs: number;
}

/** The record is read back. */
export interface ReadPlan extends Proof, PlannedOperation {
  readonly kind?: 'read';
}

/** The target calls back. */
export interface CallbackPlan extends Proof {
  readonly kind: 'callback';
  /** The source whose proof callbacks carry; null: they come by the link that stands in the request. */
  readonly from: string | null;
  /** What in a callback names the handoff, and what it must be; null: the handoff's own key. Only with `from`. */
  readonly match: string | null;
  readonly key: string | null;
  /** What stands in the request where its link and its key belong (`link.ts`). */
  readonly mark: string;
}

/** A person looks, and says so. */
export interface ConfirmPlan {
  readonly kind: 'confirm';
  readonly by: Ref;
  readonly checklist: readonly string[];
  /** So long before the deadline they are reminded. */
  readonly remindMs: number;
  readonly that: null;
  readonly same: readonly [];
  readonly withinMs: number;
}
