import { type Static, Type } from 'typebox';
import { inTurns } from '../cli/import-records.ts';
import { rowsIn } from '../cli/import-rows.ts';
import { addsUp, unaccountedOf } from '../detection/account/account.ts';
import { accountOf } from '../detection/account/store.ts';
import { accountDetector } from '../detection/account/worker.ts';
import type { Report } from '../detection/reconciliation/report.ts';
import { findRuns } from '../detection/reconciliation/store.ts';
import type { RunRow } from '../detection/reconciliation/tables.ts';
import { listsOf, targetsOf } from '../detection/reconciliation/worker.ts';
import { listRounds } from '../detection/round/store.ts';
import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import { earliest, plusMs } from '../platform/instant.ts';
import type { ApiDeps, Routes } from './deps.ts';
import { closed, nullable, problems, TicketId, Time } from './wire.ts';

const Count = Type.Integer({ minimum: 0 });

const counts = {
  listed: Count,
  missing: Type.Integer({ description: 'never came; taken, but for a dry run or where that was refused' }),
  back_filled: Count,
  differing: Type.Integer({ description: 'here with other content' }),
  waiting: Type.Integer({ description: 'not here, and perhaps only late' }),
  unidentified: Type.Integer({ description: 'in which no identity is' }),
  unlisted: nullable(
    Type.Integer({ description: 'ours of that time that the list does not have; null: that cannot be said' }),
  ),
};

const TimeWindow = closed({ from: Time, until: Time });

export const ReconciliationReport = closed({
  source: Type.String(),
  kind: Type.Enum(['list', 'file']),
  dry_run: Type.Boolean(),
  end: Type.Enum(['caught_up', 'more', 'busy', 'interrupted', 'taken_over', 'failed'], {
    description:
      'caught_up: compared to its end; more: the same request goes on; busy: nothing more was taken; interrupted: the server is stopping; taken_over: another node goes on with it',
  }),
  error: nullable(Type.String({ description: 'why it failed, one sentence' })),
  notes: Type.Array(Type.String()),
  window: nullable(TimeWindow),
  ...counts,
  rejected: Type.Array(closed({ line: Count, reason: Type.String() }), {
    description: 'lines of a file that hold no trigger, the first 20',
  }),
  unlike: Type.Array(
    closed({
      identity: Type.String(),
      verdict: Type.Enum(['missing', 'differs']),
      became: nullable(
        Type.Enum(['made', 'revised', 'joined', 'told'], {
          description:
            'made: a ticket; revised: its ticket took it; joined: its ticket has what is newer; told: only reported',
        }),
      ),
      ticket: nullable(TicketId),
      made_at: nullable(Time),
    }),
    { description: `what is not as it should be, the first ${limits.pageRowsMax}` },
  ),
});

export type ReconciliationReportJson = Static<typeof ReconciliationReport>;

const Comparison = closed({
  kind: Type.Enum(['list', 'file', 'target']),
  subject: Type.String({ description: 'the source, or the destination' }),
  every_ms: nullable(Type.Integer({ description: 'null: on demand alone' })),
  under_way: Type.Boolean(),
  window: nullable(TimeWindow),
  ...counts,
  started_at: nullable(Time),
  succeeded_at: nullable(Time),
  failures: Type.Integer({ description: 'in a row' }),
  error: nullable(Type.String({ description: 'of the last one' })),
  due_at: nullable(Time),
});

export type ComparisonJson = Static<typeof Comparison>;

const AccountRow = closed({
  workflow: Type.String(),
  source: Type.String(),
  received: Type.Integer({ description: 'triggers, by the entries' }),
  done: Count,
  joined: Type.Integer({ description: 'to an earlier ticket' }),
  revised: Type.Integer({ description: 'newer content that an earlier ticket took' }),
  refused: Type.Integer({ description: 'at the door, or discarded by a person' }),
  in_flight: Count,
  in_exception: Count,
  unaccounted: Type.Integer({ description: 'received, less all the others: 0' }),
  torn: Type.Integer({ description: 'tickets that do not agree with their entries: 0' }),
});

const account = { from: Time, until: Time, adds_up: Type.Boolean(), accounts: Type.Array(AccountRow) };

const AccountOfTime = closed(account);

type AccountJson = Static<typeof AccountOfTime>;

const Inside = closed({
  ...account,
  succeeded_at: nullable(
    Type.String({
      format: 'date-time',
      description: 'when the hours were last accounted for by the schedule',
    }),
  ),
  error: nullable(Type.String({ description: 'of the last time' })),
});

export type InsideJson = Static<typeof Inside>;

const AccountQuery = closed({
  from: Type.Optional(Type.String({ format: 'date-time', description: 'default: a day before `to`' })),
  to: Type.Optional(Type.String({ format: 'date-time', description: 'default: now' })),
});

