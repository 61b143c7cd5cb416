import { type Kysely, sql } from 'kysely';
import type { Database, Db } from '../db/schema.ts';
import type { Project } from './project.ts';
import { versionOf } from './version.ts';

export interface Deployed {
  readonly name: string;
  readonly version: string;
  /** False where this version was in force already. */
  readonly changed: boolean;
}

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
  return await db.transaction().execute(async (tx) => {
    // Readers go on; another deployment waits here until this one is committed.
    await sql`lock table workflow_version in share row exclusive mode`.execute(tx);
    const before = await tx.selectFrom('workflow_version').select('version').where('active', '=', true).execute();
    const active = new Set(before.map(({ version }) => version));
    if (wanted.length > 0) {
      await tx
        .insertInto('workflow_version')
        .values(
          wanted.map(({ name, bundle, version }) => ({
            version,
            workflow: name,
            bundle,
            deployed_at: now,
            deployed_by: actor,
            active: false,
          })),
        )
        .onConflict((conflict) => conflict.column('version').doNothing())
        .execute();
    }
    const versions = wanted.map(({ version }) => version);
    // First off, then on: at no statement's end has a workflow two active versions.
    await tx
      .updateTable('workflow_version')
      .set({ active: false })
      .where('active', '=', true)
      .where(sql<boolean>`version <> all(${versions})`)
      .execute();
    await tx
      .updateTable('workflow_version')
      .set({ active: true })
      .where(sql<boolean>`version = any(${versions})`)
      .execute();
    return wanted.map(({ name, version }) => ({ name, version, changed: !active.has(version) }));
  });
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
