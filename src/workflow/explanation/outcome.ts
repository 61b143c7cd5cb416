import type { Decision, RouteResult } from '../../decision.ts';
import { stateAfter } from '../../ticket/place.ts';

/** What a decision comes to, in short. */
export interface Outcome {
  readonly kind: Decision['kind'];
  /** Of the ticket; null where it joins another. */
  readonly state: string | null;
  readonly route: string | null;
  readonly confidence: number | null;
  readonly exception: { readonly mode: string; readonly because: string } | null;
  readonly handoffs: readonly string[];
  readonly approvals: readonly string[];
}

/** A decision in short. Pure. */
export function outcomeOf(decision: Decision): Outcome {
  if (decision.kind === 'revised') return { ...outcomeOf(decision.becomes), kind: 'revised' };
  const route = routeOf(decision);
  const exception = decision.kind === 'stopped' ? decision.exception : null;
  const handoffs = decision.kind === 'routed' ? decision.handoffs : [];
  return {
    kind: decision.kind,
    state: decision.kind === 'joined' ? null : stateAfter(decision),
    route: route?.to ?? null,
    confidence: route?.confidence ?? null,
    exception: exception && { mode: exception.mode, because: decision.reasons.at(-1)?.text ?? '' },
    handoffs: handoffs.map(({ handoff }) => handoff),
    approvals: handoffs.flatMap(({ approval }) => approval?.by ?? []),
  };
}

/** The route of a decision that has one. */
export function routeOf(decision: Decision): RouteResult | null {
  if (decision.kind === 'revised') return routeOf(decision.becomes);
  return decision.kind === 'routed' || decision.kind === 'stopped' ? decision.route : null;
}
