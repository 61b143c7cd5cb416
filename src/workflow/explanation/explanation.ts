import { decide } from '../../decide.ts';
import type { Decision, Facts, Reason, RouteResult, Trigger } from '../../decision.ts';
import { payloadOf } from '../../intake/split.ts';
import { transform } from '../../transform/transform.ts';
import type { Expression, Scope } from '../expression.ts';
import type { CompiledRule, CompiledWorkflow } from '../workflow.ts';
import { type Outcome, outcomeOf, routeOf } from './outcome.ts';
import { secretsOf } from './secrecy.ts';
import { type Trace, traced } from './trace.ts';
import { type Counterfactual, counterfactuals } from './trials.ts';

/** Why a payload goes where it goes: each rung with what it saw, and what would change the answer. */
export interface Explanation {
  readonly workflow: string;
  readonly version: string;
  readonly decision: Outcome;
  readonly reasons: readonly Pick<Reason, 'rung' | 'code' | 'text'>[];
  /** The ticket's fields; empty where the payload could not be read. */
  readonly fields: readonly { readonly name: string; readonly made: Trace }[];
  readonly checks: readonly ExplainedCheck[];
  /** Null: routing was not reached. */
  readonly routing: ExplainedRouting | null;
  /** All of the file, where they were reached. */
  readonly handoffs: readonly ExplainedHandoff[];
  /** What would change the answer: first what would settle an exception, then the smallest change first. */
  readonly changes: readonly Counterfactual[];
  /** How many single changes were tried for that. */
  readonly tried: number;
}

export interface ExplainedCheck {
  readonly id: string;
  readonly held: boolean;
  readonly otherwise: string;
  readonly that: Trace;
}

export interface ExplainedHandoff {
  readonly id: string;
  readonly when: Trace | null;
  readonly made: boolean;
  readonly approval: { readonly by: string; readonly when: Trace | null; readonly asked: boolean } | null;
  /** How it is taken back, and when. */
  readonly undo: { readonly when: string; readonly operation: string } | null;
}

export interface ExplainedRouting {
  /** Its verdict, one sentence. */
  readonly verdict: string;
  readonly threshold: number;
  readonly otherwise: string;
  readonly rules: readonly ExplainedRule[];
  /** Null: no rule matched, or a person has said where it goes. */
  readonly confidence: ExplainedConfidence | null;
}

export interface ExplainedRule {
  readonly to: string;
  readonly held: boolean;
  readonly when: Trace | null;
  readonly signals: readonly { readonly weight: number; readonly held: boolean; readonly that: Trace }[];
}

/** The arithmetic, so that it can be read aloud. */
export interface ExplainedConfidence {
  readonly best: ExplainedScore;
  /** Null: nothing else matched. */
  readonly runner_up: ExplainedScore | null;
  readonly confidence: number;
  readonly threshold: number;
  readonly enough: boolean;
}

export interface ExplainedScore {
  readonly to: string;
  readonly score: number;
  readonly matched: number;
  readonly all: number;
}

/** Explains the decision on one trigger. Bounded by limits.explanationTriesMax decisions. Pure. */
export function explained(
  workflow: CompiledWorkflow,
  trigger: Trigger,
  facts: Facts,
  now: Date,
): Explanation {
  const decision = decide(workflow, trigger, facts, now);
  const outcome = outcomeOf(decision);
  const parsed = payloadOf(workflow.trigger, trigger);
  const payload = parsed.ok ? parsed.value : undefined;
  const isSecret = secretsOf(workflow, payload);
  const scope: Scope = { payload, headers: trigger.headers };
  const reached = (rung: Reason['rung']) => decision.reasons.some((reason) => reason.rung === rung);
  const ticket = reached('transform') ? transform(workflow, scope).fields : {};
  const tracing = (seen: Scope) => (expression: Expression) => traced(expression.source, seen, isSecret);
  const ofTicket = tracing({ ...scope, ticket });
  const ofHandoff = tracing({ ...scope, ticket, route: routeOf(decision)?.to ?? '' });
  const trial = { trigger, facts, now, payload, outcome, isSecret };
  return {
    workflow: workflow.name,
    version: workflow.version,
    decision: outcome,
    reasons: decision.reasons.map(({ rung, code, text }) => ({ rung, code, text })),
    fields: reached('transform') ? fieldsOf(workflow, tracing(scope)) : [],
    checks: reached('checks') ? checksOf(workflow, ofTicket) : [],
    routing: routingOf(workflow, decision, ofTicket),
    handoffs: reached('handoff') ? handoffsOf(workflow, ofHandoff) : [],
    ...(parsed.ok ? counterfactuals(workflow, trial) : { changes: [], tried: 0 }),
  };
}

type Tracing = (expression: Expression) => Trace;

function fieldsOf({ fields }: CompiledWorkflow, trace: Tracing): Explanation['fields'] {
  return fields.map(({ name, value }) => ({ name, made: trace(value) }));
}

function checksOf({ checks }: CompiledWorkflow, trace: Tracing): ExplainedCheck[] {
  return checks.map(({ id, that: expression, otherwise }) => {
    const that = trace(expression);
    return { id, held: that.held === true, otherwise, that };
  });
}

function handoffsOf({ handoffs }: CompiledWorkflow, trace: Tracing): ExplainedHandoff[] {
  return handoffs.map(({ id, when, approval, undo }) => {
    const made = conditionIn(when, trace);
    const asked = approval && conditionIn(approval.when, trace);
    return {
      id,
      when: made.when,
      made: made.held,
      approval: approval && asked && { by: approval.by, when: asked.when, asked: asked.held },
      undo: undo === undefined ? null : { when: undo.when, operation: undo.request.operation },
    };
  });
}

/** No condition always holds. */
function conditionIn(condition: Expression | null, trace: Tracing): { when: Trace | null; held: boolean } {
  if (condition === null) return { when: null, held: true };
  const when = trace(condition);
  return { when, held: when.held === true };
}

function routingOf(
  { routes }: CompiledWorkflow,
  decision: Decision,
  trace: Tracing,
): ExplainedRouting | null {
  const reason = decision.reasons.find(({ rung }) => rung === 'routing');
  if (reason === undefined) return null;
  const { threshold, otherwise, rules } = routes;
  return {
    verdict: reason.text,
    threshold,
    otherwise,
    rules: rules.map((rule) => ruleOf(rule, trace)),
    confidence: confidenceOf(routeOf(decision), threshold),
  };
}

function ruleOf({ to, when, signals }: CompiledRule, trace: Tracing): ExplainedRule {
  return {
    to,
    ...conditionIn(when, trace),
    signals: signals.map(({ that: expression, weight }) => {
      const that = trace(expression);
      return { weight, held: that.held === true, that };
    }),
  };
}

function confidenceOf(route: RouteResult | null, threshold: number): ExplainedConfidence | null {
  const [best, second] = (route?.candidates ?? []).map(({ to, score, matchedWeight, totalWeight }) => ({
    to,
    score,
    matched: matchedWeight,
    all: totalWeight,
  }));
  if (route === null || best === undefined) return null;
  const { confidence } = route;
  return { best, runner_up: second ?? null, confidence, threshold, enough: confidence >= threshold };
}
