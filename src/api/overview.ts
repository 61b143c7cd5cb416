import { Type } from 'typebox';
import { listApprovals } from '../approval/store.ts';
import { openByPerson, openByWorkflow } from '../exceptions/queue/store.ts';
import { awayAt, reachable } from '../exceptions/reach.ts';
import { limits } from '../limits.ts';
import { listConfirmations } from '../outcome/confirmation/store.ts';
import { findPolls } from '../poll/store.ts';
import { countWindow } from '../ticket/window/store.ts';
import { destinationsOf } from '../workflow/destinations-of.ts';
import type { Person, Project } from '../workflow/project.ts';
import { withPolicy } from './approvals.ts';
import type { Routes } from './deps.ts';
import { closed, Format, nullable, problems, RefText } from './wire.ts';

const Day = Type.String({ format: 'date', description: 'a day of UTC' });
const Away = closed({
  from: Day,
  until: Day,
  cover: nullable(Type.String({ ...RefText, description: 'who has their work meanwhile; null: nobody' })),
});

const Answerable = closed({
  ref: RefText,
  kind: Type.Enum(['person', 'team']),
  name: Type.String(),
  email: nullable(Type.String()),
  members: Type.Array(RefText),
  teams: Type.Array(RefText),
  workflows: Type.Array(Type.String(), { description: 'whose owner or alternate they are' }),
  sources: Type.Array(Type.String(), { description: 'that they own' }),
  exceptions_open: Type.Integer({ description: 'that wait for them to be claimed' }),
  exceptions_claimed: Type.Integer(),
  exceptions_late: Type.Integer(),
  approvals: Type.Integer({ description: 'that wait for their yes or no' }),
  outcomes: Type.Integer({ description: 'that wait for their word' }),
  reachable: Type.Boolean({
    description: 'has an address and is here or covered; of a team: one of its members is',
  }),
  away: nullable(Away),
  absences: Type.Array(Away, { description: 'now and later' }),
});

const Chain = closed({
  workflow: Type.String(),
  summary: Type.String(),
  source: Type.String(),
  destinations: Type.Array(Type.String()),
  owner: RefText,
  alternate: RefText,
  last_seen_at: nullable(Type.String({ format: 'date-time', description: 'the last ticket of the window' })),
  expected_every_ms: nullable(Type.Integer()),
  received: Type.Integer({ description: 'tickets of the window' }),
  done: Type.Integer(),
  stopped: Type.Integer({ description: 'of these, those in exception or triage now' }),
  exceptions_open: Type.Integer({ description: 'not resolved, however old' }),
  health: Type.Enum(['good', 'quiet', 'silent', 'failing'], {
    description:
      'failing: a tenth of the window or more stands still, or its poll fails; silent: longer than is expected; quiet: nothing came',
  }),
});

