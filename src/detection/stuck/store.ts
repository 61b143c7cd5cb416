import { sql } from 'kysely';
import type { Db } from '../../db/schema.ts';
import { limits } from '../../limits.ts';
import { firstTicketId } from '../../platform/ids.ts';

export interface StuckTicket {
  readonly id: string;
  readonly source: string;
  readonly workflow: string;
  readonly updated_at: Date;
  /** Of the handoffs that are not settled. */
  readonly waiting: readonly string[];
}

/**
 * Tickets in handoff of which nothing has changed since then, the oldest first. One that is told is in exception until a
 * person settles that; then it comes after the others.
 */
export async function stuckTickets(db: Db, since: Date): Promise<StuckTicket[]> {
  const { rows } = await sql<StuckTicket>`
    select id, source, workflow, updated_at, array(
      select handoff.handoff || ': ' || handoff.state from handoff
      where ticket_id = ticket.id and handoff.settled_at is null) as waiting
    from ticket
    where state = 'handoff' and settled_at is null and id < ${firstTicketId(since)}::uuid and updated_at <= ${since}
      -- A person who is asked has a deadline of their own.
      and not exists (select from handoff where ticket_id = ticket.id and handoff.state = 'awaiting_approval')
    order by exists (select from finding where ticket_id = ticket.id and mode = 'stuck' and closed_at is null), id
    limit ${limits.detectTicketsMax}`.execute(db);
  return rows;
}

/** The keys of open findings whose tickets have moved since they were opened, or are settled: of all, however many are open. */
export async function movedSince(db: Db): Promise<string[]> {
  const { rows } = await sql<{ key: string }>`
    select finding.key from finding join ticket on ticket.id = finding.ticket_id
    where finding.mode = 'stuck' and finding.closed_at is null and (ticket.settled_at is not null or exists (
      select from entry where ticket_id = ticket.id and entry.at > finding.opened_at
        and kind not like 'exception%' and kind not like 'claim%' and kind not like 'checklist%'))
    order by finding.id limit ${limits.detectTicketsMax}`.execute(db);
  return rows.map(({ key }) => key);
}
