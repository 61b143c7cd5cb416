import type { EntryDraft } from '../audit/chain.ts';
import type { TicketState, Tx } from '../db/schema.ts';
import { openExceptionsOf } from '../exceptions/store.ts';
import { handoffsOf } from '../handoff/store.ts';
import { doneEntry } from './place.ts';
import { ticketState } from './state.ts';
import { changeTicket, type TicketRow } from './store.ts';

/**
 * Sets a locked ticket's state from what stands open on it, after its handoffs or exceptions have changed; a final
 * state also gets its entry. `settled`: what a person decided whatever stands open. A ticket in a final state keeps it.
 */
export async function restateTicket(
  tx: Tx,
  ticket: TicketRow,
  now: Date,
  settled?: 'discarded',
): Promise<TicketRow> {
  if (ticket.settled_at !== null) return ticket;
  const [handoffs, exceptions] = [await handoffsOf(tx, ticket.id), await openExceptionsOf(tx, ticket.id)];
  const state = ticketState(handoffs, exceptions, settled);
  return state === ticket.state
    ? ticket
    : await changeTicket(tx, ticket, { state, entries: entriesOf(state) }, now);
}

function entriesOf(state: TicketState): EntryDraft[] {
  if (state === 'done') return [doneEntry];
  return state === 'discarded' ? [{ kind: 'discarded', actor: 'signalbox', data: {} }] : [];
}
