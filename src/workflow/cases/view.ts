import { earliest } from '../../platform/instant.ts';
import { ticketState } from '../../ticket/state.ts';
import { formatDuration } from '../duration.ts';
import { type Life, type OpenException, type PlayedHandoff, ticketDecision } from './life.ts';

/** What a case can say something of, as it stands: keys are those of `expect`. Instants are Dates. */
export type View = Readonly<Record<string, unknown>>;

/** A life at its present moment in the words of `expect`. */
export function viewOf(life: Life): View {
  const { of, decision, handoffs, exceptions, reasons } = life;
  const decided = ticketDecision(decision);
  const made = decided !== null && decided.kind !== 'rejected' ? decided : null;
  const exception = exceptions.at(-1);
  return {
    state: stateOf(life),
    revised: decision.kind === 'revised',
    owner: of.workflow.owner,
    alternate: of.workflow.alternate,
    route: made?.route?.to ?? 'none',
    confidence: made?.route?.confidence,
    identity: decision.identity.identity,
    ticket: made?.fields ?? {},
    reasons: Object.fromEntries(
      [...Map.groupBy(reasons, ({ rung }) => rung)].map(([rung, said]) => [
        rung,
        said.map(({ code, text }) => `${code}: ${text}`).join('\n'),
      ]),
    ),
    ...(exception && { exception: viewOfException(life, exception) }),
    handoffs: Object.fromEntries(handoffs.map((each) => [each.draft.handoff, viewOfHandoff(each)])),
    due: earliest(...exceptions.map(({ state }) => state.dueAt), ...handoffs.map(({ due }) => due)),
  };
}

/** The state of the ticket, as its row would have it; `joined` where it became none of its own. */
function stateOf({ decision, handoffs, exceptions, discarded }: Life): string {
  if (decision.kind === 'joined') return 'joined';
  const rejected = ticketDecision(decision)?.kind === 'rejected' ? 'rejected' : undefined;
  const settled = discarded ? 'discarded' : rejected;
  return ticketState(
    handoffs,
    exceptions.map(({ state }) => state),
    settled,
  );
}

function viewOfException({ handoffs }: Life, { draft, state }: OpenException): View {
  const { mode, summary, policy, checklist, detail } = draft;
  const violations = Array.isArray(detail.violations) ? detail.violations : [];
  const [failed] = handoffs.filter(({ draft: each }) => each.handoff === detail.handoff);
  return {
    mode,
    summary,
    owner: policy.owner,
    alternate: policy.alternate,
    responsible: state.responsible,
    ttl: formatDuration(policy.ttlMs),
    resolve_within: formatDuration(policy.resolveWithinMs),
    claim_by: state.lapsesAt,
    resolve_by: state.resolveBy,
    checklist,
    escalate: policy.escalate,
    checks: Array.isArray(detail.failed) ? detail.failed : [],
    fields: violations.map((violation: { readonly path: string }) => violation.path),
    handoff: failed?.draft.handoff ?? detail.handoff,
  };
}

function viewOfHandoff({ draft, state, due, approval, ...played }: PlayedHandoff): View {
  const { destination, request, after } = draft;
  return {
    state,
    destination,
    operation: request.operation,
    method: request.method,
    path: request.path,
    headers: request.headers,
    body: request.body,
    after,
    approval:
      approval === null || draft.approval === null
        ? 'none'
        : {
            by: approval.by,
            within: formatDuration(draft.approval.withinMs),
            due: approval.dueAt,
            state: approval.state,
          },
    attempts: played.attempts,
    outcome: played.outcome,
    different: played.different,
    due,
  };
}
