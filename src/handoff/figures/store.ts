import { sql } from 'kysely';
import type { Db } from '../../db/schema.ts';

/** What lies before each destination now: by its key. */
export async function queuesOf(db: Db) {
  const { rows } = await sql<{
    destination: string;
    queued: number;
    in_flight: number;
    oldest_due_at: Date | null;
  }>`
    select destination,
      count(*) filter (where state in ('ready', 'confirming'))::int4 as queued,
      count(*) filter (where state = 'attempting')::int4 as in_flight,
      min(due_at) filter (where state in ('ready', 'confirming')) as oldest_due_at
    from handoff where settled_at is null and state in ('ready', 'confirming', 'attempting')
    group by destination`.execute(db);
  return new Map(rows.map(({ destination, ...queue }) => [destination, queue]));
}

/** What came of the latest attempts, at most `rowsMax`, that began after a moment: by destination. */
export async function attemptFiguresOf(db: Db, since: Date, rowsMax: number) {
  const { rows } = await sql<{
    destination: string;
    succeeded: number;
    failed: number;
    p50_ms: number | null;
    p99_ms: number | null;
  }>`
    select handoff.destination,
      count(*) filter (where recent.result = 'accepted')::int4 as succeeded,
      count(*) filter (where recent.result <> 'accepted')::int4 as failed,
      percentile_cont(0.5) within group (order by recent.ms) as p50_ms,
      percentile_cont(0.99) within group (order by recent.ms) as p99_ms
    from (select ticket_id, handoff_seq, result, extract(epoch from ended_at - started_at)::float8 * 1000 as ms
        from attempt where started_at > ${since} order by started_at desc limit ${rowsMax}) as recent
      join handoff on handoff.ticket_id = recent.ticket_id and handoff.seq = recent.handoff_seq
    where recent.result is not null
    group by handoff.destination`.execute(db);
  return new Map(rows.map(({ destination, ...figures }) => [destination, figures]));
}
