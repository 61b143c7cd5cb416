import type { Kysely } from 'kysely';
import type { Database, Db } from '../../db/schema.ts';
import { AppError } from '../../errors.ts';
import type { Shell } from '../../shell.ts';
import {
  type Change,
  changesOfWanted,
  inForceAfter,
  type Standing,
  type Wanted,
} from '../deployment/deployment.ts';
import { fitted } from '../deployment/fit.ts';
import { breakingOf, type Difference, differences } from '../difference/difference.ts';
import type { Project } from '../project.ts';
import { deployWorkflows, findBundle, findInForce, whileDeploying, writeDeployments } from '../store.ts';
import { versionOf } from '../version.ts';
import { versionFor } from '../versions/worker.ts';
import { storedWorkflows } from '../worker.ts';
import type { CompiledWorkflow } from '../workflow.ts';

/** A project as it was read from its folder. */
export interface Folder {
  readonly project: Project;
  /** The texts that it was made from. */
  readonly files: ReadonlyMap<string, string>;
}

/** A workflow as somebody sends it. */
export interface Sent {
  readonly bundle: string;
  /** The version that the sender saw in force, null for none; undefined: whichever is. */
  readonly from?: string | null | undefined;
}

export interface Order {
  readonly by: string;
  readonly reason: string;
  /** Says what would change, and changes nothing. */
  readonly dryRun: boolean;
}

/** What an order does to one workflow. */
export interface Deployed {
  readonly workflow: string;
  readonly from: string | null;
  readonly to: string;
  /** Empty where nothing was in force before. */
  readonly differences: readonly Difference[];
  readonly breaking: boolean | null;
}

/** Of what stands in force, the version that is not the folder's; it holds until the folder's files change. */
export interface Held {
  readonly workflow: string;
  readonly version: string;
}

/** The workflows in force: the folder's, and those that were sent or put back. All nodes of a database agree on them. */
export interface WorkflowsInForce {
  /** The folder's project, with the workflows that are in force. */
  project(): Project;
  /** What stands in force and is not as the folder has it. */
  held(): readonly Held[];
  /** Takes the folder that is read in its turn; null: it has errors, and nothing changes. Throws AppError where it cannot be in force. */
  take(read: () => Promise<Folder | null>): Promise<readonly Change[]>;
  /** Puts sent workflows in force, all or none. */
  deploy(sent: readonly Sent[], order: Order): Promise<Deployed[]>;
  /** Puts a stored version in force: `version` by its first digits, or null for the one before the present. */
  rollBack(workflow: string, version: string | null, order: Order): Promise<Deployed>;
  /** A sweep: takes over what another node has put in force. */
  follow(): Promise<number>;
}

/**
 * Takes the folder and keeps what is in force from then on. `by`: who is told to have changed its files; null: they put
 * nothing in force, and workflows come by deployments alone.
 */
