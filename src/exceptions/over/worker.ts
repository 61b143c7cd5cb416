import type { Tx } from '../../db/schema.ts';
import { changeTicket, type TicketRow } from '../../ticket/store.ts';
import { restateTicket } from '../../ticket/worker.ts';
import { passOver } from '../resolution.ts';
import { findException, stateOf, updateException } from '../store.ts';

/** Resolves an exception of a locked ticket whose cause is no longer so; one that is resolved stays as it is. Returns the ticket. */
export async function stateExceptionOver(
  tx: Tx,
  locked: TicketRow,
  seq: number,
  because: string,
  now: Date,
): Promise<TicketRow> {
  const key = { ticketId: locked.id, seq };
  const row = await findException(tx, key);
  if (row === null || row.state === 'resolved') return locked;
  const decided = passOver(stateOf(row), because, now);
  await updateException(tx, key, decided.changes);
  const changed = await changeTicket(tx, locked, { entries: decided.entries }, now);
  return await restateTicket(tx, changed, now);
}
