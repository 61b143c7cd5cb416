import type { GeneratedAlways } from 'kysely';
import type { FailureMode } from '../exceptions/exception.ts';

/** The tables of what is looked for and found. */

export interface FindingTable {
  id: GeneratedAlways<number>;
  key: string;
  mode: FailureMode;
  source: string | null;
  ticket_id: string;
  exception_seq: number;
  opened_at: Date;
  closed_at: Date | null;
  closed_because: string | null;
}

export interface DetectorTable {
  name: string;
  due_at: Date;
  ran_at: Date | null;
  succeeded_at: Date | null;
  error: string | null;
  state: unknown;
}

export interface ArrivalTable {
  source: string;
  /** Its beginning. */
  hour: Date;
  tickets: number;
  last_at: Date;
}
