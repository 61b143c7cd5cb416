import { type Static, Type } from 'typebox';
import { limits } from '../limits.ts';
import { breakingOf } from '../workflow/difference/difference.ts';
import { storedDifference } from '../workflow/difference/worker.ts';
import type { Deployed } from '../workflow/in-force/worker.ts';
import {
  currentDeployments,
  listDeployments,
  listWorkflowVersions,
  type WorkflowVersion,
} from '../workflow/store.ts';
import { noWorkflow } from '../workflow/versions/worker.ts';
import type { Routes } from './deps.ts';
import { actorOf } from './security.ts';
import { closed, Json, Name, Next, nullable, problems, RefText, shown, Time, text } from './wire.ts';

const VersionText = Type.String({ description: 'content hash, SHA-256 hex' });
const VersionDigits = Type.String({
  pattern: '^[0-9a-f]{6,64}$',
  description: 'a version, or the first digits (6 or more) that only it has',
});
const Reason = text(limits.noteCharsMax);
const Kind = Type.Enum(['up', 'deploy', 'rollback'], {
  description:
    '`up`: from the files of the server’s folder; `deploy`: sent; `rollback`: a stored version again',
});

const Version = closed({
  version: VersionText,
  deployed_at: Time,
  deployed_by: Type.String(),
  active: Type.Boolean(),
  open_tickets: Type.Integer({ description: 'that go by it and are not settled' }),
});

export const Workflow = closed({
  name: Type.String(),
  summary: Type.String(),
  version: VersionText,
  kind: nullable(Kind),
  deployed_at: nullable(Time),
  deployed_by: nullable(Type.String()),
  reason: nullable(Type.String()),
  folder_version: nullable(
    Type.String({
      description: 'what the folder has; another than `version`: that one holds until the files change',
    }),
  ),
  owner: RefText,
  alternate: RefText,
  source: Type.String(),
  handoffs: Type.Array(closed({ id: Type.String(), destination: Type.String() })),
  root_causes: Type.Array(Type.String(), { description: 'what a resolved exception may name as its cause' }),
  versions: Type.Array(Version, {
    description: `newest first: the last ${limits.workflowVersionsListed}, and all that have open tickets`,
  }),
});

const DeploymentRow = closed({
  id: Type.Integer(),
  version: nullable(VersionText),
  replaced: nullable(Type.String({ description: 'what was in force until then' })),
  kind: Kind,
  deployed_at: Time,
  deployed_by: Type.String(),
  reason: Type.String(),
});

export const WorkflowHistory = closed({
  workflow: Type.String(),
  versions: Type.Array(Version),
  deployments: Type.Array(DeploymentRow, { description: 'newest first' }),
  next: Next,
});

const Breaking = nullable(
  Type.Boolean({ description: 'whether a payload that was taken is refused now; null: not certain' }),
);

export const DifferenceRow = closed({
  kind: Type.String(),
  path: Type.String({ description: 'as in the workflow file, or the field of the payload' }),
  before: Json,
  after: Json,
  words: Type.String(),
  breaking: Breaking,
});

export const WorkflowDifference = closed({
  workflow: Type.String(),
  from: VersionText,
  to: VersionText,
  breaking: Breaking,
  differences: Type.Array(DifferenceRow),
});

export const DeployedWorkflow = closed({
  workflow: Type.String(),
  from: nullable(VersionText),
  to: VersionText,
  changed: Type.Boolean(),
  breaking: Breaking,
  differences: Type.Array(DifferenceRow),
});

const DeploymentBody = closed({
  workflows: Type.Array(
    closed({
      bundle: Type.String({
        minLength: 2,
        description: 'the workflow and what it refers to, as canonical JSON',
      }),
      from: Type.Optional(
        nullable(Type.String({ description: 'the version that is in force as you know it; null: none' })),
      ),
    }),
    { minItems: 1, maxItems: limits.workflowsMax },
  ),
  reason: Reason,
  dry_run: Type.Optional(Type.Boolean({ description: 'say what would change, and change nothing' })),
});

