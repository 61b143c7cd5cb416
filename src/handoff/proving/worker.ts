import { byIndex } from '../../db/by-index.ts';
import { Batch } from '../../db/rows.ts';
import type { HandoffState, TicketState } from '../../db/schema.ts';
import { withOpenExceptions } from '../../exceptions/store.ts';
import type { Reading } from '../../outcome/next-probe.ts';
import { confirmation } from '../../outcome/settling/worker.ts';
import { insertOutcomes } from '../../outcome/store.ts';
import { doneEntry } from '../../ticket/place.ts';
import { ticketState } from '../../ticket/state.ts';
import { changeTickets, lockTickets } from '../../ticket/store.ts';
import { type HandoffRow, handoffStatesOf, moveHandoffs, nameOf, nameOfRow } from '../store.ts';
import type { HandoffShell } from '../worker.ts';

/** What was read of a handoff's record: it stands in the target. */
export interface Proved {
  readonly row: HandoffRow;
  readonly reading: Reading;
}

/**
 * Confirms many handoffs whose records stand with one transaction, and ends their tickets where nothing else is open on
 * them. Returns whether each was written; one that others wait for, or that has moved meanwhile, is left to be settled by itself.
 */
export async function proveGroup(shell: HandoffShell, group: readonly Proved[]): Promise<boolean[]> {
  return await shell.db.transaction().execute(async (tx) => {
    await byIndex(tx);
    const ids = [...new Set(group.map(({ row }) => row.ticket_id))];
    const tickets = await lockTickets(tx, ids);
    const now = shell.clock.now();
    const [states, excepted] = [await handoffStatesOf(tx, ids), await withOpenExceptions(tx, ids)];
    const siblings = Map.groupBy(states, (each) => each.ticket_id);
    const isPlain = ({ row }: Proved) =>
      !excepted.has(row.ticket_id) &&
      tickets.get(row.ticket_id)?.settled_at === null &&
      siblings.get(row.ticket_id)?.every(({ state }) => state !== 'waiting') === true;
    const plain = group.filter(isPlain);
    const settled = { state: 'confirmed', settled_at: now, due_at: null } as const;
    const batch = new Batch();
    moveHandoffs(
      batch,
      { from: 'confirming' },
      plain.map(({ row }) => ({ ...row, ...settled, response: null })),
    );
    const confirmed = new Set(plain.map(({ row }) => nameOfRow(row)));
    const proofs = plain.map(({ row, reading }) => ({ handoff: row, ...confirmation(row, reading) }));
    await insertOutcomes(batch, proofs, now);
    const changes = [...Map.groupBy(proofs, ({ handoff }) => handoff.ticket_id)].map(
      ([ticketId, ofTicket]) => {
        const state = stateAfter(siblings.get(ticketId) ?? [], confirmed);
        const told = ofTicket.map(({ entry }) => entry);
        return state === 'done'
          ? { ticketId, state, entries: [...told, doneEntry] }
          : { ticketId, entries: told };
      },
    );
    await changeTickets(batch, tickets, changes, now);
    await batch.write(tx);
    return group.map(({ row }) => confirmed.has(nameOfRow(row)));
  });
}

/** The ticket's state once these of its handoffs are confirmed. */
function stateAfter(
  handoffs: readonly { ticket_id: string; seq: number; state: HandoffState }[],
  confirmed: ReadonlySet<string>,
): TicketState {
  return ticketState(
    handoffs.map(({ ticket_id: ticketId, seq: handoffSeq, state }) => ({
      state: confirmed.has(nameOf({ ticketId, handoffSeq })) ? 'confirmed' : state,
    })),
    [],
  );
}
