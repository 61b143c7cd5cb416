import type { RouteResult } from '../../decision.ts';
import type { FailureMode } from '../../exceptions/exception.ts';
import type { Expression } from '../expression.ts';
import type { CompiledRule, CompiledWorkflow } from '../workflow.ts';
import { type Life, ticketDecision } from './life.ts';

/** What the cases of one workflow have shown of it. */
export interface Coverage {
  readonly workflow: string;
  readonly points: readonly Point[];
  readonly covered: number;
}

/** One thing that a case can show. */
export interface Point {
  readonly kind: 'rung' | 'check' | 'route' | 'signal' | 'handoff' | 'failure mode';
  /** For a person: "budget-in-range fails". */
  readonly text: string;
  readonly covered: boolean;
}

/** A workflow that is watched while it decides. */
export interface Watched {
  /** Decides as the workflow does, and notes what its expressions said. */
  readonly workflow: CompiledWorkflow;
  /** Notes what became of a case, right after it was decided and played. */
  note(life: Life): void;
  coverage(): Coverage;
}

/** Watches a workflow: its expressions are not evaluated again, what they say in `decide` is noted. */
export function watchWorkflow(workflow: CompiledWorkflow): Watched {
  const shown = new Set<string>();
  /** Of the case at hand. */
  const matched = new Set<CompiledRule>();
  const noted = (expression: Expression, note: (held: boolean) => void): Expression => ({
    source: expression.source,
    evaluate(scope) {
      // One that cannot be evaluated does not hold.
      let value: unknown;
      try {
        value = expression.evaluate(scope);
        return value;
      } finally {
        note(value === true);
      }
    },
  });
  const counted = (expression: Expression, yes: string, no: string) =>
    noted(expression, (held) => shown.add(held ? yes : no));
  const rules = workflow.routes.rules.map((rule, index): CompiledRule => {
    const signals = rule.signals.map(({ that, weight }, signal) => ({
      weight,
      that: counted(that, `signal ${index}.${signal} true`, `signal ${index}.${signal} false`),
    }));
    const { to, when } = rule;
    return { to, signals, when: when && noted(when, (held) => held && matched.add(rule)) };
  });
  const note = (life: Life) => {
    for (const name of shownBy(life, workflow, matched)) shown.add(name);
    matched.clear();
  };
  return {
    workflow: {
      ...workflow,
      checks: workflow.checks.map((check) => ({
        ...check,
        that: counted(check.that, `check ${check.id} holds`, `check ${check.id} fails`),
      })),
      routes: { ...workflow.routes, rules },
    },
    note,
    coverage() {
      const points = pointsOf(workflow).map(({ name, kind, text }) => ({
        kind,
        text,
        covered: shown.has(name),
      }));
      return { workflow: workflow.name, points, covered: points.filter(({ covered }) => covered).length };
    },
  };
}

/** The names of what one life has shown. */
function shownBy(
  { of, decision, reasons, handoffs, exceptions }: Life,
  workflow: CompiledWorkflow,
  matched: ReadonlySet<CompiledRule>,
): string[] {
  const decided = ticketDecision(decision);
  const routed = decided?.kind === 'routed' ? decided : null;
  const promised = new Set(handoffs.map(({ draft }) => draft.handoff));
  return [
    ...reasons.map(({ rung }) => `rung ${rung}`),
    ...(handoffs.some(({ approval }) => approval !== null) ? ['rung approval'] : []),
    ...(handoffs.some(({ probes }) => probes > 0) ? ['rung outcome'] : []),
    ...exceptions.map(({ draft }) => `mode ${draft.mode}`),
    ...(routed === null || of.rerouteTo !== null
      ? []
      : [`route ${chosen(routed.route, workflow.routes.rules, matched)}`]),
    ...handoffs.flatMap(({ draft: { handoff }, approval, outcome }) => [
      `handoff ${handoff} promised`,
      approval === null ? `handoff ${handoff} not asked` : `handoff ${handoff} asked`,
      `handoff ${handoff} ${outcome}`,
    ]),
    ...(routed === null ? [] : workflow.handoffs).flatMap(({ id }) =>
      promised.has(id) ? [] : [`handoff ${id} left out`],
    ),
  ];
}

