import type { Db } from '../../db/schema.ts';

/** Whom the rows of a ticket name as answerable: its own owner and alternate, and those of its open exceptions. */
export async function answerableFor(
  db: Db,
  ticketId: string,
): Promise<{ readonly workflow: string; readonly refs: string[] } | null> {
  const ticket = await db
    .selectFrom('ticket')
    .select(['workflow', 'owner', 'alternate'])
    .where('id', '=', ticketId)
    .executeTakeFirst();
  if (ticket === undefined) return null;
  const exceptions = await db
    .selectFrom('exception')
    .select(['owner', 'alternate', 'responsible'])
    .where('ticket_id', '=', ticketId)
    .where('state', '<>', 'resolved')
    .execute();
  const named = exceptions.flatMap(({ owner, alternate, responsible }) => [owner, alternate, responsible]);
  return { workflow: ticket.workflow, refs: [...new Set([ticket.owner, ticket.alternate, ...named])] };
}
