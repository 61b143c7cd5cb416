import {
  compileExpression,
  ExpressionError,
  expressionEnvironment,
  type Scope,
} from '../../workflow/expression.ts';
import type { BodyTemplate, CompiledRequest, CompiledWorkflow } from '../../workflow/workflow.ts';
import { evaluateRequest, planned } from '../evaluate.ts';
import type { AttemptOutcome, HandoffDraft, PlannedBody, UndoPlan } from '../handoff.ts';
import { undoName, undoneName } from './undo.ts';

/** A request whose expressions, those of its body too, are kept as text. Pure. */
export function plannedRequest(request: CompiledRequest): UndoPlan['request'] {
  const { body, media, styles } = request;
  return {
    ...planned(request),
    ...(body !== null && { body: plannedBody(body) }),
    ...(media !== undefined && { media }),
    ...(styles !== undefined && { styles }),
  };
}

function plannedBody(body: BodyTemplate): PlannedBody {
  switch (body.kind) {
    case 'expression':
      return { kind: 'expression', value: body.value.source };
    case 'object':
      return {
        kind: 'object',
        entries: body.entries.map(([name, part]) => [name, plannedBody(part)] as const),
      };
    case 'array':
      return { kind: 'array', items: body.items.map(plannedBody) };
  }
}

/** What is needed of the handoff that is taken back. */
interface Accepted {
  readonly seq: number;
  readonly handoff: string;
  readonly idempotency_key: string;
  readonly response?: unknown;
  readonly plan: HandoffDraft;
}

/**
 * Drafts the taking back of a handoff, of what its destination answered. Pure. `problem`: the request cannot be made of
 * that; the draft then stands for what a person has to do instead, and is never sent.
 */
export function undoDraft(
  { seq, handoff, idempotency_key: key, response = null, plan }: Accepted,
  undo: UndoPlan,
  ticket: unknown,
  after: readonly string[],
): { readonly draft: HandoffDraft; readonly problem: string | null } {
  const { retry, outcome } = undo;
  const { exceptions } = plan;
  const { destination = plan.destination } = undo;
  const made = requestOf(undo, { ticket, request: plan.request.body ?? null, response, key });
  const at = destination === plan.destination ? {} : { at: plan.destination };
  const undoes = { seq, key, ...at, response, ...(made.problem !== null && { unmade: true as const }) };
  const base = { handoff: undoName(handoff), destination, retry, outcome, after, approval: null, exceptions };
  return { draft: { ...base, request: made.request, undoes }, problem: made.problem };
}

function requestOf({ request }: UndoPlan, scope: Scope) {
  try {
    return { request: evaluateRequest(compiledAgain(request), scope).request, problem: null };
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const { operation, method, path } = request;
    return { request: { operation, method, path, headers: {} }, problem: error.message };
  }
}

/** Checked against its contracts when the workflow was; from its text it is compiled without them. */
const environment = expressionEnvironment({ ticket: true, request: true, response: true, key: true });

function compiledAgain({ parameters, body, ...request }: UndoPlan['request']): CompiledRequest {
  return {
    ...request,
    parameters: parameters.map((parameter) => ({ ...parameter, value: expressionOf(parameter.value) })),
    body: body === undefined ? null : bodyOf(body),
    bodyOptional: true,
    requestContract: null,
    responseContract: null,
  };
}

function bodyOf(body: PlannedBody): BodyTemplate {
  switch (body.kind) {
    case 'expression':
      return { kind: 'expression', value: expressionOf(body.value) };
    case 'object':
      return { kind: 'object', entries: body.entries.map(([name, part]) => [name, bodyOf(part)] as const) };
    case 'array':
      return { kind: 'array', items: body.items.map(bodyOf) };
  }
}

function expressionOf(text: string) {
  return compileExpression(text, environment).expression;
}

/** The request that a handoff's row was made of, an undo's too; null where the workflow has it no more. Pure. */
export function compiledRequestOf(
  workflow: Pick<CompiledWorkflow, 'handoffs'> | null,
  handoff: string,
): CompiledRequest | null {
  const undone = undoneName(handoff);
  const own = workflow?.handoffs.find(({ id }) => id === (undone ?? handoff));
  return (undone === null ? own?.request : own?.undo?.request) ?? null;
}

/** The destination that has nothing to take back any more has done what was asked: an answer before may have been lost. Pure. */
export function undoAnswer(
  { undoes, outcome, destination }: Pick<HandoffDraft, 'undoes' | 'outcome' | 'destination'>,
  answer: AttemptOutcome,
): AttemptOutcome {
  const isGone = answer.status === 404 || answer.status === 410;
  if (undoes === undefined || !isGone || outcome.kind === 'confirm' || outcome.gone !== true) return answer;
  return {
    ...answer,
    result: 'accepted',
    detail: `${destination} has it no more (${answer.status})`,
    found: true,
  };
}
