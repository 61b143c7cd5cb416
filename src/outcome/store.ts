import type { Selectable } from 'kysely';
import { type Batch, insertRows } from '../db/rows.ts';
import type { Db, OutcomeTable, Tx } from '../db/schema.ts';
import type { ComparedField } from './compare.ts';

export type OutcomeRow = Selectable<OutcomeTable>;

export interface NewOutcome {
  readonly state: OutcomeRow['state'];
  readonly compared: readonly ComparedField[];
  /** A person's word for it; null where it was read back. */
  readonly evidence: string | null;
  readonly by: string;
}

interface HandoffKey {
  readonly ticket_id: string;
  readonly seq: number;
}

/** Writes the proof of a handoff, or its absence. Once: the key is the handoff's. */
export async function insertOutcome(
  tx: Tx,
  handoff: HandoffKey,
  outcome: NewOutcome,
  now: Date,
): Promise<void> {
  await insertOutcomes(tx, [{ handoff, outcome }], now);
}

/** The same for many. */
export async function insertOutcomes(
  into: Tx | Batch,
  proved: readonly { readonly handoff: HandoffKey; readonly outcome: NewOutcome }[],
  now: Date,
): Promise<void> {
  await insertRows(
    into,
    'outcome',
    proved.map(({ handoff, outcome }) => ({
      ticket_id: handoff.ticket_id,
      handoff_seq: handoff.seq,
      state: outcome.state,
      compared: JSON.stringify(outcome.compared),
      evidence: outcome.evidence,
      decided_at: now,
      decided_by: outcome.by,
    })),
  );
}

/** The outcomes of a ticket's handoffs. */
export async function outcomesOf(db: Db, ticketId: string): Promise<OutcomeRow[]> {
  return await db
    .selectFrom('outcome')
    .selectAll()
    .where('ticket_id', '=', ticketId)
    .orderBy('handoff_seq')
    .execute();
}
