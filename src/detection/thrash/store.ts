import { sql } from 'kysely';
import type { Db } from '../../db/schema.ts';
import { limits } from '../../limits.ts';

/** Open tickets that were moved twice or more since then, and those of `told`: the newest alone are no reason to forget these. */
export async function movedTickets(
  db: Db,
  since: Date,
  told: readonly string[] = [],
): Promise<{ id: string; source: string; workflow: string }[]> {
  const { rows } = await sql<{ id: string; source: string; workflow: string }>`
    with moved as (
      select ticket_id, count(*) as moves from entry
      where kind in ('replayed', 'revised', 'ownership_transferred') and at > ${since}
      group by ticket_id having count(*) >= 2 order by max(at) desc limit ${limits.detectTicketsMax}
    ), looked_at as (
      select ticket_id from moved union select unnest(${told}::uuid[])
    )
    select ticket.id, ticket.source, ticket.workflow from looked_at join ticket on ticket.id = looked_at.ticket_id
    where ticket.settled_at is null`.execute(db);
  return rows;
}

/** The entries that say where tickets were put since then, in their order. */
export async function placementsOf(db: Db, ticketIds: readonly string[], since: Date) {
  if (ticketIds.length === 0) return [];
  return await db
    .selectFrom('entry')
    .select(['ticket_id', 'at', 'kind', 'data'])
    .where('ticket_id', 'in', ticketIds)
    .where('kind', 'in', ['decided', 'ownership_transferred'])
    .where('at', '>=', since)
    .orderBy('ticket_id')
    .orderBy('seq')
    .execute();
}