const Asked = closed({
  dry_run: Type.Optional(Type.Boolean({ default: false, description: 'tells, and stores nothing' })),
  trust: Type.Optional(
    Type.Boolean({
      default: false,
      description: 'take what is missing though nothing of the list is among our tickets',
    }),
  ),
  since: Type.Optional(
    Type.String({ format: 'date-time', description: 'compare from here on, instead of the window' }),
  ),
});

const FileQuery = closed({
  dry_run: Type.Optional(Type.Boolean({ default: false })),
  trust: Type.Optional(Type.Boolean({ default: false })),
  types: Type.Optional(
    Type.Boolean({
      default: false,
      description: 'CSV: numbers, true, false and null are what they say; empty cells are left out',
    }),
  ),
  delimiter: Type.Optional(
    Type.String({ minLength: 1, maxLength: 1, default: ',', description: 'CSV: between cells' }),
  ),
});

/** GET /api/reconciliations, POST /api/reconciliations/{source}: what others have against what we have. */
export const reconciliationRoutes: Routes = async (app, { deps }) => {
  for (const type of fileTypes) {
    app.addContentTypeParser(
      type,
      { parseAs: 'buffer', bodyLimit: limits.reconciliationFileBytesMax },
      (_, body, done) => done(null, body),
    );
  }

  app.get(
    '/reconciliations',
    {
      schema: {
        operationId: 'listReconciliations',
        summary: 'What is compared with what others hold, when each last succeeded, and what differed',
        tags: ['reconciliation'],
        response: {
          200: closed({ reconciliations: Type.Array(Comparison), inside: Inside }),
          ...problems(401, 403, 500),
        },
      },
    },
    async () => {
      const until = settledNow(deps);
      const rounds = await listRounds(deps.shell.db);
      const round = rounds.find(({ name }) => name === accountDetector.name);
      const inside = {
        ...(await accountIn(deps, plusMs(until, -dayMs), until)),
        succeeded_at: round?.succeeded_at?.toISOString() ?? null,
        error: round?.error ?? null,
      };
      return { reconciliations: await comparisons(deps), inside };
    },
  );

  app.get(
    '/reconciliations/account',
    {
      schema: {
        operationId: 'accountInside',
        summary: 'What was received against where it stands, by hour, workflow and source',
        description: `Hours as they begin in UTC, at most ${limits.accountShownHoursMax} of them; of what is committed at this moment the last ${limits.driftSettleMs / 1000} s are left out.`,
        tags: ['reconciliation'],
        querystring: AccountQuery,
        response: { 200: closed({ hours: Type.Array(AccountOfTime) }), ...problems(400, 401, 403, 500) },
      },
    },
    async ({ query }) => {
      const until = query.to === undefined ? settledNow(deps) : new Date(query.to);
      const from = query.from === undefined ? plusMs(until, -dayMs) : new Date(query.from);
      const hours: AccountJson[] = [];
      for (const [begin, end] of hoursBetween(from, until)) hours.push(await accountIn(deps, begin, end));
      return { hours };
    },
  );

  app.post(
    '/reconciliations/:source',
    {
      bodyLimit: limits.reconciliationFileBytesMax,
      schema: {
        operationId: 'reconcileSource',
        summary: 'Compares a source’s own list, or a file of it, with our tickets now',
        description:
          'With a JSON body its list is read over its API (`reconcile` in signalbox.yaml); with `text/csv` or `application/x-ndjson` the body is the list, a row a trigger, and what is asked stands in the query. What is missing is taken through intake. A long list takes several requests: while `end` is `more`, send it again.',
        tags: ['reconciliation'],
        params: closed({ source: Type.String({ maxLength: 63, format: 'text' }) }),
        querystring: FileQuery,
        body: {
          content: {
            'application/json': { schema: Asked },
            'text/csv': { schema: Type.Unknown() },
            'application/x-ndjson': { schema: Type.Unknown() },
          },
        },
        response: {
          200: ReconciliationReport,
          ...problems(400, 401, 403, 404, 409, 413, 415, 422, 500, 503),
        },
      },
    },
    async ({ params, query, body, headers }) => {
      if (Buffer.isBuffer(body)) {
        const isCsv = headers['content-type']?.startsWith('text/csv') === true;
        return await compareFile(deps, params.source, body, { ...query, format: isCsv ? 'csv' : 'ndjson' });
      }
      const { dry_run: dryRun, trust, since } = body as Static<typeof Asked>;
      // Whoever writes it where it stands for a file means it too.
      const asked = { dryRun: dryRun === true || query.dry_run === true, trust: trust === true };
      const at = since === undefined ? null : new Date(since);
      return shownReport(await deps.reconcile.list(params.source, { ...asked, since: at }), []);
    },
  );
};

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Until when all that came has been committed. */
function settledNow({ shell }: ApiDeps): Date {
  return plusMs(shell.clock.now(), -limits.driftSettleMs);
}

