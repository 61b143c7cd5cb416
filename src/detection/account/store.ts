import { type Kysely, sql } from 'kysely';
import type { Database } from '../../db/schema.ts';
import { limits } from '../../limits.ts';
import { firstTicketId } from '../../platform/ids.ts';
import { ownSource } from '../finding/finding.ts';
import type { Account } from './account.ts';

/**
 * The account of the tickets that came in a stretch of time, by workflow and source, in one snapshot: every trigger that
 * their chains say was received, against where the tickets stand, and against what stands open on each. All tables are
 * read by the range of their keys, which is the time. Tickets of findings were not received, and do not count.
 */
export async function accountOf(
  db: Kysely<Database>,
  window: { readonly from: Date; readonly until: Date },
): Promise<Account[]> {
  const [first, end] = [firstTicketId(window.from), firstTicketId(window.until)];
  const range = (id: string) => sql`${sql.ref(id)} >= ${first}::uuid and ${sql.ref(id)} < ${end}::uuid`;
  const { rows } = await sql<Account>`
    with said as (
      select ticket_id as id,
        count(*) filter (where seq = 1 and kind = 'received') as received,
        count(*) filter (where seq = 1 and kind <> 'received') as found,
        count(*) filter (where kind in ('duplicate_joined', 'outdated_joined')) as joined,
        count(*) filter (where kind = 'revised') as revised,
        count(*) filter (where kind in ('revised', 'replayed')) as redecided
      from entry where ${range('ticket_id')} group by ticket_id
    ), promised as (
      select ticket_id as id, count(*) as under_way, count(*) filter (where plan -> 'undoes' is null) as ahead
      from handoff where ${range('ticket_id')} and settled_at is null group by ticket_id
    ), stopped as (
      select ticket_id as id, count(*) filter (where state <> 'resolved') as open
      from exception where ${range('ticket_id')} group by ticket_id
    ), kept as (
      select id, workflow, source, state, joined, revision from ticket where ${range('id')} and source <> ${ownSource}
    ), each as (
      select coalesce(kept.id, said.id) as id, coalesce(workflow, '') as workflow, coalesce(source, '') as source,
        kept.state, kept.joined as kept_joined, coalesce(said.received, 0) as received,
        coalesce(said.joined, 0) as joined, coalesce(said.revised, 0) as revised,
        coalesce(kept.id is not null and said.received = 1 and said.joined = kept.joined
          and said.redecided = kept.revision - 1
          and case kept.state
            when 'handoff' then coalesce(under_way, 0) > 0
            when 'triage' then coalesce(open, 0) > 0
            when 'exception' then coalesce(open, 0) > 0
            -- Given up, what was done is taken back yet.
            else coalesce(ahead, 0) = 0 end, false) as fits
      from kept full join said on said.id = kept.id
      left join promised on promised.id = coalesce(kept.id, said.id)
      left join stopped on stopped.id = coalesce(kept.id, said.id)
      where kept.id is not null or (said.received > 0 and said.found = 0)
    )
    select workflow, source,
      (sum(received) + sum(joined) + sum(revised))::int as received,
      (count(*) filter (where state = 'done'))::int as done,
      coalesce(sum(kept_joined), 0)::int as joined,
      sum(revised)::int as revised,
      (count(*) filter (where state in ('rejected', 'discarded')))::int as refused,
      (count(*) filter (where state = 'handoff'))::int as in_flight,
      (count(*) filter (where state in ('triage', 'exception')))::int as in_exception,
      (count(*) filter (where not fits))::int as torn,
      coalesce((array_agg(id::text) filter (where not fits))[1:${sql.lit(limits.detectNamedMax)}], '{}') as some_tickets
    from each group by workflow, source order by workflow, source`.execute(db);
  return rows;
}
