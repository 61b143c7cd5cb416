import type { Violation } from '../contract/contract.ts';
import type { TicketState } from '../db/schema.ts';
import type { Decision, Routed, Stopped } from '../decision.ts';
import type { FailureMode } from '../exceptions/exception.ts';
import { stateAfter } from '../ticket/place.ts';
import type { Ref } from '../workflow/workflow.ts';

/** What became of a trigger that was handed in. */
export type Submitted =
  | Committed
  /** Nothing was taken. */
  | { readonly kind: 'busy'; readonly retryAfterSeconds: number };

/** `repeated`: the same request was made before, and this is what became of it then. */
export type Committed = { readonly repeated?: true } & (
  | {
      readonly kind: 'accepted';
      readonly ticketId: string;
      readonly state: TicketState;
      readonly decision: DecisionSummary;
    }
  /** The same thing again; `ticketId` is the first ticket. */
  | { readonly kind: 'joined'; readonly ticketId: string }
  | { readonly kind: 'rejected'; readonly ticketId: string; readonly violations: readonly Violation[] }
);

/** What became of a delivery: of the one trigger that it is, or of each that it was split into. */
export type Received =
  | { readonly split: false; readonly submitted: Submitted }
  | { readonly split: true; readonly submitted: readonly Submitted[] };

/** A decision as its sender is told it. */
interface DecisionSummary {
  /** `revised`: the first ticket, which `ticketId` names, was decided again on this content. */
  readonly kind: 'routed' | 'stopped' | 'revised';
  readonly route: Ref | null;
  /** 0 to 1; null where routing was not reached. */
  readonly confidence: number | null;
  readonly exception: { readonly mode: FailureMode; readonly summary: string } | null;
  /** One sentence a rung. */
  readonly reasons: readonly string[];
}

/** What the sender is told of a committed decision. */
export function submitted({ ticketId, decision }: { ticketId: string; decision: Decision }): Committed {
  switch (decision.kind) {
    case 'joined':
      return { kind: 'joined', ticketId };
    case 'rejected':
      return { kind: 'rejected', ticketId, violations: decision.violations };
    case 'revised': {
      const { becomes } = decision;
      const summary = { ...summaryOf(becomes), kind: 'revised' } as const;
      return { kind: 'accepted', ticketId, state: stateAfter(becomes), decision: summary };
    }
    case 'stopped':
    case 'routed':
      return { kind: 'accepted', ticketId, state: stateAfter(decision), decision: summaryOf(decision) };
  }
}

function summaryOf(decision: Stopped | Routed): DecisionSummary {
  const { kind, route, reasons } = decision;
  return {
    kind,
    route: route?.to ?? null,
    confidence: route?.confidence ?? null,
    exception:
      kind === 'stopped' ? { mode: decision.exception.mode, summary: decision.exception.summary } : null,
    reasons: reasons.map(({ text }) => text),
  };
}
