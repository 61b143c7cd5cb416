import { type Kysely, sql } from 'kysely';
import type { Database, Db, Tx } from '../db/schema.ts';
import type { Project } from './project.ts';
import { versionOf } from './version.ts';

export interface Deployed {
  readonly name: string;
  readonly version: string;
  /** False where this version was in force already. */
  readonly changed: boolean;
}

/** Any constant: nodes that deploy at once queue up behind this advisory lock. */
const deployLockKey = 7_446_744_074;

/**
 * Puts the workflows of a project in force, all or none: inserts versions that are new and marks the active one
 * of each workflow. A workflow that has left the project keeps its versions, and none is active. Idempotent;
 * nodes that deploy at once wait for each other.
 */
export async function deployWorkflows(
  db: Kysely<Database>,
  { bundles }: Pick<Project, 'bundles'>,
  actor: string,
  now: Date,
): Promise<Deployed[]> {
  const wanted = [...bundles].map(([name, bundle]) => ({ name, bundle, version: versionOf(bundle) }));
  const versions = wanted.map(({ version }) => version);
  return await db.transaction().execute(async (tx) => {
    // Nodes that start together deploy one after the other; readers go on.
    await sql`select pg_advisory_xact_lock(${deployLockKey}::bigint)`.execute(tx);
    const inForce = await tx
      .selectFrom('workflow_version')
      .select('version')
      .where('active', '=', true)
      .execute();
    const before = new Set(inForce.map(({ version }) => version));
    // First off, then on: a workflow never has two active versions.
    await tx
      .updateTable('workflow_version')
      .set({ active: false })
      .where('active', '=', true)
      .where(sql<boolean>`version <> all(${versions})`)
      .execute();
    const changed = wanted.filter(({ version }) => !before.has(version));
    if (changed.length > 0) await putInForce(tx, changed, actor, now);
    return wanted.map(({ name, version }) => ({ name, version, changed: !before.has(version) }));
  });
}

async function putInForce(
  tx: Tx,
  versions: readonly { name: string; version: string; bundle: string }[],
  actor: string,
  now: Date,
): Promise<void> {
  const deployment = { deployed_at: now, deployed_by: actor, active: true };
  await tx
    .insertInto('workflow_version')
    .values(versions.map(({ name, version, bundle }) => ({ version, workflow: name, bundle, ...deployment })))
    .onConflict((conflict) => conflict.column('version').doUpdateSet(deployment))
    .execute();
}

/** The bundle of a stored version, for `compileBundle`; null where there is none. */
export async function findBundle(db: Db, version: string): Promise<string | null> {
  const row = await db
    .selectFrom('workflow_version')
    .select('bundle')
    .where('version', '=', version)
    .executeTakeFirst();
  return row?.bundle ?? null;
}

export interface WorkflowVersion {
  readonly workflow: string;
  readonly version: string;
  /** When it was last put in force. */
  readonly deployedAt: Date;
  readonly deployedBy: string;
  readonly active: boolean;
}

/** All versions ever deployed, newest first by workflow. */
export async function listWorkflowVersions(db: Db): Promise<WorkflowVersion[]> {
  const rows = await db
    .selectFrom('workflow_version')
    .select(['workflow', 'version', 'deployed_at', 'deployed_by', 'active'])
    .orderBy('workflow')
    .orderBy('deployed_at', 'desc')
    .orderBy('version')
    .execute();
  return rows.map(({ workflow, version, deployed_at, deployed_by, active }) => ({
    workflow,
    version,
    deployedAt: deployed_at,
    deployedBy: deployed_by,
    active,
  }));
}
