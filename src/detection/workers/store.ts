import { sql } from 'kysely';
import type { Db } from '../../db/schema.ts';

export interface Backlog {
  readonly worker: string;
  /** Since when the oldest of what it has to do is due; null: nothing is. */
  readonly since: Date | null;
}

/**
 * What each worker has left lying: a worker is seen by its work, whatever keeps it from it. Sweeps and detectors count
 * where somebody has tried them since `triedSince`: one that is no more is not missed.
 */
export async function backlogs(db: Db, polled: readonly string[], triedSince: Date): Promise<Backlog[]> {
  const { rows } = await sql<Backlog>`
    select 'exceptions' as worker, (select min(due_at) from exception where state <> 'resolved') as since
    union all select 'handoffs', (select min(due_at) from handoff where settled_at is null)
    union all select 'approvals', (select min(due_at) from approval where state = 'waiting')
    union all select 'polls', (select min(greatest(due_at, lease_until)) from poll where source = any(${polled}::text[]))
    union all select 'drift', (select min(due_at) from shape_reader where isfinite(due_at))
    union all select 'sweep ' || name, succeeded_at from sweep where name <> 'detection' and ran_at > ${triedSince}
    union all select 'detector ' || name, succeeded_at + (due_at - ran_at) from detector where ran_at > ${triedSince}`.execute(
    db,
  );
  return rows;
}
