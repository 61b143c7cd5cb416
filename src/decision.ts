import type { Violation } from './contract/contract.ts';
import type { ExceptionDraft } from './exceptions/exception.ts';
import type { HandoffDraft } from './handoff/handoff.ts';
import type { Ref } from './workflow/workflow.ts';

/** One inbound payload as it came in. Headers are lower-case, without credentials and signatures. */
export interface Trigger {
  readonly source: string;
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Who handed it in, where that was not its source: `local`, `person:dana`. */
  readonly by?: string;
  /** Where it stood in the delivery that it was split from, from 0; absent: it came alone, and is its delivery. */
  readonly part?: number;
}

/** What several triggers were split from. */
export interface Delivery {
  readonly id: string;
  /** As it was sent. */
  readonly whole: Trigger;
}

/** What the shell looked up before deciding. */
export interface Facts {
  /** The ticket that holds this trigger's identity now, if any. */
  readonly holder: Holder | null;
  /** Set by a person who re-routes: routing is skipped and goes there with confidence 1. */
  readonly rerouteTo: Ref | null;
}

/** The ticket that came first, and what is remembered of it. */
export interface Holder {
  readonly ticketId: string;
  /** Of its content; null: it is not to be compared, for a person decides and not a sender. */
  readonly digest: string | null;
  /** Of its newest content, where the workflow goes by versions. */
  readonly version: Version | null;
  /** Why its content can no longer be replaced, as half a sentence: "it is done"; null: it can. */
  readonly fixed: string | null;
}

/** What tells newer content from older: a number, an RFC 3339 time, or a text. `dedupe/version.ts` compares them. */
export type Version = string | number;

/** Why a rung said what it said: the audit text, the API's "why", the metric label. */
export interface Reason {
  readonly rung:
    | 'intake'
    | 'contract'
    | 'dedupe'
    | 'transform'
    | 'checks'
    | 'routing'
    | 'approval'
    | 'handoff';
  /** Stable label: `contract_satisfied`, `check_failed`. */
  readonly code: string;
  /** One sentence for a person. */
  readonly text: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** The key that later triggers of the same thing are recognised by. */
export interface IdentityClaim {
  readonly identity: string;
  /** SHA-256 (hex) of the content: equal content is joined, other content is a conflict. */
  readonly digest: string;
  /** Null where the workflow does not go by versions, or this one cannot be read. */
  readonly version: Version | null;
  /** Until when; a later trigger with the same identity is a new ticket. */
  readonly until: Date;
}

/** How sure routing is, with its arithmetic. */
export interface RouteResult {
  readonly to: Ref;
  /** 0 to 1: best score less half the second best. */
  readonly confidence: number;
  readonly candidates: readonly RouteCandidate[];
}

export interface RouteCandidate {
  readonly to: Ref;
  readonly score: number;
  readonly matchedWeight: number;
  readonly totalWeight: number;
  readonly signals: readonly { readonly that: string; readonly weight: number; readonly held: boolean }[];
}

interface Decided {
  readonly reasons: readonly Reason[];
  readonly identity: IdentityClaim;
}

/** The same thing again: it joins the first ticket, and changes nothing. */
export interface Joined extends Decided {
  readonly kind: 'joined';
  readonly ticketId: string;
  /** Its content is another, but not newer than what the ticket has; null: it is the same. */
  readonly outdated: { readonly held: Version; readonly came: Version } | null;
}

/** The same thing with other content, in time: the first ticket is decided again on it. */
export interface Revised extends Decided {
  readonly kind: 'revised';
  readonly ticketId: string;
  readonly becomes: Stopped | Routed;
}

/** `on_invalid: reject`: recorded, answered 422, nothing more. */
export interface Rejected extends Decided {
  readonly kind: 'rejected';
  readonly violations: readonly Violation[];
}

/** It stands in the exception queue, or in triage where routing is not sure. */
export interface Stopped extends Decided {
  readonly kind: 'stopped';
  /** The ticket's fields as far as they were made. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly route: RouteResult | null;
  readonly exception: ExceptionDraft;
}

/** Routed: its handoffs are promised; without any it is done. */
export interface Routed extends Decided {
  readonly kind: 'routed';
  readonly fields: Readonly<Record<string, unknown>>;
  readonly route: RouteResult;
  readonly handoffs: readonly HandoffDraft[];
}

/** What a ticket can be decided to. */
export type TicketDecision = Rejected | Stopped | Routed;

export type Decision = Joined | Revised | TicketDecision;
