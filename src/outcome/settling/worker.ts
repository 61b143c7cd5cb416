import type { Tx } from '../../db/schema.ts';
import { confirmed, failHandoff } from '../../handoff/ending/worker.ts';
import type { HandoffRow } from '../../handoff/store.ts';
import type { TicketRow } from '../../ticket/store.ts';
import { type Reading, unconfirmedText } from '../next-probe.ts';
import { confirmation } from '../proof.ts';
import { insertOutcome } from '../store.ts';

/** A handoff whose outcome is about to be settled: the ticket is locked. */
export interface Settling {
  readonly tx: Tx;
  readonly ticket: TicketRow;
  readonly row: HandoffRow;
  readonly now: Date;
}

/**
 * Writes what a record or a callback has said for good: the proof, or the exception with both values of what differs.
 * The chain has the names of fields alone. Null: the handoff has moved meanwhile, and nothing was written.
 */
export async function settleReading(
  { tx, ticket, row, now }: Settling,
  reading: Reading,
  kind: 'confirmed' | 'contradicted' | 'unconfirmed',
): Promise<TicketRow | null> {
  const { compared, verdict } = reading;
  const text = unconfirmedText(reading);
  const by = 'signalbox';
  const data = { handoff_seq: row.seq, handoff: row.handoff, probe: row.probes, verdict };
  if (kind === 'confirmed') return await confirmed(tx, ticket, row, confirmation(row, reading), now);
  const wrong = compared.filter(({ equal }) => !equal).map(({ field }) => field);
  const entries = [{ kind: `outcome_${kind}`, actor: by, data: { ...data, fields: wrong } }];
  const confirmBy = row.confirm_by?.toISOString();
  const detail = { verdict, compared, probes: row.probes, confirm_by: confirmBy };
  const failed = await failHandoff(tx, ticket, row, { mode: kind, summary: text, detail, entries }, now);
  if (failed !== null) await insertOutcome(tx, row, { state: kind, compared, evidence: null, by }, now);
  return failed;
}
