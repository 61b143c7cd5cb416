import { CompiledQuery } from 'kysely';
import { ArrayParameter } from '../../db/array.ts';
import { prepared } from '../../db/prepared.ts';
import type { Db, HandoffState } from '../../db/schema.ts';
import type { TicketHead, TicketRow } from '../../ticket/store.ts';
import type { HandoffName, HandoffRow } from '../store.ts';

/** A handoff as it stands, with what of its ticket counts for what follows. */
export interface Found {
  readonly row: HandoffRow;
  readonly ticket: FoundTicket;
}

/** Whatever changes any of it leaves an entry: it holds for as long as the chain ends where it did. */
export type FoundTicket = TicketHead &
  Pick<TicketRow, 'workflow_version' | 'fields'> & {
    /** The states of its other handoffs. */
    readonly others: readonly HandoffState[];
    /** Whether an exception of it is not resolved. */
    readonly excepted: boolean;
  };

type Row = HandoffRow & {
  readonly of_ticket: Pick<TicketRow, 'state' | 'workflow_version' | 'head_seq' | 'fields'> & {
    readonly others: readonly HandoffState[] | null;
    readonly excepted: boolean;
  };
  readonly ticket_settled_at: Date | null;
  readonly head_hash: Buffer;
};

/** The rows of these handoffs, without a lock, in no order. What is not there is left out. */
export async function findNamed(db: Db, named: readonly HandoffName[]): Promise<Found[]> {
  const { rows } = await db.executeQuery<Row>(
    CompiledQuery.raw(
      prepared(`select handoff.*, ticket.settled_at as ticket_settled_at, ticket.head_hash, json_build_object(
          'state', ticket.state, 'workflow_version', ticket.workflow_version, 'head_seq', ticket.head_seq, 'fields', ticket.fields,
          'others', (select json_agg(other.state) from handoff as other
            where other.ticket_id = handoff.ticket_id and other.seq <> handoff.seq),
          'excepted', exists (select from exception
            where exception.ticket_id = ticket.id and exception.state <> 'resolved')) as of_ticket
        from unnest($1::uuid[], $2::int4[]) as named (ticket_id, seq)
        join handoff using (ticket_id, seq) join ticket on ticket.id = ticket_id`),
      [
        new ArrayParameter(
          'uuid',
          named.map(({ ticketId }) => ticketId),
        ),
        new ArrayParameter(
          'int4',
          named.map(({ handoffSeq }) => handoffSeq),
        ),
      ],
    ),
  );
  return rows.map(
    ({
      of_ticket: { others, ...ofTicket },
      ticket_settled_at: settledAt,
      head_hash: headHash,
      ...row
    }): Found => ({
      row,
      ticket: {
        id: row.ticket_id,
        ...ofTicket,
        settled_at: settledAt,
        head_hash: headHash,
        others: others ?? [],
      },
    }),
  );
}