async function accountIn({ shell }: ApiDeps, from: Date, until: Date): Promise<AccountJson> {
  const accounts = await accountOf(shell.db, { from, until });
  return {
    ...shownWindow({ from, until }),
    adds_up: accounts.every(addsUp),
    accounts: accounts.map((account) => {
      const { some_tickets: _, ...figures } = account;
      return { ...figures, unaccounted: unaccountedOf(account) };
    }),
  };
}

/** The whole hours of a stretch of time, its ends as they are. Throws AppError for one that is too long. */
function hoursBetween(from: Date, until: Date): [Date, Date][] {
  const hours: [Date, Date][] = [];
  for (let begin = from; begin < until; ) {
    const next = new Date((Math.floor(begin.getTime() / hourMs) + 1) * hourMs);
    hours.push([begin, earliest(next, until) ?? until]);
    begin = next;
    if (hours.length > limits.accountShownHoursMax) {
      throw new AppError('bad_request', `There are more than ${limits.accountShownHoursMax} hours in it.`, {
        help: 'Ask for less at once, with `from` and `to`.',
      });
    }
  }
  return hours;
}

const fileTypes = ['text/csv', 'application/x-ndjson'];

type FileAsked = Static<typeof FileQuery> & { readonly format: 'csv' | 'ndjson' };

async function compareFile(deps: ApiDeps, source: string, bytes: Buffer, asked: FileAsked) {
  const { format, delimiter = ',', types = false } = asked;
  const { rows } = await rowsIn(inTurns(bytes), { format, delimiter, types });
  const elements: unknown[] = [];
  const rejected: { line: number; reason: string }[] = [];
  for await (const { line, body, problem } of rows) {
    // One more than are compared is refused: no more are read for that.
    if (elements.length > limits.reconciliationListedMax) break;
    if (body !== null) elements.push(JSON.parse(body));
    else if (rejected.length < rejectedTold) rejected.push({ line, reason: problem ?? '' });
  }
  const options = { dryRun: asked.dry_run === true, trust: asked.trust === true };
  return shownReport(await deps.reconcile.file(source, elements, options), rejected);
}

/** Lines that are told one by one. */
const rejectedTold = 20;

function shownReport(
  report: Report,
  rejected: ReconciliationReportJson['rejected'],
): ReconciliationReportJson {
  const { dryRun, backFilled, window, unlike, ...same } = report;
  return {
    ...same,
    notes: [...report.notes],
    dry_run: dryRun,
    back_filled: backFilled,
    window: window && shownWindow(window),
    rejected,
    unlike: unlike.map(({ ticketId, madeAt, ...each }) => ({
      ...each,
      ticket: ticketId,
      made_at: madeAt?.toISOString() ?? null,
    })),
  };
}

function shownWindow({ from, until }: { readonly from: Date; readonly until: Date }) {
  return { from: from.toISOString(), until: until.toISOString() };
}

/** What the project compares, also where it has not been yet; and files that were handed in. */
async function comparisons({ shell }: ApiDeps): Promise<ComparisonJson[]> {
  const project = shell.project();
  const rhythms = new Map<string, number>([
    ...[...listsOf(project)].map(([key, { everyMs }]) => [`list ${key}`, everyMs] as const),
    ...[...targetsOf(project)].map(([key, { everyMs }]) => [`target ${key}`, everyMs] as const),
  ]);
  const rows = new Map((await findRuns(shell.db)).map((row) => [`${row.kind} ${row.subject}`, row]));
  const files = [...rows.values()].filter(({ kind }) => kind === 'file');
  return [
    ...[...rhythms].map(([name, everyMs]) => comparison(name, everyMs, rows.get(name))),
    ...files.map((row) => comparison(`file ${row.subject}`, null, row)),
  ];
}

function comparison(name: string, everyMs: number | null, row: RunRow | undefined): ComparisonJson {
  const [kind = '', subject = ''] = name.split(' ');
  const { window_from: from = null, window_until: until = null } = row ?? {};
  return {
    kind: kind as ComparisonJson['kind'],
    subject,
    every_ms: everyMs,
    under_way: (row?.phase ?? 'idle') !== 'idle',
    window: from === null || until === null ? null : shownWindow({ from, until }),
    listed: row?.listed ?? 0,
    missing: row?.missing ?? 0,
    back_filled: row?.back_filled ?? 0,
    differing: row?.differing ?? 0,
    waiting: row?.waiting ?? 0,
    unidentified: row?.unidentified ?? 0,
    unlisted: row?.unlisted ?? null,
    started_at: row?.started_at?.toISOString() ?? null,
    succeeded_at: row?.succeeded_at?.toISOString() ?? null,
    failures: row?.failures ?? 0,
    error: row?.error ?? null,
    due_at: everyMs === null ? null : (row?.due_at.toISOString() ?? null),
  };
}
