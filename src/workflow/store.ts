import { type Kysely, sql } from 'kysely';
import type { Database, Db, DeploymentKind, Tx } from '../db/schema.ts';
import { type Change, changesOfFiles, reasonOfFiles, type Standing } from './deployment/deployment.ts';
import type { Project } from './project.ts';
import { bundleParts, versionOf } from './version.ts';

/** Any constant: nodes that deploy at once queue up behind this advisory lock. */
const deployLockKey = 7_446_744_074;

/** Runs `act` while no other node deploys, with what is in force then; all that it writes commits with it, or nothing does. */
export async function whileDeploying<T>(
  db: Kysely<Database>,
  act: (tx: Tx, standing: Standing) => Promise<T>,
): Promise<T> {
  return await db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${deployLockKey}::bigint)`.execute(tx);
    return await act(tx, await standingOf(tx));
  });
}

async function standingOf(tx: Tx): Promise<Standing> {
  const inForce = await tx
    .selectFrom('workflow_version')
    .select(['workflow', 'version'])
    .where('active', '=', true)
    .execute();
  const offered = await tx
    .selectFrom('deployment')
    .distinctOn('workflow')
    .select(['workflow', 'version'])
    .where('kind', '=', 'up')
    .orderBy('workflow')
    .orderBy('id', 'desc')
    .execute();
  return {
    inForce: new Map(inForce.map(({ workflow, version }) => [workflow, version])),
    offered: new Map(offered.map(({ workflow, version }) => [workflow, version])),
  };
}

/** Who deploys, how, when. */
export interface Deployer {
  readonly kind: DeploymentKind;
  readonly by: string;
  readonly now: Date;
}

/** A change with why it is made, and the bundle of a version that may not be stored yet. */
export interface Deploying extends Change {
  readonly reason: string;
  readonly bundle: string | null;
}

/** Puts versions in force, and writes the history. Within `whileDeploying`. */
export async function writeDeployments(
  tx: Tx,
  changes: readonly Deploying[],
  { kind, by, now }: Deployer,
): Promise<void> {
  if (changes.length === 0) return;
  const workflows = changes.map(({ workflow }) => workflow);
  // First off, then on: a workflow never has two active versions.
  await tx
    .updateTable('workflow_version')
    .set({ active: false })
    .where('active', '=', true)
    .where(sql<boolean>`workflow = any(${workflows})`)
    .execute();
  const inForce = { deployed_at: now, deployed_by: by, active: true };
  for (const { workflow, version, bundle } of changes) {
    if (version === null) continue;
    if (bundle === null) {
      await tx.updateTable('workflow_version').set(inForce).where('version', '=', version).execute();
    } else {
      await tx
        .insertInto('workflow_version')
        .values({ version, workflow, bundle, ...inForce })
        .onConflict((conflict) => conflict.column('version').doUpdateSet(inForce))
        .execute();
    }
  }
  await tx
    .insertInto('deployment')
    .values(
      changes.map(({ workflow, version, replaced, reason }) => ({
        workflow,
        version,
        replaced,
        reason,
        kind,
        deployed_at: now,
        deployed_by: by,
      })),
    )
    .execute();
}

/**
 * Takes the workflows of a project's folder: puts in force what it has not offered before, all or none, and withdraws
 * what has left it. Idempotent; nodes that deploy at once wait for each other. `check` may refuse, by throwing, what
 * would be in force after it.
 */
export async function deployWorkflows(
  db: Kysely<Database>,
  { bundles }: Pick<Project, 'bundles'>,
  by: string,
  now: Date,
  check: (tx: Tx, standing: Standing, changes: readonly Change[]) => Promise<void> = async () => {},
): Promise<readonly Change[]> {
  const files = new Map([...bundles].map(([name, bundle]) => [name, versionOf(bundle)]));
  return await whileDeploying(db, async (tx, standing) => {
    const changes = changesOfFiles(files, standing);
    await check(tx, standing, changes);
    const deploying = await Promise.all(
      changes.map(async (change) => ({ ...change, ...(await offered(tx, change, standing, bundles)) })),
    );
    await writeDeployments(tx, deploying, { kind: 'up', by, now });
    return changes;
  });
}

async function offered(
  tx: Tx,
  { workflow }: Change,
  standing: Standing,
  bundles: ReadonlyMap<string, string>,
): Promise<{ bundle: string | null; reason: string }> {
  const bundle = bundles.get(workflow) ?? null;
  if (bundle === null) return { bundle, reason: 'its file has left the folder' };
  const before = standing.offered.get(workflow) ?? null;
  const stored = before === null ? null : await findBundle(tx, before);
  return { bundle, reason: reasonOfFiles(stored === null ? null : bundleParts(stored), bundleParts(bundle)) };
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

/** What new tickets go by, and the number of the deployment that made it so; it grows with each. */
export async function findInForce(
  db: Db,
): Promise<{ readonly newest: number; readonly versions: readonly string[] }> {
  // One statement, so one moment.
  const row = await db
    .selectNoFrom((select) => [
      select
        .selectFrom('deployment')
        .select((row) => row.fn.coalesce(row.fn.max('id'), sql<number>`0`).as('newest'))
        .as('newest'),
      select
        .selectFrom('workflow_version')
        .select(sql<string[]>`coalesce(array_agg(version order by workflow), '{}')`.as('versions'))
        .where('active', '=', true)
        .as('versions'),
    ])
    .executeTakeFirstOrThrow();
  return { newest: row.newest ?? 0, versions: row.versions ?? [] };
}

/** Of one workflow, the stored versions that begin with these digits; at most two. */
export async function findVersions(db: Db, workflow: string, digits: string): Promise<string[]> {
  const rows = await db
    .selectFrom('workflow_version')
    .select('version')
    .where('workflow', '=', workflow)
    .where(sql<boolean>`starts_with(version, ${digits})`)
    .limit(2)
    .execute();
  return rows.map(({ version }) => version);
}

export interface WorkflowVersion {
  readonly workflow: string;
  readonly version: string;
  /** When it was last put in force, and by whom. */
  readonly deployedAt: Date;
  readonly deployedBy: string;
  readonly active: boolean;
  /** Tickets that go by it and are not settled. */
  readonly openTickets: number;
}

/** The newest versions of each workflow, newest first, those with open tickets among them; of one workflow, where it is named. */
export async function listWorkflowVersions(
  db: Db,
  workflow: string | null,
  limit: number,
): Promise<WorkflowVersion[]> {
  const rows = await db
    .with('open', (query) =>
      query
        .selectFrom('ticket')
        .select(['workflow_version', (row) => row.fn.countAll<number>().as('tickets')])
        .where('settled_at', 'is', null)
        .groupBy('workflow_version'),
    )
    .with('listed', (query) =>
      query
        .selectFrom('workflow_version')
        .leftJoin('open', 'open.workflow_version', 'workflow_version.version')
        .select(['workflow', 'version', 'deployed_at', 'deployed_by', 'active', 'tickets'])
        .select(
          sql<number>`row_number() over (partition by workflow order by deployed_at desc, version)`.as(
            'place',
          ),
        )
        .$if(workflow !== null, (narrowed) => narrowed.where('workflow', '=', workflow)),
    )
    .selectFrom('listed')
    .selectAll()
    .where((row) =>
      row.or([row('place', '<=', limit), row('active', '=', true), row('tickets', 'is not', null)]),
    )
    .orderBy('workflow')
    .orderBy('place')
    .execute();
  return rows.map((row) => ({
    workflow: row.workflow,
    version: row.version,
    deployedAt: row.deployed_at,
    deployedBy: row.deployed_by,
    active: row.active,
    openTickets: row.tickets ?? 0,
  }));
}

export interface Deployment {
  readonly id: number;
  readonly workflow: string;
  readonly version: string | null;
  readonly replaced: string | null;
  readonly kind: DeploymentKind;
  readonly deployed_at: Date;
  readonly deployed_by: string;
  readonly reason: string;
}

/** The history of a workflow, newest first, before the deployment `before`. */
export async function listDeployments(
  db: Db,
  workflow: string,
  limit: number,
  before: number | null = null,
): Promise<Deployment[]> {
  return await db
    .selectFrom('deployment')
    .selectAll()
    .where('workflow', '=', workflow)
    .$if(before !== null, (query) => query.where('id', '<', before))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

/** The deployment that put each workflow's present version in force, and what the folder offered last. */
export async function currentDeployments(
  db: Db,
): Promise<{ readonly last: Map<string, Deployment>; readonly offered: Map<string, string | null> }> {
  const newest = (kind: DeploymentKind | null) =>
    db
      .selectFrom('deployment')
      .distinctOn('workflow')
      .selectAll()
      .$if(kind !== null, (query) => query.where('kind', '=', kind))
      .orderBy('workflow')
      .orderBy('id', 'desc')
      .execute();
  const [last, offered] = [await newest(null), await newest('up')];
  return {
    last: new Map(last.map((row) => [row.workflow, row])),
    offered: new Map(offered.map(({ workflow, version }) => [workflow, version])),
  };
}
