import { type Selectable, sql } from 'kysely';
import type { Db, Tx } from '../../../db/schema.ts';
import type { ReadingAgainTable } from '../tables.ts';

export type AgainRow = Selectable<ReadingAgainTable>;

/** Up to where the confirmations of a destination have been entered. */
export interface Entered {
  readonly at: string;
  readonly ticket: string;
  readonly seq: number;
}

/** Enters confirmed handoffs for their first reading, oldest first. Returns up to where; null: there were fewer than `limit`. */
export async function enterConfirmed(
  tx: Tx,
  destination: string,
  {
    after,
    before,
    firstMs,
    limit,
  }: {
    readonly after: Entered;
    readonly before: Date;
    readonly firstMs: number;
    readonly limit: number;
  },
): Promise<Entered | null> {
  const { rows } = await sql<{ at: Date; ticket: string; seq: number }>`
    with confirmed as (
      select outcome.decided_at as at, outcome.ticket_id as ticket, outcome.handoff_seq as seq
      from outcome join handoff on handoff.ticket_id = outcome.ticket_id and handoff.seq = outcome.handoff_seq
      where outcome.state = 'confirmed' and handoff.destination = ${destination}
        and (outcome.decided_at, outcome.ticket_id, outcome.handoff_seq)
          > (${after.at}::timestamptz, ${after.ticket}::uuid, ${after.seq}::int)
        and outcome.decided_at < ${before}
      order by outcome.decided_at, outcome.ticket_id, outcome.handoff_seq
      limit ${limit}
    ), entered as (
      insert into reading_again (ticket_id, handoff_seq, destination, due_at)
      select ticket, seq, ${destination}, at + ${firstMs} * interval '1 millisecond' from confirmed
      on conflict do nothing
    )
    select * from confirmed order by at desc, ticket desc, seq desc`.execute(tx);
  const [last] = rows;
  if (last === undefined || rows.length < limit) return null;
  return { at: last.at.toISOString(), ticket: last.ticket, seq: last.seq };
}

/** Records of a destination that are due, the longest waiting first. */
export async function dueAgain(db: Db, destination: string, limit: number, now: Date): Promise<AgainRow[]> {
  return await db
    .selectFrom('reading_again')
    .selectAll()
    .where('destination', '=', destination)
    .where('due_at', '<=', now)
    .orderBy('due_at')
    .limit(limit)
    .execute();
}

/** How many of a destination's records are to be read again, and how many are not as they were. */
export async function countAgain(
  db: Db,
  destination: string,
): Promise<{ readonly entered: number; readonly told: number }> {
  return await db
    .selectFrom('reading_again')
    .select([sql<number>`count(*)::int`.as('entered'), sql<number>`count(told)::int`.as('told')])
    .where('destination', '=', destination)
    .executeTakeFirstOrThrow();
}

/** Of how many of a destination's records people have a finding before them, and of how many of one ticket. */
export async function countOpen(
  db: Db,
  destination: string,
  ticket: string,
): Promise<{ readonly open: number; readonly ofTicket: number }> {
  const { rows } = await sql<{ open: number; ofTicket: number }>`
    select count(*)::int as open, (count(*) filter (where again.ticket_id = ${ticket}))::int as "ofTicket"
    from reading_again again
    join finding on finding.key = concat('sync_stale/', again.ticket_id, '/', again.handoff_seq)
      and finding.closed_at is null
    join exception on exception.ticket_id = finding.ticket_id and exception.seq = finding.exception_seq
    where again.destination = ${destination} and again.told is not null and exception.state <> 'resolved'`.execute(
    db,
  );
  return rows[0] ?? { open: 0, ofTicket: 0 };
}

export async function moveAgain(
  tx: Tx,
  { ticket_id: ticket, handoff_seq: seq }: Pick<AgainRow, 'ticket_id' | 'handoff_seq'>,
  change: Pick<AgainRow, 'step' | 'told' | 'due_at'>,
): Promise<void> {
  await tx
    .updateTable('reading_again')
    .set(change)
    .where('ticket_id', '=', ticket)
    .where('handoff_seq', '=', seq)
    .execute();
}

export async function leaveAgain(
  tx: Tx,
  { ticket_id: ticket, handoff_seq: seq }: Pick<AgainRow, 'ticket_id' | 'handoff_seq'>,
): Promise<void> {
  await tx
    .deleteFrom('reading_again')
    .where('ticket_id', '=', ticket)
    .where('handoff_seq', '=', seq)
    .execute();
}
