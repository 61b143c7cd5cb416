import { AppError } from '../../errors.ts';
import type { Shell } from '../../shell.ts';
import type { Ref } from '../../workflow/workflow.ts';
import { changeTicket, lockTicket, type TicketRow } from '../store.ts';
import { transferred } from './transfer.ts';

/**
 * Gives a ticket to another owner, who answers for it until its outcome is confirmed; the entry names who did until now.
 * Throws AppError: `not_found`, and what `transferred` refuses.
 */
export async function transferTicket(
  shell: Shell,
  id: string,
  transfer: { readonly to: Ref; readonly reason: string },
  actor: string,
): Promise<TicketRow> {
  return await shell.db.transaction().execute(async (tx) => {
    const ticket = await lockTicket(tx, id);
    if (ticket === null) throw new AppError('not_found', `There is no ticket ${id}.`);
    const { owner, alternate } = transferred(ticket, transfer, shell.project());
    const data = { from: ticket.owner, to: owner, alternate, reason: transfer.reason.trim() };
    const entries = [{ kind: 'ownership_transferred', actor, data }];
    return await changeTicket(tx, ticket, { owner, alternate, entries }, shell.clock.now());
  });
}
