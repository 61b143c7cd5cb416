import { sql } from 'kysely';
import type { Tx } from './schema.ts';

/**
 * Has the rest of a transaction find its rows by their indexes. A statement that is prepared keeps the plan that was made
 * for a table as it was then: made for a small one, it would read a large one whole, each time, until somebody analyses it.
 */
export async function byIndex(tx: Tx): Promise<void> {
  await sql`select set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
    set_config('enable_mergejoin', 'off', true), set_config('enable_bitmapscan', 'off', true)`.execute(tx);
}
