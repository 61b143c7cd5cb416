import type { EntryDraft } from '../audit/chain.ts';
import type { HandoffRow } from '../handoff/store.ts';
import type { Reading } from './next-probe.ts';
import { sameField } from './same.ts';

/** What readings leave in the record. Pure. The chain has the names of fields alone. */

/** The proof of a handoff whose record stands, and its entry. */
export function confirmation(row: HandoffRow, { compared, verdict }: Reading) {
  const by = 'signalbox';
  const same = row.plan.outcome.same.map((field) => sameField(field).sent);
  const data = { handoff_seq: row.seq, handoff: row.handoff, probe: row.probes, verdict, same };
  return {
    outcome: { state: 'confirmed', compared, evidence: null, by } as const,
    entry: { kind: 'outcome_confirmed', actor: by, data },
  };
}

/** Says what a look saw that was not the last. */
export function probedEntry(row: HandoffRow, { verdict }: Reading): EntryDraft {
  const data = { handoff_seq: row.seq, handoff: row.handoff, probe: row.probes, verdict };
  return { kind: 'outcome_probed', actor: 'signalbox', data };
}
