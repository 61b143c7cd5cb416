import { runChecks } from './checks/checks.ts';
import type { Violation } from './contract/contract.ts';
import type { Decision, Facts, Reason, RouteResult, Trigger } from './decision.ts';
import { dedupe, identify } from './dedupe/identity.ts';
import type { FailureMode } from './exceptions/exception.ts';
import { draftException } from './exceptions/open.ts';
import { draftHandoffs } from './handoff/plan.ts';
import { parseBody } from './intake/parse.ts';
import { route } from './routing/routing.ts';
import { transform } from './transform/transform.ts';
import type { CompiledWorkflow } from './workflow/workflow.ts';

/**
 * Decides what becomes of one trigger: the path of a ticket from contract to handoff, in its order.
 * Pure: same arguments, same decision; production, replay, plan, explain and tests all call it.
 */
export function decide(workflow: CompiledWorkflow, trigger: Trigger, facts: Facts, now: Date): Decision {
  const reasons: Reason[] = [];
  let fields: Readonly<Record<string, unknown>> = {};
  let best: RouteResult | null = null;

  const parsed = parseBody(trigger.body, trigger.contentType);
  const payload = parsed.ok ? parsed.value : undefined;
  const scope = { payload, headers: trigger.headers };
  const { claim, failure } = identify(workflow.trigger, trigger, payload, scope, now);

  const stop = (
    mode: FailureMode,
    summary: string,
    detail: Record<string, unknown>,
    checklist?: string[],
  ): Decision => {
    const exception = draftException(workflow.exceptions, mode, {
      summary,
      detail,
      ...(checklist && { checklist }),
    });
    return { kind: 'stopped', identity: claim, reasons, fields, route: best, exception };
  };

  const violations = parsed.ok ? workflow.trigger.contract.validate(payload) : [];
  reasons.push(contractReason(parsed, violations));
  if (violations.length > 0 && workflow.trigger.onInvalid === 'reject') {
    return { kind: 'rejected', identity: claim, reasons, violations };
  }

  const earlier = dedupe(claim, facts);
  if (earlier !== null) reasons.push(earlier.reason);
  if (earlier?.verdict === 'joined') {
    return { kind: 'joined', identity: claim, reasons, ticketId: earlier.ticketId };
  }
  const first = earlier === null ? {} : { first_ticket: earlier.ticketId };
  if (!parsed.ok) return stop('unparseable', parsed.problem, first);
  if (violations.length > 0) {
    return stop('contract_violation', violationSummary(violations), { violations, ...first });
  }
  if (earlier !== null) return stop('conflicting_duplicate', earlier.reason.text, first);
  if (failure !== null) return stop('transform_failed', `No identity: ${failure}`, { identity: failure });

  const made = transform(workflow, scope);
  fields = made.fields;
  reasons.push(made.reason);
  if (made.failures.length > 0)
    return stop('transform_failed', made.reason.text, { failures: made.failures });

  const ticketScope = { ...scope, ticket: fields };
  const checked = runChecks(workflow.checks, ticketScope);
  reasons.push(checked.reason);
  if (checked.failed.length > 0) {
    const checklist = checked.failed.flatMap((check) => check.checklist);
    return stop(
      'check_failed',
      checked.reason.text,
      { failed: checked.failed.map(({ id }) => id) },
      checklist,
    );
  }

  const routing = route(workflow.routes, ticketScope, facts.rerouteTo);
  best = routing.route;
  reasons.push(routing.reason);
  if (routing.kind === 'triage')
    return stop(routing.mode, routing.reason.text, { candidates: best?.candidates ?? [] });

  const drafted = draftHandoffs(workflow, { ...ticketScope, route: routing.route.to });
  if (!drafted.ok) {
    reasons.push({ rung: 'handoff', code: drafted.mode, text: drafted.summary });
    return stop(drafted.mode, drafted.summary, drafted.detail);
  }
  reasons.push({
    rung: 'handoff',
    code: 'promised',
    text: promised(drafted.handoffs.map((each) => each.handoff)),
  });
  return {
    kind: 'routed',
    identity: claim,
    reasons,
    fields,
    route: routing.route,
    handoffs: drafted.handoffs,
  };
}

function contractReason(parsed: ReturnType<typeof parseBody>, violations: readonly Violation[]): Reason {
  if (!parsed.ok) return { rung: 'contract', code: 'unparseable', text: parsed.problem };
  if (violations.length === 0) {
    return { rung: 'contract', code: 'contract_satisfied', text: 'The payload satisfies its contract' };
  }
  // Paths and rules only: reasons stand in entries, which outlive an erased payload.
  const places = violations.map(({ path, rule }) => `${path || 'the payload'} (${rule})`).join(', ');
  return { rung: 'contract', code: 'contract_violation', text: `Violates its contract: ${places}` };
}

function violationSummary(violations: readonly Violation[]): string {
  const [first] = violations;
  const more = violations.length > 1 ? ` and ${violations.length - 1} more` : '';
  return `${first?.message ?? 'The payload violates its contract'}${more}`;
}

function promised(handoffs: readonly string[]): string {
  return handoffs.length === 0 ? 'No handoff asked for' : `Promised: ${handoffs.join(', ')}`;
}