/** GET /api/people, /api/inventory: who answers for what, and what the house consists of. */
export const overviewRoutes: Routes = async (app, { deps }) => {
  const { shell } = deps;

  app.get(
    '/people',
    {
      schema: {
        operationId: 'listPeople',
        summary: 'Persons and teams: what each answers for, and what each has open',
        tags: ['people'],
        querystring: closed({ format: Format }),
        response: { 200: closed({ people: Type.Array(Answerable) }), ...problems(400, 401, 403, 500) },
      },
    },
    async () => {
      const project = shell.project();
      const now = shell.clock.now();
      const today = now.toISOString().slice(0, 10);
      const reached: ReadonlySet<string> = reachable(project, now);
      const [counts, approvals, outcomes] = await Promise.all([
        openByPerson(shell.db, now),
        listApprovals(shell.db),
        listConfirmations(shell.db),
      ]);
      const asked = approvals.map((row) => withPolicy(row).responsible);
      const open = new Map(counts.map((count) => [count.ref, count]));
      const withCounts = (ref: string) => ({
        ...ownedBy(project, ref),
        exceptions_open: open.get(ref)?.open ?? 0,
        exceptions_claimed: open.get(ref)?.claimed ?? 0,
        exceptions_late: open.get(ref)?.late ?? 0,
        approvals: asked.filter((responsible) => responsible === ref).length,
        outcomes: outcomes.filter(({ by }) => by === ref).length,
        reachable: reached.has(ref),
      });
      const teams = [...project.teams.values()];
      return {
        people: [
          ...[...project.people.values()].map(({ key, name, email, away }) => ({
            ref: `person:${key}`,
            kind: 'person' as const,
            name,
            email,
            members: [],
            teams: teams.filter(({ members }) => members.includes(key)).map((team) => `team:${team.key}`),
            ...withCounts(`person:${key}`),
            away: shownAway(awayAt({ key, name, email, away }, now)),
            absences: away.filter(({ until }) => until >= today).map((each) => ({ ...each })),
          })),
          ...teams.map(({ key, name, members }) => ({
            ref: `team:${key}`,
            kind: 'team' as const,
            name,
            email: null,
            members: members.map((member) => `person:${member}`),
            teams: [],
            ...withCounts(`team:${key}`),
            away: null,
            absences: [],
          })),
        ],
      };
    },
  );

  app.get(
    '/inventory',
    {
      schema: {
        operationId: 'getInventory',
        summary: 'All chains from source over workflow to destinations, the brittle ones first',
        description: `Counts are of the last 24 hours, at most the newest ${limits.windowTicketsMax} tickets.`,
        tags: ['project'],
        querystring: closed({ format: Format }),
        response: { 200: closed({ chains: Type.Array(Chain) }), ...problems(400, 401, 403, 500) },
      },
    },
    async () => {
      const now = shell.clock.now();
      const project = shell.project();
      const [counts, open, polls] = await Promise.all([
        countWindow(shell.db, new Date(now.getTime() - 86_400_000), limits.windowTicketsMax),
        openByWorkflow(shell.db, null),
        findPolls(shell.db, [...project.sources.keys()]),
      ]);
      const failing = new Set(
        polls.filter(({ failures }) => failures >= limits.pollFailuresTold).map(({ source }) => source),
      );
      const chains = [...project.workflows.values()].map((workflow) => {
        const own = counts.filter((count) => count.workflow === workflow.name);
        const sum = (...states: string[]) =>
          own.filter(({ state }) => states.includes(state)).reduce((total, { count }) => total + count, 0);
        const last = own.reduce<Date | null>(
          (latest, { last_received_at: at }) => (latest === null || at > latest ? at : latest),
          null,
        );
        const received = own.reduce((total, { count }) => total + count, 0);
        const stopped = sum('exception', 'triage');
        const everyMs = workflow.trigger.expectEveryMs ?? null;
        const silentMs = last === null ? 86_400_000 : now.getTime() - last.getTime();
        const health =
          failing.has(workflow.trigger.source) || (stopped > 0 && stopped * 10 >= received)
            ? ('failing' as const)
            : everyMs !== null && silentMs > everyMs
              ? ('silent' as const)
              : received === 0
                ? ('quiet' as const)
                : ('good' as const);
        return {
          workflow: workflow.name,
          summary: workflow.summary,
          source: workflow.trigger.source,
          destinations: [...destinationsOf(workflow)],
          owner: workflow.owner,
          alternate: workflow.alternate,
          last_seen_at: last?.toISOString() ?? null,
          expected_every_ms: everyMs,
          received,
          done: sum('done'),
          stopped,
          exceptions_open: open
            .filter((row) => row.workflow === workflow.name)
            .reduce((total, { count }) => total + count, 0),
          health,
        };
      });
      return {
        chains: chains.toSorted(
          (a, b) =>
            brittleness.indexOf(a.health) - brittleness.indexOf(b.health) ||
            b.exceptions_open - a.exceptions_open ||
            a.workflow.localeCompare(b.workflow),
        ),
      };
    },
  );
};

const brittleness = ['failing', 'silent', 'good', 'quiet'];

function shownAway(away: Person['away'][number] | null) {
  return away === null ? null : { ...away };
}

function ownedBy(project: Project, ref: string) {
  const workflows = [...project.workflows.values()].filter(
    ({ owner, alternate }) => owner === ref || alternate === ref,
  );
  const sources = [...project.sources.values()].filter(({ owner }) => owner === ref);
  return { workflows: workflows.map(({ name }) => name), sources: sources.map(({ key }) => key) };
}
