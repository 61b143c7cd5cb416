import { sql } from 'kysely';
import type { Db } from '../../db/schema.ts';
import { limits } from '../../limits.ts';

export interface PartialSync {
  readonly destination: string;
  readonly field: string;
  readonly times: number;
  readonly named: readonly string[];
  readonly last_at: Date;
}

/** Fields that destinations have not stored as they were sent, again and again, since then. */
export async function partialSyncs(db: Db, since: Date): Promise<PartialSync[]> {
  const { rows } = await sql<PartialSync>`
    with contradicted as (
      select ticket_id, handoff_seq, compared, decided_at from outcome
      where state = 'contradicted' and decided_at > ${since} order by decided_at desc limit ${limits.detectOwnedMax}
    )
    select handoff.destination, field ->> 'field' as field, count(distinct contradicted.ticket_id)::int as times,
      (array_agg(distinct contradicted.ticket_id::text))[1:${sql.lit(limits.detectNamedMax)}] as named,
      max(contradicted.decided_at) as last_at
    from contradicted
    join handoff on handoff.ticket_id = contradicted.ticket_id and handoff.seq = contradicted.handoff_seq,
      json_array_elements(case json_typeof(compared) when 'array' then compared else '[]' end) as field
    where field ->> 'equal' = 'false' and field ->> 'field' is not null
    group by 1, 2 having count(distinct contradicted.ticket_id) >= ${limits.syncContradictedMin}`.execute(db);
  return rows;
}