/** The rule that a route comes from, by its place; routing keeps the first of the best for one destination. */
function chosen(
  { to, candidates }: RouteResult,
  rules: readonly CompiledRule[],
  matched: ReadonlySet<CompiledRule>,
): string {
  const best = candidates.find((candidate) => candidate.to === to);
  if (best === undefined) return 'otherwise';
  const index = rules.findIndex(
    (rule) =>
      rule.to === to &&
      (rule.when === null || matched.has(rule)) &&
      rule.signals.length === best.signals.length &&
      rule.signals.every(({ that }, place) => that.source === best.signals[place]?.that),
  );
  return String(index);
}

interface Named extends Omit<Point, 'covered'> {
  readonly name: string;
}

/** Everything that cases can show of a workflow. */
function pointsOf(workflow: CompiledWorkflow): Named[] {
  const { checks, routes, handoffs } = workflow;
  const point = (kind: Point['kind'], name: string, text: string): Named => ({ kind, name, text });
  return [
    ...rungsOf(workflow).map((rung) => point('rung', `rung ${rung}`, rung)),
    ...checks.flatMap(({ id }) => [
      point('check', `check ${id} holds`, `${id} holds`),
      point('check', `check ${id} fails`, `${id} fails`),
    ]),
    ...routes.rules.flatMap((rule, index) => [
      point('route', `route ${index}`, `rule ${index + 1}, to ${rule.to}, is chosen`),
      ...rule.signals.flatMap(({ that }, signal) => [
        point('signal', `signal ${index}.${signal} true`, `${that.source} is true (${rule.to})`),
        point('signal', `signal ${index}.${signal} false`, `${that.source} is false (${rule.to})`),
      ]),
    ]),
    ...(routes.otherwise === 'triage'
      ? []
      : [point('route', 'route otherwise', `otherwise, to ${routes.otherwise}`)]),
    ...handoffs.flatMap(({ id, when, approval }) => [
      point('handoff', `handoff ${id} promised`, `${id} is promised`),
      ...(when === null ? [] : [point('handoff', `handoff ${id} left out`, `${id} is left out`)]),
      ...(approval === null ? [] : [point('handoff', `handoff ${id} asked`, `${id} asks for approval`)]),
      ...(approval?.when ? [point('handoff', `handoff ${id} not asked`, `${id} asks for none`)] : []),
      point('handoff', `handoff ${id} confirmed`, `${id} is confirmed`),
    ]),
    ...modesOf(workflow).map((mode) => point('failure mode', `mode ${mode}`, mode)),
  ];
}

function rungsOf({ checks, handoffs }: CompiledWorkflow): string[] {
  const approvals = handoffs.some(({ approval }) => approval !== null);
  return [
    'contract',
    'dedupe',
    'transform',
    ...(checks.length > 0 ? ['checks'] : []),
    'routing',
    ...(approvals ? ['approval'] : []),
    ...(handoffs.length > 0 ? ['handoff', 'outcome'] : []),
  ];
}

/** The failure modes that a case can lead to, without those that a sound workflow never shows. */
function modesOf({ trigger, checks, routes, handoffs }: CompiledWorkflow): FailureMode[] {
  const matchesAll = routes.rules.some(({ when }) => when === null);
  const unsure = routes.rules.some(({ signals }) => signals.length > 0);
  const approvals = handoffs.some(({ approval }) => approval !== null);
  const destinations = new Set(routes.rules.map(({ to }) => to));
  return [
    'unparseable',
    ...(trigger.onInvalid === 'exception' ? (['contract_violation'] as const) : []),
    'conflicting_duplicate',
    ...(checks.length > 0 ? (['check_failed'] as const) : []),
    ...(routes.otherwise === 'triage' && !matchesAll ? (['no_route'] as const) : []),
    ...(unsure ? (['low_confidence'] as const) : []),
    ...(destinations.size > 1 && routes.threshold > 0.5 ? (['ambiguous'] as const) : []),
    ...(approvals ? (['refused', 'approval_overdue'] as const) : []),
    ...(handoffs.length > 0
      ? (['rejected', 'attempts_exhausted', 'unconfirmed', 'contradicted'] as const)
      : []),
  ];
}
