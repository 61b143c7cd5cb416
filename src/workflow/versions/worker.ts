import type { Db } from '../../db/schema.ts';
import { AppError } from '../../errors.ts';
import { limits } from '../../limits.ts';
import { versionBefore } from '../deployment/deployment.ts';
import { findVersions, listDeployments } from '../store.ts';

/**
 * The stored version that is meant by its first digits; null: the one that was in force before the present one.
 * Throws AppError: `not_found`; `bad_request` where the digits are those of several; `conflict` where there is none before.
 */
export async function versionFor(db: Db, workflow: string, digits: string | null): Promise<string> {
  if (digits === null) return await versionBack(db, workflow);
  const [version, another] = await findVersions(db, workflow, digits);
  const help = `\`signalbox workflows ${workflow}\` lists its versions.`;
  if (version === undefined) {
    throw new AppError('not_found', `\`${workflow}\` has no version ${digits}.`, { help });
  }
  if (another === undefined) return version;
  throw new AppError('bad_request', `Several versions of \`${workflow}\` begin with ${digits}.`, { help });
}

/** The version that new tickets go by. Throws AppError('not_found') where none is in force. */
export async function versionInForce(db: Db, workflow: string): Promise<string> {
  const [last] = await listDeployments(db, workflow, 1);
  if (last === undefined) throw noWorkflow(workflow);
  if (last.version !== null) return last.version;
  throw new AppError('not_found', `\`${workflow}\` was withdrawn: no version of it is in force.`);
}

async function versionBack(db: Db, workflow: string): Promise<string> {
  const history = await listDeployments(db, workflow, limits.pageRowsMax);
  if (history.length === 0) throw noWorkflow(workflow);
  const versions = history.map(({ version }) => version);
  const before = versionBefore(versions, versions[0] ?? null);
  if (before !== null) return before;
  throw new AppError('conflict', `\`${workflow}\` has had no version before this one.`, {
    help: 'There is nothing to go back to: change its files.',
  });
}

export function noWorkflow(workflow: string): AppError {
  return new AppError('not_found', `There is no workflow \`${workflow}\`.`, {
    help: '`signalbox workflows` lists those that are in force.',
  });
}
