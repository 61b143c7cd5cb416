import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Database, Tx } from './db/schema.ts';
import type { Clock } from './platform/clock.ts';
import type { Project, SecretRef } from './workflow/project.ts';

/** What every shell is given by `app.ts`. Nothing of the work itself is held here: any number of nodes share one database. */
export interface Shell {
  readonly db: Kysely<Database>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly queue: Queue;
  /** The project in force; a reload replaces it. */
  project(): Project;
  /** The values of a secret: several while it rotates (one a line in a file). Throws AppError('invalid_project') where it is unset. */
  secrets(ref: SecretRef): readonly string[];
}

/** Work that waits for its time, in the database. A job names a handoff; the handoff's row is the truth. */
export interface Queue {
  /** In the caller's transaction: look at these handoffs at `at` (default: at once). */
  enqueue(tx: Tx, jobs: readonly { ticketId: string; handoffSeq: number; at?: Date }[]): Promise<void>;
}
