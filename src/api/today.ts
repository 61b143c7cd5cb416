import { Type } from 'typebox';
import { refsOf } from '../account/account.ts';
import { listApprovals } from '../approval/store.ts';
import { countQueue } from '../exceptions/queue/store.ts';
import { listExceptions } from '../exceptions/store.ts';
import { limits } from '../limits.ts';
import { listConfirmations } from '../outcome/confirmation/store.ts';
import { countWindow } from '../ticket/window/store.ts';
import { WaitingApproval, withPolicy } from './approvals.ts';
import type { Routes } from './deps.ts';
import { ListedException, shownException } from './exceptions.ts';
import { shownList, WaitingConfirmation } from './outcomes.ts';
import { closed, problems, RefText, shown, Time } from './wire.ts';

const Counts = closed({
  exceptions: Type.Integer(),
  approvals: Type.Integer(),
  outcomes: Type.Integer(),
});

/** GET /api/today: what waits for who asks, what is late, what came since. */
export const todayRoutes: Routes = async (app, { deps }) => {
  const { shell } = deps;
  app.get(
    '/today',
    {
      schema: {
        operationId: 'getToday',
        summary: 'What waits for you and your teams, what is late, and what came since a time',
        description: `With a key that is nobody’s: what waits for anybody. Lists hold the ${limits.todayRowsMax} most urgent.`,
        tags: ['people'],
        querystring: closed({
          since: Type.Optional(
            Type.String({ format: 'date-time', description: 'default 24 hours ago; at most 7 days' }),
          ),
        }),
        response: {
          200: closed({
            at: Time,
            since: Time,
            answers_as: Type.Array(RefText, { description: 'empty: anybody' }),
            mine: closed({
              exceptions: Type.Array(ListedException),
              approvals: Type.Array(WaitingApproval),
              outcomes: Type.Array(WaitingConfirmation),
            }),
            waiting: Counts,
            late: Counts,
            received: Type.Array(closed({ state: Type.String(), tickets: Type.Integer() }), {
              description: `tickets since, by what they are now; of the newest ${limits.windowTicketsMax}`,
            }),
          }),
          ...problems(400, 401, 403, 500),
        },
      },
    },
    async ({ query, caller }) => {
      const now = shell.clock.now();
      const earliest = now.getTime() - limits.windowMs;
      const wished = query.since === undefined ? now.getTime() - 86_400_000 : Date.parse(query.since);
      const since = new Date(Math.min(now.getTime(), Math.max(earliest, wished)));
      const person = caller?.person ?? null;
      const refs: readonly string[] = person === null ? [] : refsOf(shell.project(), person);
      const [{ rows }, counts, approvals, outcomes, received] = await Promise.all([
        listExceptions(shell.db, {
          limit: limits.todayRowsMax,
          ...(person !== null && { mine: { refs, person: `person:${person}` } }),
        }),
        countQueue(shell.db, {}, now),
        listApprovals(shell.db),
        listConfirmations(shell.db),
        countWindow(shell.db, since, limits.windowTicketsMax),
      ]);
      const isOwn = (ref: string) => person === null || refs.includes(ref);
      const asked = approvals.map((row) => withPolicy(row));
      // Until it is decided, who was asked first may still answer.
      const own = asked.filter(({ by, responsible }) => isOwn(by) || isOwn(responsible));
      const toConfirm = outcomes.filter(({ by }) => isOwn(by));
      const isLate = ({ due_at }: { readonly due_at: Date }) => due_at < now;
      const all = counts.find(({ by }) => by === 'all');
      const byState = Map.groupBy(received, ({ state }) => state);
      return {
        at: now.toISOString(),
        since: since.toISOString(),
        answers_as: [...refs],
        mine: {
          exceptions: rows.map((row) => ({
            ...shownException(row),
            workflow: row.workflow,
            source: row.source,
          })),
          approvals: own.slice(0, limits.todayRowsMax).map((row) => shown(WaitingApproval, row)),
          outcomes: toConfirm
            .slice(0, limits.todayRowsMax)
            .map((row) => shown(WaitingConfirmation, shownList(row))),
        },
        waiting: {
          exceptions: all?.count ?? 0,
          approvals: approvals.length,
          outcomes: outcomes.length,
        },
        late: {
          exceptions: all?.late ?? 0,
          approvals: approvals.filter(isLate).length,
          outcomes: outcomes.filter(isLate).length,
        },
        received: [...byState].map(([state, of]) => ({
          state,
          tickets: of.reduce((sum, { count }) => sum + count, 0),
        })),
      };
    },
  );
};
