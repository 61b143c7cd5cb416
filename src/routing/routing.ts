import { holds } from '../checks/checks.ts';
import type { Reason, RouteCandidate, RouteResult } from '../decision.ts';
import type { FailureMode } from '../exceptions/exception.ts';
import type { Scope } from '../workflow/expression.ts';
import type { CompiledRoutes, CompiledRule, Ref } from '../workflow/workflow.ts';

export type Routing =
  | { readonly kind: 'routed'; readonly route: RouteResult; readonly reason: Reason }
  | {
      readonly kind: 'triage';
      readonly mode: FailureMode;
      /** The best there was; null where no rule matched. */
      readonly route: RouteResult | null;
      readonly reason: Reason;
    };

/**
 * Names a destination queue with a confidence.
 * A rule whose `when` holds scores its matched weight over all its weight (1 without signals); confidence is the
 * best score less half the second best. Two rules to the same destination are one candidate: the better counts. Pure.
 */
export function route(routes: CompiledRoutes, scope: Scope, rerouteTo: Ref | null): Routing {
  if (rerouteTo !== null) {
    return settled(rerouteTo, 'rerouted', `Sent to ${rerouteTo} by a person`);
  }
  const candidates = rank(routes.rules.flatMap((rule) => scored(rule, scope)));
  const [best, second] = candidates;
  if (best === undefined) {
    return routes.otherwise === 'triage'
      ? { kind: 'triage', mode: 'no_route', route: null, reason: reason('no_route', 'No rule matched') }
      : settled(routes.otherwise, 'otherwise', `No rule matched: goes to ${routes.otherwise}`);
  }
  const confidence = round(best.score - (second?.score ?? 0) / 2);
  const result: RouteResult = { to: best.to, confidence, candidates };
  const arithmetic = explain(best, second, confidence);
  if (confidence >= routes.threshold) {
    return { kind: 'routed', route: result, reason: reason('routed', `${best.to}: ${arithmetic}`) };
  }
  const mode = best.score >= routes.threshold ? 'ambiguous' : 'low_confidence';
  const text = `${best.to} at best: ${arithmetic}, below the threshold ${routes.threshold}`;
  return { kind: 'triage', mode, route: result, reason: reason(mode, text) };
}

function settled(to: Ref, code: string, text: string): Routing {
  return { kind: 'routed', route: { to, confidence: 1, candidates: [] }, reason: reason(code, text) };
}

function reason(code: string, text: string): Reason {
  return { rung: 'routing', code, text };
}

function scored(rule: CompiledRule, scope: Scope): RouteCandidate[] {
  if (rule.when !== null && !holds(rule.when, scope)) return [];
  const signals = rule.signals.map(({ that, weight }) => ({
    that: that.source,
    weight,
    held: holds(that, scope),
  }));
  const totalWeight = signals.reduce((sum, signal) => sum + signal.weight, 0);
  const matchedWeight = signals.reduce((sum, signal) => sum + (signal.held ? signal.weight : 0), 0);
  const score = totalWeight === 0 ? 1 : matchedWeight / totalWeight;
  return [{ to: rule.to, score, matchedWeight, totalWeight, signals }];
}

/** Best first, one a destination; a tie keeps the order of the file. */
function rank(candidates: readonly RouteCandidate[]): RouteCandidate[] {
  const best = new Map<Ref, RouteCandidate>();
  for (const candidate of candidates) {
    const held = best.get(candidate.to);
    if (held === undefined || candidate.score > held.score) best.set(candidate.to, candidate);
  }
  return [...best.values()].sort((a, b) => b.score - a.score);
}

/** Six decimals: enough to tell routes apart, and the same number in every log. */
function round(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

function explain(best: RouteCandidate, second: RouteCandidate | undefined, confidence: number): string {
  const share = (candidate: RouteCandidate) =>
    candidate.totalWeight === 0 ? '1' : `${candidate.matchedWeight} of ${candidate.totalWeight}`;
  const less = second === undefined ? '' : ` less half of ${share(second)} for ${second.to}`;
  return `confidence ${confidence} (${share(best)}${less})`;
}
