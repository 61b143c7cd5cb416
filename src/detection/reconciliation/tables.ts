import type { Generated, Selectable } from 'kysely';

/** The tables of comparisons as Kysely types, mirroring `migrations/0010_reconciliation.sql`. */

export interface ReconciliationTable {
  kind: 'list' | 'file' | 'target';
  /** The source, or the destination. */
  subject: string;
  run: Generated<number>;
  /** Counts the stretches of a run; one writes only while it is the last. */
  claim: Generated<number>;
  phase: Generated<'idle' | 'reading' | 'taking'>;
  position: unknown;
  window_from: Date | null;
  window_until: Date | null;
  listed: Generated<number>;
  missing: Generated<number>;
  back_filled: Generated<number>;
  differing: Generated<number>;
  waiting: Generated<number>;
  unidentified: Generated<number>;
  unlisted: number | null;
  started_at: Date | null;
  succeeded_at: Date | null;
  covered_until: Date | null;
  failures: Generated<number>;
  error: string | null;
  due_at: Date;
  lease_until: Date | null;
}

export interface ReconciliationListedTable {
  kind: 'list' | 'file' | 'target';
  subject: string;
  identity: string;
  run: number;
  verdict: 'held' | 'missing' | 'differs';
  digest: string;
  made_at: Date | null;
  since: Date;
  body: Buffer | null;
  part: number | null;
  ticket_id: string | null;
  /** told: only reported. */
  became: 'made' | 'revised' | 'joined' | 'told' | null;
}

export interface ReadingAgainTable {
  ticket_id: string;
  handoff_seq: number;
  destination: string;
  step: Generated<number>;
  due_at: Date;
  told: string | null;
}

export type RunRow = Selectable<ReconciliationTable>;
export type ListedRow = Selectable<ReconciliationListedTable>;
