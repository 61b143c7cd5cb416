import { sql } from 'kysely';
import type { Db } from '../../db/schema.ts';
import { limits } from '../../limits.ts';
import { ownSource } from '../finding/finding.ts';

export interface Owned {
  readonly ref: string;
  readonly tickets: number;
  readonly exceptions: number;
  /** Some of them. */
  readonly named: readonly string[];
}

/**
 * Whose open work there is: tickets by owner, unresolved exceptions by whom they are on. What tells of a lapse is none, for
 * it would keep itself open; of a finding's own ticket the exception is the work.
 */
export async function ownedWork(db: Db): Promise<Owned[]> {
  const { rows } = await sql<Owned>`
    with open as (
      select owner as ref, id, 1 as tickets, 0 as exceptions from
        (select owner, id from ticket where settled_at is null and source <> ${ownSource} limit ${limits.detectOwnedMax}) of_tickets
      union all
      select responsible, ticket_id, 0, 1 from
        (select responsible, ticket_id from exception where state <> 'resolved' and mode <> 'ownership_lapse'
          limit ${limits.detectOwnedMax}) of_exceptions
    )
    select ref, sum(tickets)::int as tickets, sum(exceptions)::int as exceptions,
      (array_agg(distinct id::text))[1:${sql.lit(limits.detectNamedMax)}] as named
    from open group by ref`.execute(db);
  return rows;
}

export interface IdleClaim {
  readonly id: string;
  readonly source: string;
  readonly workflow: string;
  readonly lapsed: number;
  readonly last_at: Date;
}

/** Tickets whose exceptions were claimed and let lie, so often, and still are not resolved: those of `told`, and the newest. */
export async function idleClaims(db: Db, since: Date, told: readonly string[] = []): Promise<IdleClaim[]> {
  const { rows } = await sql<IdleClaim>`
    with lapsed as (
      select ticket_id, count(*)::int as lapsed, max(at) as last_at from entry
      where kind = 'claim_lapsed' and at > ${since}
      group by ticket_id having count(*) >= ${limits.lapsedClaimsMax}
      order by ticket_id = any(${told}::uuid[]) desc, max(at) desc limit ${told.length + limits.detectTicketsMax}
    )
    select ticket.id, ticket.source, ticket.workflow, lapsed.lapsed, lapsed.last_at
    from lapsed join ticket on ticket.id = lapsed.ticket_id
    where exists (select from exception where ticket_id = ticket.id and state <> 'resolved'
      and mode <> 'ownership_lapse')`.execute(db);
  return rows;
}
