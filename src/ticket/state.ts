import type { HandoffState, TicketState } from '../db/schema.ts';
import { type FailureMode, triageModes } from '../exceptions/exception.ts';

const settledHandoff: ReadonlySet<HandoffState> = new Set(['confirmed', 'failed', 'cancelled']);

/**
 * The state of a ticket, from what stands open on it. Pure.
 * A failed handoff does not keep it open by itself: it opened an exception in the same transaction, and once that is
 * resolved (retried as a new handoff, confirmed by hand, superseded by a replay) nothing is left to do about it.
 */
export function ticketState(
  handoffs: readonly { readonly state: HandoffState }[],
  openExceptions: readonly { readonly mode: FailureMode }[],
  settled?: 'discarded' | 'rejected',
): TicketState {
  if (settled !== undefined) return settled;
  if (openExceptions.length > 0) {
    return openExceptions.every(({ mode }) => triageModes.has(mode)) ? 'triage' : 'exception';
  }
  return handoffs.every(({ state }) => settledHandoff.has(state)) ? 'done' : 'handoff';
}
