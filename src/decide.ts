import { runChecks } from './checks/checks.ts';
import { contractReason, violationSummary } from './contract/reason.ts';
import type { Decision, Facts, Reason, Routed, Stopped, Trigger } from './decision.ts';
import { identify } from './dedupe/identity.ts';
import { dedupe } from './dedupe/repeat.ts';
import { type Path, stop } from './exceptions/stop.ts';
import { draftHandoffs } from './handoff/plan.ts';
import { payloadOf } from './intake/split.ts';
import { route } from './routing/routing.ts';
import { transform } from './transform/transform.ts';
import type { Scope } from './workflow/expression.ts';
import type { CompiledWorkflow } from './workflow/workflow.ts';

/**
 * Decides what becomes of one trigger: the path of a ticket from contract to handoff, in its order.
 * Pure: same arguments, same decision; production, replay, plan, explain and tests all call it.
 */
export function decide(workflow: CompiledWorkflow, trigger: Trigger, facts: Facts, now: Date): Decision {
  const reasons: Reason[] = [];
  const parsed = payloadOf(workflow.trigger, trigger);
  const payload = parsed.ok ? parsed.value : undefined;
  const scope = { payload, headers: trigger.headers };
  const { claim, failure } = identify(workflow.trigger, trigger, payload, scope, now);
  const path: Path = { workflow, claim, reasons };

  const violations = parsed.ok ? workflow.trigger.contract.validate(payload) : [];
  reasons.push(contractReason(parsed, violations));
  if (violations.length > 0 && workflow.trigger.onInvalid === 'reject') {
    return { kind: 'rejected', identity: claim, reasons, violations };
  }

  const repeat = dedupe(claim, workflow.trigger.duplicates, facts.holder);
  if (repeat !== null) reasons.push(repeat.reason);
  if (repeat?.verdict === 'joined') {
    const { ticketId, outdated } = repeat;
    return { kind: 'joined', identity: claim, reasons, ticketId, outdated };
  }
  const first = repeat === null ? {} : { first_ticket: repeat.ticketId };
  if (!parsed.ok) return stop(path, parsed.mode, parsed.problem, first);
  // Content that breaks the contract takes no other's place.
  if (violations.length > 0) {
    return stop(path, 'contract_violation', violationSummary(violations), { violations, ...first });
  }
  if (repeat?.verdict === 'conflict') return stop(path, 'conflicting_duplicate', repeat.reason.text, first);
  if (failure !== null) {
    return stop(path, 'transform_failed', `No ${failure.of}: ${failure.text}`, {
      [failure.of]: failure.text,
    });
  }

  const becomes = decideWork(path, scope, facts.rerouteTo);
  return repeat === null
    ? becomes
    : { kind: 'revised', identity: claim, reasons, ticketId: repeat.ticketId, becomes };
}

/** From transform to handoff: what is to be done about a payload that is sound and taken. */
function decideWork(path: Path, scope: Scope, rerouteTo: Facts['rerouteTo']): Stopped | Routed {
  const { workflow, claim, reasons } = path;
  const { fields, ...made } = transform(workflow, scope);
  reasons.push(made.reason);
  if (made.failures.length > 0) {
    return stop(path, 'transform_failed', made.reason.text, { failures: made.failures }, { fields });
  }

  const ticketScope = { ...scope, ticket: fields };
  const checked = runChecks(workflow.checks, ticketScope);
  reasons.push(checked.reason);
  if (checked.failed.length > 0) {
    const failed = checked.failed.map(({ id }) => id);
    const checklist = checked.failed.flatMap((check) => check.checklist);
    return stop(path, 'check_failed', checked.reason.text, { failed }, { fields, checklist });
  }

  const routing = route(workflow.routes, ticketScope, rerouteTo);
  const { route: best } = routing;
  reasons.push(routing.reason);
  if (routing.kind === 'triage') {
    const detail = { candidates: best?.candidates ?? [] };
    return stop(path, routing.mode, routing.reason.text, detail, { fields, route: best });
  }

  const drafted = draftHandoffs(workflow, { ...ticketScope, route: routing.route.to });
  if (!drafted.ok) {
    reasons.push({ rung: 'handoff', code: drafted.mode, text: drafted.reason });
    return stop(path, drafted.mode, drafted.summary, drafted.detail, { fields, route: best });
  }
  const { handoffs } = drafted;
  const text = promised(handoffs.map((each) => each.handoff));
  reasons.push({ rung: 'handoff', code: 'promised', text });
  return { kind: 'routed', identity: claim, reasons, fields, route: routing.route, handoffs };
}

function promised(handoffs: readonly string[]): string {
  return handoffs.length === 0 ? 'No handoff asked for' : `Promised: ${handoffs.join(', ')}`;
}
