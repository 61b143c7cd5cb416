import { sql } from 'kysely';
import type { Db } from '../../db/schema.ts';

export interface Backlog {
  readonly worker: string;
  /** Since when the oldest of what it has to do is due; null: nothing is. */
  readonly since: Date | null;
  /** It is tried, and has never succeeded. */
  readonly never: boolean;
}

/**
 * What each worker has left lying: a worker is seen by its work, whatever keeps it from it. Handoffs that wait for their
 * destination are no backlog: it is paused, has asked to be left alone, is at work on another, or takes one now and then
 * (`slow`). Sweeps and detectors count where somebody has tried them since `triedSince`: one that is no more is not missed.
 */
export async function backlogs(
  db: Db,
  {
    polled,
    slow,
    triedSince,
    now,
  }: Readonly<Record<'polled' | 'slow', readonly string[]>> & Readonly<Record<'triedSince' | 'now', Date>>,
): Promise<Backlog[]> {
  const { rows } = await sql<Backlog>`
    select 'exceptions' as worker, (select min(due_at) from exception where state <> 'resolved') as since, false as never
    union all select 'handoffs', least(
      (select min(due_at) from handoff where state in ('awaiting_approval', 'waiting', 'attempting')),
      (select min(due_at) from handoff where state in ('ready', 'confirming')
        and destination <> all(${slow}::text[])
        and destination not in (select destination from handoff where state = 'attempting')
        and destination not in (select key from destination where state = 'paused' or held_until > ${now}))), false
    union all select 'approvals', (select min(approval.due_at) from approval
      join handoff on handoff.ticket_id = approval.ticket_id and handoff.seq = approval.handoff_seq
      where approval.state = 'waiting' and handoff.state = 'awaiting_approval'), false
    union all select 'polls', (select min(greatest(due_at, lease_until)) from poll where source = any(${polled}::text[])), false
    union all select 'drift', (select min(due_at) from shape_reader where isfinite(due_at)), false
    union all select 'sweep ' || name, succeeded_at, succeeded_at is null from sweep where name <> 'detection' and ran_at > ${triedSince}
    union all select 'detector ' || name, succeeded_at + (due_at - ran_at), succeeded_at is null from detector
      where ran_at > ${triedSince}`.execute(db);
  return rows;
}
