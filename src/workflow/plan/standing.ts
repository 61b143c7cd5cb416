import type { TicketState } from '../../db/schema.ts';
import type { Reason, TicketDecision } from '../../decision.ts';
import { conflictClaim } from '../../dedupe/identity.ts';
import { type FailureMode, triageModes } from '../../exceptions/exception.ts';
import { stateAfter } from '../../ticket/place.ts';
import type { RecordedTrigger } from '../../ticket/recorded/recorded.ts';
import type { CompiledWorkflow } from '../workflow.ts';

/** Where a ticket stands after its first decision, as far as two decisions are compared. */
export interface Standing {
  readonly state: TicketState;
  readonly route: string | null;
  readonly confidence: number | null;
  readonly owner: string;
  readonly exception: { readonly mode: FailureMode; readonly owner: string } | null;
  /** What is sent, by the id of its handoff. */
  readonly handoffs: readonly { readonly id: string; readonly sent: Sent }[];
  /** What it is recognised by; of a conflict, both forms. */
  readonly identities: readonly string[];
  /** What decided it, without anything of the payload: the same for all tickets that were decided alike. */
  readonly cause: string;
}

/** A request with whose yes it waits for. */
export interface Sent {
  readonly destination: string;
  readonly request: object;
  readonly approval: string | null;
}

/** As it was recorded. Pure. */
export function standingThen({ decided }: RecordedTrigger): Standing {
  const { state, route, confidence, owner, exception, handoffs, identity, reasons } = decided;
  return {
    state,
    route,
    confidence,
    owner,
    exception: exception && { mode: exception.mode, owner: exception.owner },
    handoffs: handoffs.map(({ handoff, destination, request, approval }) => ({
      id: handoff,
      sent: { destination, request, approval: approval?.by ?? null },
    })),
    identities: [identity],
    cause: causeOf(reasons.at(-1)),
  };
}

/** As it would be decided now. Pure. */
export function standingAfter(workflow: CompiledWorkflow, decision: TicketDecision): Standing {
  const exception = decision.kind === 'stopped' ? decision.exception : null;
  const route = decision.kind === 'rejected' ? null : decision.route;
  const handoffs = decision.kind === 'routed' ? decision.handoffs : [];
  return {
    state: stateAfter(decision),
    route: route?.to ?? null,
    confidence: route?.confidence ?? null,
    owner: workflow.owner,
    exception: exception && { mode: exception.mode, owner: exception.policy.owner },
    handoffs: handoffs.map(({ handoff, destination, request, approval }) => ({
      id: handoff,
      sent: { destination, request, approval: approval?.by ?? null },
    })),
    identities: [decision.identity.identity, conflictClaim(decision.identity).identity],
    cause: causeOf(decision.reasons.at(-1)),
  };
}

/** In one or two words: where the ticket is. `team:web`, `triage`, `exception check_failed`, `refused (422)`. */
export function placeOf({ state, route, exception }: Standing): string {
  if (state === 'rejected') return 'refused (422)';
  if (exception === null) return route ?? state;
  return triageModes.has(exception.mode) ? 'triage' : `exception ${exception.mode}`;
}

/** The place with what decided it: `exception check_failed: budget-in-range: Budget is outside 500 to 1,000,000`. */
export function placeAndCause(standing: Standing): string {
  const { exception, route, cause } = standing;
  if (exception !== null && triageModes.has(exception.mode)) {
    return `triage: ${exception.mode}${route === null ? '' : `, ${route} at best`}`;
  }
  const because = exception === null && standing.state !== 'rejected' ? '' : cause;
  return because === '' ? placeOf(standing) : `${placeOf(standing)}: ${because}`;
}

const causeCharsMax = 160;

/** Reasons hold no values of a payload, but places in lists and ids of tickets, which would tell like cases apart. */
function causeOf(reason: Pick<Reason, 'rung' | 'code' | 'text'> | undefined): string {
  if (reason === undefined) return '';
  switch (reason.rung) {
    case 'contract':
      return bounded(reason.text.replace('Violates its contract: ', '').replaceAll(/\/\d+(?=[/ ]|$)/g, '/*'));
    case 'transform':
    case 'checks':
      return bounded(reason.text);
    default:
      return '';
  }
}

function bounded(text: string): string {
  return text.length > causeCharsMax ? `${text.slice(0, causeCharsMax - 1)}…` : text;
}
