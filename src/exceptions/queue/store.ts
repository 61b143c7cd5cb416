import { type RawBuilder, sql } from 'kysely';
import { like } from '../../db/like.ts';
import type { Db } from '../../db/schema.ts';
import { type FailureMode, triageModes } from '../exception.ts';

/** Which exceptions a queue shows; what is not given does not narrow it. `exception` and `ticket` are joined. */
export interface QueueFilter {
  /** Absent: whatever is not resolved. */
  readonly state?: 'open' | 'claimed' | 'resolved';
  readonly mode?: FailureMode;
  readonly queue?: 'triage' | 'exception';
  readonly responsible?: string;
  /** Owner, alternate or whom it is on now. */
  readonly owner?: string;
  readonly workflow?: string;
  readonly source?: string;
  readonly claimed_by?: string;
  /** Its next deadline is before then. */
  readonly due_before?: string;
  /** Somewhere in the summary, the identity, or the ticket's fields; case does not count. */
  readonly text?: string;
  /** On any of these and claimed by nobody else, or claimed by this person. */
  readonly mine?: { readonly refs: readonly string[]; readonly person: string };
}

/** The filter as a condition. */
export function queueCondition(filter: QueueFilter): RawBuilder<boolean> {
  const { state, mode, queue, responsible, owner, workflow, source, claimed_by, due_before, text, mine } =
    filter;
  const conditions = [
    state === undefined ? sql`exception.state <> 'resolved'` : sql`exception.state = ${state}`,
    mode !== undefined && sql`exception.mode = ${mode}`,
    queue !== undefined && sql`(exception.mode = any(${[...triageModes]}::text[])) = ${queue === 'triage'}`,
    responsible !== undefined && sql`exception.responsible = ${responsible}`,
    owner !== undefined && sql`${owner} in (exception.owner, exception.alternate, exception.responsible)`,
    workflow !== undefined && sql`ticket.workflow = ${workflow}`,
    source !== undefined && sql`ticket.source = ${source}`,
    claimed_by !== undefined && sql`exception.claimed_by = ${claimed_by}`,
    due_before !== undefined && sql`exception.due_at < ${new Date(due_before)}::timestamptz`,
    mine !== undefined &&
      sql`(exception.claimed_by = ${mine.person}
        or (exception.state = 'open' and exception.responsible = any(${[...mine.refs]}::text[])))`,
    text !== undefined &&
      sql`(exception.summary ilike ${like(text)} or ticket.identity ilike ${like(text)} or ticket.fields::text ilike ${like(text)})`,
  ].filter((condition) => condition !== false);
  return sql<boolean>`${sql.join(conditions, sql` and `)}`;
}

export interface QueueCount {
  readonly by: 'all' | 'state' | 'mode' | 'responsible' | 'workflow' | 'source';
  readonly value: string | null;
  readonly count: number;
  /** Of these, those whose next deadline has passed. */
  readonly late: number;
}

/** How many exceptions a filter leaves, in all and by what a screen narrows by. One pass over those that are not resolved. */
export async function countQueue(db: Db, filter: QueueFilter, now: Date): Promise<QueueCount[]> {
  const { rows } = await sql<QueueCount>`
    select
      case grouping(exception.state, mode, responsible, workflow, source)
        when 15 then 'state' when 23 then 'mode' when 27 then 'responsible' when 29 then 'workflow'
        when 30 then 'source' else 'all' end as by,
      coalesce(exception.state, mode, responsible, workflow, source) as value,
      count(*)::int as count,
      count(*) filter (where exception.due_at < ${now})::int as late
    from exception join ticket on ticket.id = exception.ticket_id
    where ${queueCondition(filter)}
    group by grouping sets ((exception.state), (mode), (responsible), (workflow), (source), ())
    order by 1, 3 desc, 2 limit 1000`.execute(db);
  return rows;
}

/** What waits for whom: open exceptions by whom they are on, claimed ones by who has them. */
export async function openByPerson(
  db: Db,
  now: Date,
): Promise<{ ref: string; open: number; claimed: number; late: number }[]> {
  const { rows } = await sql<{ ref: string; open: number; claimed: number; late: number }>`
    select coalesce(claimed_by, responsible) as ref,
      count(*) filter (where state = 'open')::int as open,
      count(*) filter (where state = 'claimed')::int as claimed,
      count(*) filter (where due_at < ${now})::int as late
    from exception where state <> 'resolved' group by 1`.execute(db);
  return rows;
}

/** Exceptions that are not resolved, by workflow and mode. */
export async function openByWorkflow(
  db: Db,
  workflow: string | null,
): Promise<{ workflow: string; mode: FailureMode; count: number }[]> {
  const { rows } = await sql<{ workflow: string; mode: FailureMode; count: number }>`
    select ticket.workflow, mode, count(*)::int as count
    from exception join ticket on ticket.id = exception.ticket_id
    where exception.state <> 'resolved' and (${workflow}::text is null or ticket.workflow = ${workflow})
    group by 1, 2`.execute(db);
  return rows;
}
