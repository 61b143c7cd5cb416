import type { Violation } from '../contract/contract.ts';
import { type Expression, ExpressionError, type Scope } from '../workflow/expression.ts';
import type { CompiledHandoff, CompiledOutcome, CompiledWorkflow } from '../workflow/workflow.ts';
import { evaluateRequest, planned } from './evaluate.ts';
import type { HandoffDraft, OutcomePlan } from './handoff.ts';

export type Drafted =
  | { readonly ok: true; readonly handoffs: readonly HandoffDraft[] }
  | {
      readonly ok: false;
      readonly mode: 'destination_contract_violation' | 'transform_failed';
      /** One sentence for the person who takes the exception. */
      readonly summary: string;
      /** The same for the chain: no values, for entries outlive an erased payload. */
      readonly reason: string;
      readonly detail: Readonly<Record<string, unknown>>;
    };

/**
 * Drafts the handoffs of a routed ticket: every expression evaluated, every body checked against its destination's
 * document. Pure. Scope: payload, headers, ticket, route. One that fails stops them all: nothing is half promised.
 */
export function draftHandoffs(workflow: CompiledWorkflow, scope: Scope): Drafted {
  const handoffs: HandoffDraft[] = [];
  for (const handoff of workflow.handoffs) {
    const drafted = draftOne(workflow, handoff, scope);
    if (drafted === null) continue;
    if (!drafted.ok) return drafted;
    handoffs.push(drafted.draft);
  }
  // One whose `when` did not hold is not waited for.
  const promised = new Set(handoffs.map(({ handoff }) => handoff));
  return {
    ok: true,
    handoffs: handoffs.map((draft) => ({ ...draft, after: draft.after.filter((id) => promised.has(id)) })),
  };
}

type DraftedOne = { readonly ok: true; readonly draft: HandoffDraft } | Extract<Drafted, { ok: false }>;

/** Null: its `when` does not hold. */
function draftOne(workflow: CompiledWorkflow, handoff: CompiledHandoff, scope: Scope): DraftedOne | null {
  try {
    if (handoff.when !== null && !holds(handoff.when, scope)) return null;
    const { request, violations } = evaluateRequest(handoff.request, scope);
    if (violations.length > 0) return violated(handoff, violations);
    const { id, destination, retry, approval, after } = handoff;
    const asked = approval !== null && (approval.when === null || holds(approval.when, scope));
    const draft: HandoffDraft = {
      handoff: id,
      destination,
      request,
      retry,
      outcome: outcomePlan(handoff.outcome),
      ...findPlan(handoff),
      approval: asked ? { by: approval.by, withinMs: approval.withinMs } : null,
      after,
      exceptions: workflow.exceptions,
    };
    return { ok: true, draft };
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return {
      ok: false,
      mode: 'transform_failed',
      summary: `The handoff ${handoff.id} could not be made: ${error.message}`,
      reason: `The handoff ${handoff.id} could not be made`,
      detail: { handoff: handoff.id, failure: error.message },
    };
  }
}

function violated(handoff: CompiledHandoff, violations: readonly Violation[]): DraftedOne {
  const [first] = violations;
  const more = violations.length > 1 ? ` and ${violations.length - 1} more` : '';
  return {
    ok: false,
    mode: 'destination_contract_violation',
    summary: `${handoff.destination} would refuse ${handoff.request.operation}: ${first?.message}${more}`,
    reason: `${handoff.destination} would refuse ${handoff.request.operation}`,
    detail: { handoff: handoff.id, destination: handoff.destination, violations },
  };
}

function holds(condition: Expression, scope: Scope): boolean {
  const value = condition.evaluate(scope);
  if (typeof value !== 'boolean') throw new ExpressionError(`${condition.source} is not true or false`);
  return value;
}

function outcomePlan({ read, that, same, withinMs }: CompiledOutcome): OutcomePlan {
  return { ...planned(read), that: that?.source ?? null, same, withinMs };
}

function findPlan({ find }: CompiledHandoff): Pick<HandoffDraft, 'find'> {
  if (find === undefined) return {};
  const { read, that, record } = find;
  return { find: { ...planned(read), that: that?.source ?? null, record: record?.source ?? null } };
}
