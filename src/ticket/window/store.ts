import { sql } from 'kysely';
import type { Db, TicketState } from '../../db/schema.ts';
import { ownSource } from '../../detection/finding/finding.ts';
import { detectedModes, type FailureMode } from '../../exceptions/exception.ts';
import { firstTicketId } from '../../platform/ids.ts';

export interface WindowCount {
  readonly workflow: string;
  readonly state: TicketState;
  readonly count: number;
  readonly last_received_at: Date;
}

/** Tickets received since a time by workflow and state: the newest so many, so that it takes as long on any day. */
export async function countWindow(db: Db, since: Date, ticketsMax: number): Promise<WindowCount[]> {
  const { rows } = await sql<WindowCount>`
    select workflow, state, count(*)::int as count, max(received_at) as last_received_at
    from (select workflow, state, received_at from ticket where id >= ${firstTicketId(since)}::uuid
          and source <> ${ownSource} order by id desc limit ${ticketsMax}) as newest
    group by 1, 2`.execute(db);
  return rows;
}

/** The same tickets of one workflow by what first stopped them; null: nothing did. What is found about one does not stop it. */
export async function countStopped(
  db: Db,
  workflow: string,
  since: Date,
  ticketsMax: number,
): Promise<{ mode: FailureMode | null; state: TicketState; count: number }[]> {
  const { rows } = await sql<{ mode: FailureMode | null; state: TicketState; count: number }>`
    select stopped.mode, newest.state, count(*)::int as count
    from (select id, state from ticket where id >= ${firstTicketId(since)}::uuid and workflow = ${workflow}
          order by id desc limit ${ticketsMax}) as newest
    left join lateral (select mode from exception where ticket_id = newest.id
      and mode <> all(${[...detectedModes]}::text[]) order by seq limit 1) as stopped on true
    group by 1, 2`.execute(db);
  return rows;
}
