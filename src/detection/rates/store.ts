import { sql } from 'kysely';
import type { Db } from '../../db/schema.ts';
import { detectedModes } from '../../exceptions/exception.ts';
import { limits } from '../../limits.ts';
import { firstTicketId } from '../../platform/ids.ts';
import { ownSource } from '../finding/finding.ts';

export interface WorkflowRate {
  readonly workflow: string;
  readonly of: number;
  readonly failed: number;
  /** How many stopped with which failure mode. */
  readonly modes: Readonly<Record<string, number>>;
}

/** Of the tickets that came in a time, how many an exception stopped, by workflow. */
export async function ratesBetween(db: Db, from: Date, until: Date): Promise<WorkflowRate[]> {
  const [first, end] = [firstTicketId(from), firstTicketId(until)];
  const { rows } = await sql<WorkflowRate>`
    with came as (
      select id, workflow from ticket where id >= ${first}::uuid and id < ${end}::uuid and source <> ${ownSource}
    ), stopped as (
      select distinct on (ticket_id) ticket_id, mode from exception
      where ticket_id >= ${first}::uuid and ticket_id < ${end}::uuid and mode <> all(${[...detectedModes]}::text[])
      order by ticket_id, seq
    ), by_mode as (
      select workflow, mode, count(*)::int as tickets
      from came left join stopped on stopped.ticket_id = came.id group by workflow, mode
    )
    select workflow, sum(tickets)::int as "of", coalesce(sum(tickets) filter (where mode is not null), 0)::int as failed,
      coalesce(json_object_agg(mode, tickets) filter (where mode is not null), '{}') as modes
    from by_mode group by workflow`.execute(db);
  return rows;
}

export interface Storm {
  readonly destination: string;
  readonly under_way: number;
  readonly failing: number;
  readonly attempts: number;
}

/** Destinations with handoffs under way (two lots of states, for each has its index), and how many of these have failed again and again. */
export async function repeating(db: Db): Promise<Storm[]> {
  const { rows } = await sql<Storm>`
    select destination, count(*)::int as under_way, sum(attempts)::int as attempts,
      count(*) filter (where attempts >= ${limits.stormAttemptsMin} and state in ('ready', 'attempting'))::int as failing
    from (
      select destination, attempts, state from handoff where state in ('ready', 'confirming')
      union all
      select destination, attempts, state from handoff where state in ('awaiting_approval', 'waiting', 'attempting')
      limit ${limits.detectOwnedMax}) open
    group by destination`.execute(db);
  return rows;
}
