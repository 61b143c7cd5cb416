import type { Db } from '../../db/schema.ts';
import { AppError } from '../../errors.ts';
import { versionFor, versionInForce } from '../versions/worker.ts';
import { storedWorkflows } from '../worker.ts';
import { type Difference, differences } from './difference.ts';

/** In what two stored versions of a workflow differ. */
export interface StoredDifference {
  readonly from: string;
  readonly to: string;
  readonly differences: readonly Difference[];
}

/**
 * Compares two stored versions of a workflow, each named by its first digits; without names, what is in force with
 * what was before it. Throws AppError: `not_found`; `bad_request`, `conflict` where it is not clear what is meant.
 */
export async function storedDifference(
  db: Db,
  workflow: string,
  digits: { readonly from: string | null; readonly to: string | null },
): Promise<StoredDifference> {
  const from = await versionFor(db, workflow, digits.from);
  const to =
    digits.to === null ? await versionInForce(db, workflow) : await versionFor(db, workflow, digits.to);
  const compiled = storedWorkflows(db);
  const [before, after] = [await compiled(from), await compiled(to)];
  if (before === null || after === null) {
    throw new AppError('conflict', `A version of \`${workflow}\` can no longer be read by this release.`, {
      help: 'Compare others, or ask the release that deployed it.',
    });
  }
  return { from, to, differences: differences(before, after) };
}
