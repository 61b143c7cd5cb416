import { sha256 } from '../audit/encoding.ts';
import type { Violation } from '../contract/contract.ts';
import { addressMark, keyMark } from '../outcome/link.ts';
import type { OutcomePlan } from '../outcome/plan.ts';
import { type SameField, sameField } from '../outcome/same.ts';
import { type Expression, ExpressionError, type Scope } from '../workflow/expression.ts';
import type { CompiledHandoff, CompiledWorkflow } from '../workflow/workflow.ts';
import { evaluateRequest, planned } from './evaluate.ts';
import type { ApprovalPlan, HandoffDraft } from './handoff.ts';
import { plannedRequest } from './undo/draft.ts';
import { undoName } from './undo/undo.ts';

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
    const outcome = outcomePlan(handoff, scope);
    const { request, violations } = evaluateRequest(handoff.request, { ...scope, ...callbackScope(outcome) });
    if (violations.length > 0) return violated(handoff, violations);
    const { id, destination, retry, approval, after } = handoff;
    const asked = approval !== null && (approval.when === null || holds(approval.when, scope));
    const draft: HandoffDraft = {
      handoff: id,
      destination,
      request,
      retry,
      outcome,
      ...findPlan(handoff),
      ...undoPlan(handoff, scope),
      approval: asked ? approvalPlan(approval) : null,
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

function approvalPlan({ when: _, ...plan }: NonNullable<CompiledHandoff['approval']>): ApprovalPlan {
  return plan;
}

/** Of a handoff, or of what takes it back. */
function outcomePlan({ id, outcome }: Pick<CompiledHandoff, 'id' | 'outcome'>, scope: Scope): OutcomePlan {
  const { read, callback, confirm, that, until, failWhen, gone, withinMs } = outcome;
  if (confirm !== undefined) return { kind: 'confirm', ...confirm, that: null, same: [], withinMs };
  const before = readPlans.get(outcome);
  if (before !== undefined) return before;
  const proof = {
    that: that?.source ?? null,
    ...(until && { until: until.source }),
    ...(failWhen && { failWhen: failWhen.source }),
    same: outcome.same.map(shortened),
    ...(gone && { gone }),
    withinMs,
  };
  if (callback !== undefined) {
    const { from, match, key } = callback;
    return {
      kind: 'callback',
      from,
      match: match?.source ?? null,
      key: key?.source ?? null,
      mark: callbackMark(id, scope),
      ...proof,
    };
  }
  if (read === null) throw new ExpressionError('its outcome is proved by nothing');
  const plan = { ...planned(read), ...proof };
  readPlans.set(outcome, plan);
  return plan;
}

/** Of outcomes that are read back: nothing in these depends on the ticket. */
const readPlans = new WeakMap<CompiledHandoff['outcome'], OutcomePlan>();

function findPlan({ find }: CompiledHandoff): Pick<HandoffDraft, 'find'> {
  if (find === undefined) return {};
  const { read, that, record } = find;
  return { find: { ...planned(read), that: that?.source ?? null, record: record?.source ?? null } };
}

function undoPlan({ id, destination: own, undo }: CompiledHandoff, scope: Scope): Pick<HandoffDraft, 'undo'> {
  if (undo === undefined) return {};
  const { when, destination, request, retry } = undo;
  const outcome = outcomePlan({ id: undoName(id), outcome: undo.outcome }, scope);
  const elsewhere = destination === own ? {} : { destination };
  return { undo: { when, ...elsewhere, request: plannedRequest(request), retry, outcome } };
}

/** A row holds a name where nothing more is to be said. */
function shortened(given: string | SameField): string | SameField {
  const field = sameField(given);
  const isPlain = field.as === 'exact' && field.found === field.sent && Object.keys(field).length === 3;
  return isPlain ? field.sent : field;
}

/** What no payload can hold, since it is made of the payload: so nobody writes a mark but this workflow. */
function callbackMark(id: string, { payload, headers, ticket, route }: Scope): string {
  const digest = sha256(JSON.stringify([id, payload, headers, ticket, route])).toString('hex');
  return `urn:signalbox:outcome:${digest.slice(0, 40)}`;
}

function callbackScope(outcome: OutcomePlan): Scope {
  if (outcome.kind !== 'callback') return {};
  return { outcome: { url: addressMark(outcome), key: keyMark(outcome) } };
}
