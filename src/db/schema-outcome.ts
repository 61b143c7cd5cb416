import type { GeneratedAlways } from 'kysely';

/** The tables of callbacks, and of people who confirm. */

export interface ConfirmationTable {
  ticket_id: string;
  handoff_seq: number;
  state: 'waiting' | 'confirmed' | 'denied' | 'overdue';
  by: string;
  checklist: unknown;
  asked_at: Date;
  due_at: Date;
  remind_at: Date | null;
  reminded_at: Date | null;
  decided_at: Date | null;
  decided_by: string | null;
  evidence: string | null;
}

export interface CallbackTable {
  id: GeneratedAlways<number>;
  /** Null with its handoff: nobody has waited for its key yet. */
  ticket_id: string | null;
  handoff_seq: number | null;
  source: string | null;
  keys: unknown;
  content_type: string;
  body: Buffer | null;
  digest: Buffer;
  verdict: 'stands' | 'wrong' | 'pending' | 'late' | null;
  received_at: Date;
}

export interface CallbackKeyTable {
  source: string;
  match: string;
  key: string;
  ticket_id: string;
  handoff_seq: number;
}

export interface CallbackMatchTable {
  source: string;
  match: string;
}
