import type { Decision, Routed, Stopped } from '../../decision.ts';
import type { HandoffDraft } from '../../handoff/handoff.ts';
import { stateAfter } from '../../ticket/place.ts';

/** A decision that was not carried out, as a sender is shown it. Pure. */
export function rehearsed(decision: Decision) {
  const { kind, reasons, identity } = decision;
  return {
    decision: {
      kind,
      identity: identity.identity,
      /** The first ticket, which it would join or revise. */
      ticket: kind === 'joined' || kind === 'revised' ? decision.ticketId : null,
      reasons: reasons.map(({ rung, code, text }) => ({ rung, code, text })),
    },
    would_be: wouldBe(decision),
  };
}

export type Rehearsed = ReturnType<typeof rehearsed>;

/** What would stand then; null where nothing would change. */
function wouldBe(decision: Decision) {
  switch (decision.kind) {
    case 'joined':
      return null;
    case 'rejected':
      return { ...nothing, state: stateAfter(decision), violations: decision.violations };
    case 'revised':
      return ticketOf(decision.becomes);
    case 'stopped':
    case 'routed':
      return ticketOf(decision);
  }
}

const nothing = { fields: {}, route: null, confidence: null, handoffs: [], exception: null, violations: [] };

function ticketOf(decision: Stopped | Routed) {
  const { fields, route } = decision;
  return {
    ...nothing,
    state: stateAfter(decision),
    fields,
    route: route?.to ?? null,
    confidence: route?.confidence ?? null,
    handoffs: decision.kind === 'routed' ? decision.handoffs.map(handoffOf) : [],
    exception: decision.kind === 'stopped' ? exceptionOf(decision) : null,
  };
}

/** Without its credential, which is added when it is sent. */
function handoffOf({ handoff, destination, request, approval, after }: HandoffDraft) {
  const { method, path, headers, body = null } = request;
  const asked = approval === null ? null : { by: approval.by, within_ms: approval.withinMs };
  return { handoff, destination, request: { method, path, headers, body }, approval: asked, after };
}

function exceptionOf({ exception }: Stopped) {
  const { mode, summary, detail, checklist, policy } = exception;
  const { owner, alternate, ttlMs, resolveWithinMs } = policy;
  return {
    mode,
    summary,
    detail,
    owner,
    alternate,
    ttl_ms: ttlMs,
    resolve_within_ms: resolveWithinMs,
    checklist,
  };
}
