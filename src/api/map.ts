import { Type } from 'typebox';
import { AppError } from '../errors.ts';
import { type FailureMode, failureModes } from '../exceptions/exception.ts';
import { openByWorkflow } from '../exceptions/queue/store.ts';
import { underwayByHandoff } from '../handoff/figures/store.ts';
import { readCircuits } from '../handoff/pace/store.ts';
import { limits } from '../limits.ts';
import { countStopped } from '../ticket/window/store.ts';
import type { CompiledWorkflow } from '../workflow/workflow.ts';
import type { Routes } from './deps.ts';
import { closed, Name, nullable, problems, RefText, Time } from './wire.ts';

/** The rungs of the ladder with what stops a ticket there. */
const rungs = [
  ['contract', ['unparseable', 'contract_violation']],
  ['dedupe', ['conflicting_duplicate']],
  ['transform', ['transform_failed']],
  ['checks', ['check_failed']],
  ['routing', ['no_route', 'low_confidence', 'ambiguous']],
  ['approval', ['refused', 'approval_overdue']],
  ['handoff', ['rejected', 'attempts_exhausted', 'destination_contract_violation']],
  ['outcome', ['unconfirmed', 'contradicted']],
] as const satisfies readonly (readonly [string, readonly FailureMode[]])[];

const Count = closed({ mode: Type.Enum([...failureModes]), count: Type.Integer() });

const MapHandoff = closed({
  id: Type.String(),
  destination: Type.String(),
  destination_state: Type.Enum(['closed', 'open', 'recovering', 'paused'], {
    description: 'as GET /api/destinations has it',
  }),
  approval_by: nullable(RefText),
  awaiting_approval: Type.Integer({ description: 'now, however old; so are the next three' }),
  waiting: Type.Integer({ description: 'for the outcome of another handoff' }),
  sending: Type.Integer({ description: 'for their time or for room, or under way' }),
  confirming: Type.Integer(),
});

/** GET /api/workflows/{name}/map: the ladder with live counts. */
export const mapRoutes: Routes = async (app, { deps }) => {
  const { shell } = deps;
  app.get(
    '/workflows/:name/map',
    {
      schema: {
        operationId: 'getWorkflowMap',
        summary: 'The rungs of a workflow with what reached each and what stopped there',
        description: `Tickets of the window, at most the newest ${limits.windowTicketsMax}, by what first stopped them; \`open\` counts what is not resolved, however old.`,
        tags: ['project'],
        params: closed({ name: Name }),
        querystring: closed({
          since: Type.Optional(
            Type.String({ format: 'date-time', description: 'default 24 hours ago; at most 7 days' }),
          ),
        }),
        response: {
          200: closed({
            workflow: Type.String(),
            summary: Type.String(),
            version: Type.String(),
            owner: RefText,
            alternate: RefText,
            source: Type.String(),
            routes: Type.Array(RefText, { description: 'to whom its rules send' }),
            handoffs: Type.Array(MapHandoff),
            since: Time,
            received: Type.Integer(),
            rungs: Type.Array(
              closed({
                rung: Type.String(),
                reached: Type.Integer({ description: 'that nothing before it has stopped' }),
                owners: Type.Array(RefText, { description: 'on whom what stops here is' }),
                stopped: Type.Array(Count),
                open: Type.Array(Count),
              }),
            ),
            underway: Type.Integer({ description: 'in handoff, and not stopped' }),
            done: Type.Integer({ description: 'done, and never stopped' }),
          }),
          ...problems(400, 401, 403, 404, 500),
        },
      },
    },
    async ({ params, query }) => {
      const workflow = shell.project().workflows.get(params.name);
      if (workflow === undefined) throw new AppError('not_found', `There is no workflow "${params.name}".`);
      const now = shell.clock.now().getTime();
      const asked = query.since === undefined ? now - 86_400_000 : Date.parse(query.since);
      const since = new Date(Math.min(now, Math.max(now - limits.windowMs, asked)));
      const [counts, open, underway, circuits] = await Promise.all([
        countStopped(shell.db, workflow.name, since, limits.windowTicketsMax),
        openByWorkflow(shell.db, workflow.name),
        underwayByHandoff(shell.db, workflow.name),
        readCircuits(shell.db),
      ]);
      const total = (rows: readonly { count: number }[]) => rows.reduce((sum, { count }) => sum + count, 0);
      const of = (
        rows: readonly { mode: FailureMode | null; count: number }[],
        modes: readonly FailureMode[],
      ) =>
        modes.flatMap((mode) => {
          const count = total(rows.filter((row) => row.mode === mode));
          return count === 0 ? [] : [{ mode, count }];
        });
      let reached = total(counts);
      const shownRungs = rungs.map(([rung, modes]) => {
        const stopped = of(counts, modes);
        const at = { rung, reached, owners: ownersOf(workflow, modes), stopped, open: of(open, modes) };
        reached -= total(stopped);
        return at;
      });
      const never = counts.filter(({ mode }) => mode === null);
      return {
        workflow: workflow.name,
        summary: workflow.summary,
        version: workflow.version,
        owner: workflow.owner,
        alternate: workflow.alternate,
        source: workflow.trigger.source,
        routes: [...new Set(workflow.routes.rules.map(({ to }) => to))],
        handoffs: workflow.handoffs.map(({ id, destination, approval }) => {
          const now = (...states: string[]) =>
            total(underway.filter((row) => row.handoff === id && states.includes(row.state)));
          return {
            id,
            destination,
            destination_state: circuits.get(destination)?.circuit.state ?? ('closed' as const),
            approval_by: approval?.by ?? null,
            awaiting_approval: now('awaiting_approval'),
            waiting: now('waiting'),
            sending: now('ready', 'attempting'),
            confirming: now('confirming'),
          };
        }),
        since: since.toISOString(),
        received: total(counts),
        rungs: shownRungs,
        underway: total(never.filter(({ state }) => state === 'handoff')),
        done: total(never.filter(({ state }) => state === 'done')),
      };
    },
  );
};

/** Who gets the exceptions of some modes: by the policy, and what it says of each. */
function ownersOf({ exceptions }: CompiledWorkflow, modes: readonly FailureMode[]) {
  return [...new Set(modes.map((mode) => exceptions.on[mode]?.owner ?? exceptions.owner))];
}
