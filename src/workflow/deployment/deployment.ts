import { AppError } from '../../errors.ts';

/**
 * Which version of each workflow counts. A change is what makes a deployment, a restart is none:
 *
 *   files differ from what the folder offered last ──▶ up        they are in force
 *   files are as the folder offered them last      ──▶ (nothing) what is in force stays, a rollback or a sent version too
 *   a file has left the folder                     ──▶ up        the workflow is withdrawn
 *   sent, or a stored version again                ──▶ deploy, rollback
 */

/** What the database says, by workflow. */
export interface Standing {
  /** The version that new tickets go by. */
  readonly inForce: ReadonlyMap<string, string>;
  /** What the folder offered last; null: its file had left. Absent: it has never been in the folder. */
  readonly offered: ReadonlyMap<string, string | null>;
}

/** A version that is put in force; null: the workflow is withdrawn. */
export interface Change {
  readonly workflow: string;
  readonly version: string | null;
  readonly replaced: string | null;
}

/** What the workflows of the folder, by name and version, change. */
export function changesOfFiles(files: ReadonlyMap<string, string>, standing: Standing): Change[] {
  const { inForce, offered } = standing;
  const changed = [...files].filter(([workflow, version]) => offered.get(workflow) !== version);
  const left = [...offered].filter(([workflow, version]) => version !== null && !files.has(workflow));
  return [...changed, ...left.map(([workflow]) => [workflow, null] as const)].map(([workflow, version]) => ({
    workflow,
    version,
    replaced: inForce.get(workflow) ?? null,
  }));
}

/** A version that somebody wants in force, and the one that they saw there. */
export interface Wanted {
  readonly workflow: string;
  readonly version: string;
  /** Null: none was in force. Undefined: whichever is. */
  readonly from?: string | null | undefined;
}

/** What sent or stored versions change. Throws AppError('conflict') where another one is in force than was seen. */
export function changesOfWanted(wanted: readonly Wanted[], { inForce }: Standing): Change[] {
  return wanted.flatMap(({ workflow, version, from }) => {
    const replaced = inForce.get(workflow) ?? null;
    if (from !== undefined && from !== replaced) {
      throw new AppError('conflict', `Another version of \`${workflow}\` was put in force meanwhile.`, {
        help: `Look at it with \`signalbox workflows ${workflow}\`, then try again.`,
      });
    }
    return replaced === version ? [] : [{ workflow, version, replaced }];
  });
}

/** What is in force after the changes. */
export function inForceAfter(standing: Standing, changes: readonly Change[]): Map<string, string> {
  const after = new Map(standing.inForce);
  for (const { workflow, version } of changes) {
    if (version === null) after.delete(workflow);
    else after.set(workflow, version);
  }
  return after;
}

/**
 * The version that a rollback goes back to where none is named: the one in force before the present one, and not the
 * present one again. `history`: versions as they were put in force, newest first. Null: there is none.
 */
export function versionBefore(history: readonly (string | null)[], inForce: string | null): string | null {
  const at = history.indexOf(inForce);
  return history.slice(Math.max(at, 0)).find((version) => version !== null && version !== inForce) ?? null;
}

/** Why the files of a folder are a new version: which of them differ from the version that the folder offered before. */
export function reasonOfFiles(
  before: ReadonlyMap<string, string> | null,
  after: ReadonlyMap<string, string>,
): string {
  const paths = [...new Set([...(before?.keys() ?? []), ...after.keys()])].sort();
  if (before === null)
    return `first seen in ${paths.find((path) => path.startsWith('workflows/')) ?? 'its folder'}`;
  const differing = paths.filter((path) => before.get(path) !== after.get(path));
  return `file change: ${differing.slice(0, reasonPathsMax).join(', ')}${differing.length > reasonPathsMax ? ', …' : ''}`;
}

/** A reason names so many files. */
const reasonPathsMax = 10;
