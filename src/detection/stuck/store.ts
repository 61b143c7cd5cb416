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

/** Tickets in handoff of which nothing has changed since then and no finding tells, the oldest first. */
export async function stuckTickets(db: Db, since: Date): Promise<StuckTicket[]> {
  const { rows } = await sql<StuckTicket>`
    select id, source, workflow, updated_at, array(
      select handoff.handoff || ': ' || handoff.state from handoff
      where ticket_id = ticket.id and handoff.settled_at is null) as waiting
    from ticket
    where state = 'handoff' and settled_at is null and id < ${firstTicketId(since)}::uuid and updated_at <= ${since}
      -- A person who is asked has a deadline of their own.
      and not exists (select from approval where ticket_id = ticket.id and approval.state = 'waiting')
      and not exists (select from finding where ticket_id = ticket.id and mode = 'stuck' and closed_at is null)
    order by id limit ${limits.detectTicketsMax}`.execute(db);
  return rows;
}

/** Of tickets with a finding, those that have moved since it was opened, or are settled. */
export async function movedSince(
  db: Db,
  findings: readonly { readonly ticket_id: string; readonly opened_at: Date }[],
): Promise<Set<string>> {
  if (findings.length === 0) return new Set();
  const { rows } = await sql<{ id: string }>`
    select ticket.id from ticket
    join unnest(${findings.map((each) => each.ticket_id)}::uuid[], ${findings.map((each) => each.opened_at)}::timestamptz[])
      as told (id, opened_at) on told.id = ticket.id
    where ticket.settled_at is not null or exists (
      select from entry where ticket_id = ticket.id and entry.at > told.opened_at
        and kind not like 'exception%' and kind not like 'claim%' and kind not like 'checklist%')`.execute(
    db,
  );
  return new Set(rows.map(({ id }) => id));
}
