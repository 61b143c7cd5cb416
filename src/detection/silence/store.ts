import { sql } from 'kysely';
import type { Db } from '../../db/schema.ts';
import { limits } from '../../limits.ts';
import { ownSource } from '../finding/finding.ts';
import type { HourCount } from './silence.ts';

/** The detector whose state says where the count has come to. */
export const readerName = 'silence';

/**
 * Counts tickets that came after one and before another, by source and hour, together with where the count has come to:
 * one statement, so that nothing is counted twice. Returns the last ticket counted; null: there was none.
 */
export async function countArrivals(
  db: Db,
  after: string,
  before: string,
): Promise<{ last: string; tickets: number } | null> {
  const { rows } = await sql<{ last: string | null; tickets: number }>`
    with lot as materialized (
      select id, source, received_at from ticket
      where id > ${after}::uuid and id < ${before}::uuid order by id limit ${limits.arrivalsMax}
    ), counted as (
      insert into arrival (source, hour, tickets, last_at)
      select source, date_trunc('hour', received_at, 'UTC'), count(*), max(received_at) from lot
      where source <> ${ownSource} group by 1, 2
      on conflict (source, hour) do update set
        tickets = arrival.tickets + excluded.tickets, last_at = greatest(arrival.last_at, excluded.last_at)
    ), ended as (
      select id as last, (select count(*)::int from lot) as tickets from lot order by id desc limit 1
    ), moved as (
      update detector set state = json_build_object('position', ended.last, 'watched', detector.state -> 'watched')
      from ended where name = ${readerName}
    )
    select last, tickets from ended`.execute(db);
  const [row] = rows;
  return row?.last ? { last: row.last, tickets: row.tickets } : null;
}

/** When each of these sources last sent something that became a ticket, counted or not yet. */
export async function lastArrivals(db: Db, sources: readonly string[]): Promise<Map<string, Date>> {
  const { rows } = await sql<{ source: string; last_at: Date }>`
    select source, max(last_at) as last_at from (
      select asked.source, latest.last_at from unnest(${sources}::text[]) as asked (source) cross join lateral (
        select last_at from arrival where arrival.source = asked.source order by hour desc limit 1) as latest
      union all
      select source, received_at from ticket
      where id > (select (state ->> 'position')::uuid from detector where name = ${readerName})) as seen
    group by source`.execute(db);
  return new Map(rows.map(({ source, last_at }) => [source, last_at]));
}

export async function hoursOf(db: Db, source: string, from: Date): Promise<HourCount[]> {
  return await db
    .selectFrom('arrival')
    .select(['hour', 'tickets'])
    .where('source', '=', source)
    .where('hour', '>=', from)
    .orderBy('hour')
    .execute();
}
