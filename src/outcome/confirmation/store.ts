import type { Insertable, Selectable, Updateable } from 'kysely';
import type { Db, Tx } from '../../db/schema.ts';
import type { ConfirmationTable } from '../../db/schema-outcome.ts';
import type { HandoffDraft } from '../../handoff/handoff.ts';
import type { HandoffName } from '../../handoff/store.ts';
import { limits } from '../../limits.ts';

export type ConfirmationRow = Omit<Selectable<ConfirmationTable>, 'checklist'> & {
  readonly checklist: readonly string[];
};

/** Asks a person, once. `checklist` as JSON text. */
export async function insertConfirmation(tx: Tx, row: Insertable<ConfirmationTable>): Promise<void> {
  await tx.insertInto('confirmation').values(row).execute();
}

export async function findConfirmation(
  db: Db,
  { ticketId, handoffSeq }: HandoffName,
): Promise<ConfirmationRow | null> {
  const row = await db
    .selectFrom('confirmation')
    .selectAll()
    .where('ticket_id', '=', ticketId)
    .where('handoff_seq', '=', handoffSeq)
    .executeTakeFirst();
  return (row as ConfirmationRow | undefined) ?? null;
}

/** The confirmations of a ticket's handoffs. */
export async function confirmationsOf(db: Db, ticketId: string): Promise<ConfirmationRow[]> {
  const query = db.selectFrom('confirmation').selectAll().where('ticket_id', '=', ticketId);
  return (await query.orderBy('handoff_seq').execute()) as ConfirmationRow[];
}

/** Changes a confirmation that still waits. The caller holds the ticket's lock. */
export async function changeConfirmation(
  tx: Tx,
  { ticket_id: ticketId, handoff_seq: handoffSeq }: Pick<ConfirmationRow, 'ticket_id' | 'handoff_seq'>,
  change: Updateable<ConfirmationTable>,
): Promise<void> {
  await tx
    .updateTable('confirmation')
    .set(change)
    .where('ticket_id', '=', ticketId)
    .where('handoff_seq', '=', handoffSeq)
    .where('state', '=', 'waiting')
    .execute();
}

/** One outcome that waits for a person's word, with what was sent and answered. */
export interface WaitingConfirmation extends ConfirmationRow {
  readonly workflow: string;
  /** Of the ticket. */
  readonly identity: string;
  readonly handoff: string;
  readonly destination: string;
  readonly request: HandoffDraft['request'];
  readonly response: unknown;
}

/** What waits for a person's word, the most urgent first; at most limits.pageRowsMax. */
export async function listConfirmations(db: Db): Promise<WaitingConfirmation[]> {
  const rows = await db
    .selectFrom('confirmation')
    .innerJoin('handoff', (join) =>
      join
        .onRef('handoff.ticket_id', '=', 'confirmation.ticket_id')
        .onRef('handoff.seq', '=', 'confirmation.handoff_seq'),
    )
    .innerJoin('ticket', 'ticket.id', 'confirmation.ticket_id')
    .selectAll('confirmation')
    .select(['ticket.identity', 'ticket.workflow'])
    .select(['handoff.handoff', 'handoff.destination', 'handoff.plan', 'handoff.response'])
    .where('confirmation.state', '=', 'waiting')
    .where('handoff.state', '=', 'confirming')
    .orderBy('confirmation.due_at')
    .limit(limits.pageRowsMax)
    .execute();
  return rows.map(({ plan, ...row }) => ({
    ...(row as ConfirmationRow &
      Pick<WaitingConfirmation, 'workflow' | 'identity' | 'handoff' | 'destination' | 'response'>),
    request: (plan as HandoffDraft).request,
  }));
}
