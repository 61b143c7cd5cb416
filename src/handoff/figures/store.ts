import { sql } from 'kysely';
import type { Db, HandoffState } from '../../db/schema.ts';

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

/** What came of the latest attempts at one destination, at most `rowsMax`, by steps of time counted from `since`. */
export async function attemptStepsOf(
  db: Db,
  destination: string,
  { since, stepMs, rowsMax }: { readonly since: Date; readonly stepMs: number; readonly rowsMax: number },
): Promise<AttemptStep[]> {
  const { rows } = await sql<AttemptStep>`
    select floor(extract(epoch from started_at - ${since}::timestamptz) * 1000 / ${stepMs})::int4 as step,
      count(*) filter (where result = 'accepted')::int4 as accepted,
      count(*) filter (where result = 'rejected')::int4 as rejected,
      count(*) filter (where result = 'unknown')::int4 as unknown,
      count(*) filter (where result = 'not_sent')::int4 as not_sent,
      percentile_cont(0.5) within group (order by ms) as p50_ms,
      percentile_cont(0.99) within group (order by ms) as p99_ms
    from (select attempt.started_at, result, extract(epoch from ended_at - attempt.started_at)::float8 * 1000 as ms
        from attempt join handoff on handoff.ticket_id = attempt.ticket_id and handoff.seq = attempt.handoff_seq
        where attempt.started_at >= ${since} and handoff.destination = ${destination} and result is not null
        order by attempt.started_at desc limit ${rowsMax}) as recent
    group by 1 order by 1`.execute(db);
  return rows;
}

export interface AttemptStep {
  /** Counted from 0. */
  readonly step: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly unknown: number;
  readonly not_sent: number;
  readonly p50_ms: number | null;
  readonly p99_ms: number | null;
}

/** The latest attempts at one destination, those under way too. */
export async function latestAttemptsAt(db: Db, destination: string, since: Date, rowsMax: number) {
  return await db
    .selectFrom('attempt')
    .innerJoin('handoff', (join) =>
      join
        .onRef('handoff.ticket_id', '=', 'attempt.ticket_id')
        .onRef('handoff.seq', '=', 'attempt.handoff_seq'),
    )
    .select([
      'attempt.ticket_id',
      'attempt.handoff_seq',
      'attempt.attempt',
      'attempt.started_at',
      'attempt.ended_at',
      'attempt.result',
      'attempt.status',
      'attempt.detail',
      'handoff.handoff',
    ])
    .where('handoff.destination', '=', destination)
    .where('attempt.started_at', '>=', since)
    .orderBy('attempt.started_at', 'desc')
    .orderBy('attempt.ticket_id', 'desc')
    .limit(rowsMax)
    .execute();
}

/** Where a list of waiting handoffs goes on. */
export interface WaitingKey {
  readonly dueAt: Date;
  readonly ticketId: string;
  readonly seq: number;
}

/** Handoffs of one destination that are not settled, the one that is due first before. */
export async function waitingHandoffs(db: Db, destination: string, after: WaitingKey | null, limit: number) {
  let query = db
    .selectFrom('handoff')
    .innerJoin('ticket', 'ticket.id', 'handoff.ticket_id')
    .select([
      'handoff.ticket_id',
      'handoff.seq',
      'handoff.handoff',
      'handoff.state',
      'handoff.attempts',
      'handoff.probes',
      'handoff.due_at',
      'handoff.give_up_at',
      'handoff.confirm_by',
      'handoff.created_at',
      'ticket.workflow',
      'ticket.identity',
      'ticket.owner',
    ])
    .where('handoff.destination', '=', destination)
    .where('handoff.state', 'in', ['awaiting_approval', 'waiting', 'ready', 'attempting', 'confirming']);
  if (after !== null) {
    const { dueAt, ticketId, seq } = after;
    query = query.where(
      sql<boolean>`(handoff.due_at, handoff.ticket_id, handoff.seq) > (${dueAt}::timestamptz, ${ticketId}::uuid, ${seq}::int4)`,
    );
  }
  return await query
    .orderBy('handoff.due_at')
    .orderBy('handoff.ticket_id')
    .orderBy('handoff.seq')
    .limit(limit)
    .execute();
}

/** Handoffs of a workflow that are not settled, by their id in its file and their state. */
export async function underwayByHandoff(db: Db, workflow: string) {
  const { rows } = await sql<{ handoff: string; destination: string; state: HandoffState; count: number }>`
    select handoff.handoff, handoff.destination, handoff.state, count(*)::int4 as count
    from handoff join ticket on ticket.id = handoff.ticket_id
    where handoff.state in ('awaiting_approval', 'waiting', 'ready', 'attempting', 'confirming')
      and ticket.workflow = ${workflow}
    group by 1, 2, 3`.execute(db);
  return rows;
}