export async function workflowsInForce(
  { db, clock, log }: Pick<Shell, 'clock' | 'log'> & { readonly db: Kysely<Database> },
  first: Folder,
  by: string | null,
): Promise<WorkflowsInForce> {
  const stored = storedWorkflows(db);
  let folder = first;
  let project = first.project;
  let newest = -1;
  let last: Promise<unknown> = Promise.resolve();
  // What another order has put in force is seen by the next one: they follow each other.
  const inTurn = async <T>(act: () => Promise<T>): Promise<T> => {
    const run = last.then(act, act);
    last = run.catch(() => {});
    return await run;
  };

  const compiled = async (version: string, known: ReadonlyMap<string, CompiledWorkflow>) => {
    const workflow = known.get(version) ?? (await stored(version));
    if (workflow !== null) return workflow;
    throw new AppError(
      'invalid_project',
      `The version ${version.slice(0, 12)} in force cannot be read by this release.`,
      {
        help: 'Start the release that deployed it, or change the files of its workflow.',
      },
    );
  };
  /** The project with these versions in force. Throws where two of them read one source. */
  const composed = async (of: Folder, versions: Iterable<string>, sent: readonly CompiledWorkflow[] = []) => {
    const known = new Map([...of.project.workflows.values(), ...sent].map((each) => [each.version, each]));
    const workflows = await Promise.all([...versions].map((version) => compiled(version, known)));
    refuseShared(workflows);
    const byName = workflows.map((each) => [each.name, each] as const);
    return { ...of.project, workflows: new Map(byName.sort(([a], [b]) => (a < b ? -1 : 1))) };
  };
  const refresh = async (of: Folder) => {
    const inForce = await findInForce(db);
    project = await composed(of, inForce.versions);
    folder = of;
    newest = inForce.newest;
  };

  const take = async (of: Folder) => {
    const check = async (_: Db, standing: Standing, changes: readonly Change[]) => {
      await composed(of, inForceAfter(standing, changes).values());
    };
    const changes = by === null ? [] : await deployWorkflows(db, of.project, by, clock.now(), check);
    await refresh(of);
    return changes;
  };

  const putInForce = async (
    wanted: readonly (Wanted & { compiled: CompiledWorkflow; bundle: string | null })[],
    kind: 'deploy' | 'rollback',
    order: Order,
  ): Promise<Deployed[]> => {
    const changes = await whileDeploying(db, async (tx, standing) => {
      const found = changesOfWanted(wanted, standing);
      await composed(
        folder,
        inForceAfter(standing, found).values(),
        wanted.map((each) => each.compiled),
      );
      const deploying = found.map((change) => {
        const bundle = wanted.find(({ version }) => version === change.version)?.bundle ?? null;
        return { ...change, bundle, reason: order.reason };
      });
      if (!order.dryRun) await writeDeployments(tx, deploying, { kind, by: order.by, now: clock.now() });
      return found;
    });
    if (!order.dryRun) await refresh(folder);
    return await Promise.all(
      wanted.map(async ({ workflow, version: to, compiled: after }) => {
        const change = changes.find((each) => each.workflow === workflow);
        const from = change === undefined ? to : change.replaced;
        const before = from === null ? null : await stored(from);
        const found = before === null ? [] : differences(before, after);
        return { workflow, from, to, differences: found, breaking: breakingOf(found) };
      }),
    );
  };

  await take(first);
  return {
    project: () => project,
    held: () =>
      [...project.workflows.values()]
        .filter(({ name, version }) => version !== folder.project.workflows.get(name)?.version)
        .map(({ name, version }) => ({ workflow: name, version })),
    take: (read) =>
      inTurn(async () => {
        const of = await read();
        return of === null ? [] : await take(of);
      }),
    deploy: (sent, order) =>
      inTurn(async () => {
        const wanted = sent.map(({ bundle, from }) => {
          const after = fitted(bundle, folder.files);
          return { workflow: after.name, version: versionOf(bundle), from, bundle, compiled: after };
        });
        return await putInForce(wanted, 'deploy', order);
      }),
    rollBack: (workflow, digits, order) =>
      inTurn(async () => {
        const version = await versionFor(db, workflow, digits);
        const bundle = (await findBundle(db, version)) ?? '';
        const wanted = { workflow, version, bundle: null, compiled: fitted(bundle, folder.files) };
        const [deployed] = await putInForce([wanted], 'rollback', order);
        if (deployed === undefined) throw new Error('a rollback is of one workflow');
        return deployed;
      }),
    follow: () =>
      inTurn(async () => {
        if ((await findInForce(db)).newest === newest) return 0;
        log.info('another node has put a workflow in force');
        await refresh(folder);
        return 1;
      }),
  };
}

function refuseShared(workflows: readonly CompiledWorkflow[]): void {
  const readers = new Map<string, string>();
  for (const { name, trigger } of workflows) {
    const other = readers.get(trigger.source);
    if (other !== undefined) {
      throw new AppError(
        'conflict',
        `\`${name}\` and \`${other}\` would both read the source \`${trigger.source}\`.`,
        {
          help: 'A trigger becomes one ticket: put another version of one of them in force first.',
        },
      );
    }
    readers.set(trigger.source, name);
  }
}