/** /api/workflows… and /api/deployments: which version counts, since when, who made it so and why. */
export const workflowRoutes: Routes = async (app, { deps }) => {
  const { shell, workflows } = deps;

  app.get(
    '/workflows',
    {
      schema: {
        operationId: 'listWorkflows',
        summary: 'Workflows in force, with their versions',
        tags: ['project'],
        response: { 200: closed({ workflows: Type.Array(Workflow) }), ...problems(401, 403, 500) },
      },
    },
    async () => {
      const { last, offered } = await currentDeployments(shell.db);
      const rows = await listWorkflowVersions(shell.db, null, limits.workflowVersionsListed);
      const versions = Map.groupBy(rows, (row) => row.workflow);
      const shownWorkflows = [...shell.project().workflows.values()].map((workflow) => {
        const deployment = last.get(workflow.name);
        return {
          name: workflow.name,
          summary: workflow.summary,
          version: workflow.version,
          kind: deployment?.kind ?? null,
          deployed_at: deployment?.deployed_at.toISOString() ?? null,
          deployed_by: deployment?.deployed_by ?? null,
          reason: deployment?.reason ?? null,
          folder_version: offered.get(workflow.name) ?? null,
          owner: workflow.owner,
          alternate: workflow.alternate,
          source: workflow.trigger.source,
          handoffs: workflow.handoffs.map(({ id, destination }) => ({ id, destination })),
          root_causes: [...workflow.exceptions.rootCauses],
          versions: (versions.get(workflow.name) ?? []).map(shownVersion),
        };
      });
      return { workflows: shownWorkflows };
    },
  );

  app.get(
    '/workflows/:name/versions',
    {
      schema: {
        operationId: 'listWorkflowVersions',
        summary: 'The history of a workflow: its versions, and who put which in force when and why',
        tags: ['project'],
        params: closed({ name: Name }),
        querystring: closed({
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.pageRowsMax, default: 50 })),
          after: Type.Optional(
            Type.String({ pattern: '^[0-9]{1,15}$', description: '`next` of the page before' }),
          ),
        }),
        response: {
          200: WorkflowHistory,
          ...problems(400, 401, 403, 404, 500),
        },
      },
    },
    async ({ params: { name }, query: { limit = 50, after } }) => {
      const rows = await listDeployments(
        shell.db,
        name,
        limit + 1,
        after === undefined ? null : Number(after),
      );
      if (rows.length === 0 && after === undefined) throw noWorkflow(name);
      const page = rows.slice(0, limit);
      return {
        workflow: name,
        versions: (await listWorkflowVersions(shell.db, name, limits.workflowVersionsListed)).map(
          shownVersion,
        ),
        deployments: page.map((row) => shown(DeploymentRow, row)),
        next: rows.length > limit ? String(page.at(-1)?.id ?? '') : null,
      };
    },
  );

  app.get(
    '/workflows/:name/difference',
    {
      schema: {
        operationId: 'compareWorkflowVersions',
        summary: 'In what two versions of a workflow differ, in words',
        description: 'Without `from` and `to`: what is in force with what was before it.',
        tags: ['project'],
        params: closed({ name: Name }),
        querystring: closed({ from: Type.Optional(VersionDigits), to: Type.Optional(VersionDigits) }),
        response: {
          200: WorkflowDifference,
          ...problems(400, 401, 403, 404, 409, 500),
        },
      },
    },
    async ({ params: { name }, query: { from = null, to = null } }) => {
      const { differences, ...versions } = await storedDifference(shell.db, name, { from, to });
      const breaking = breakingOf(differences);
      return { workflow: name, ...versions, breaking, differences: [...differences] };
    },
  );

  app.post(
    '/deployments',
    {
      bodyLimit: limits.deploymentBytesMax,
      schema: {
        operationId: 'deployWorkflows',
        summary: 'Puts workflows in force, all or none',
        description:
          'Each is compiled here first: people, teams, sources and destinations are those of this server’s signalbox.yaml. Tickets in flight stay on their version.',
        tags: ['project'],
        body: DeploymentBody,
        response: {
          200: closed({ deployed: Type.Boolean(), workflows: Type.Array(DeployedWorkflow) }),
          ...problems(400, 401, 403, 409, 413, 415, 422, 500),
        },
      },
    },
    async (request) => {
      const { workflows: sent, reason, dry_run: dryRun = false } = request.body;
      const order = { by: actorOf(request, shell.project()), reason, dryRun };
      const deployed = await workflows.deploy(sent, order);
      return { deployed: !dryRun, workflows: deployed.map(shownDeployed) };
    },
  );

  app.post(
    '/workflows/:name/rollback',
    {
      schema: {
        operationId: 'rollBackWorkflow',
        summary: 'Puts a stored version in force again',
        description:
          'Without `version`: the one that was in force before. It holds until the files of the workflow change, or another is deployed.',
        tags: ['project'],
        params: closed({ name: Name }),
        body: closed({
          version: Type.Optional(VersionDigits),
          reason: Reason,
          dry_run: Type.Optional(Type.Boolean()),
        }),
        response: {
          200: closed({ deployed: Type.Boolean(), workflows: Type.Array(DeployedWorkflow) }),
          ...problems(400, 401, 403, 404, 409, 415, 422, 500),
        },
      },
    },
    async (request) => {
      const { version = null, reason, dry_run: dryRun = false } = request.body;
      const order = { by: actorOf(request, shell.project()), reason, dryRun };
      const deployed = await workflows.rollBack(request.params.name, version, order);
      return { deployed: !dryRun, workflows: [shownDeployed(deployed)] };
    },
  );
};

function shownVersion(row: WorkflowVersion): Static<typeof Version> {
  const { version, deployedAt, deployedBy, active, openTickets } = row;
  return {
    version,
    deployed_at: deployedAt.toISOString(),
    deployed_by: deployedBy,
    active,
    open_tickets: openTickets,
  };
}

function shownDeployed({
  workflow,
  from,
  to,
  breaking,
  differences,
}: Deployed): Static<typeof DeployedWorkflow> {
  return { workflow, from, to, changed: from !== to, breaking, differences: [...differences] };
}
