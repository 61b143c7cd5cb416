import { AppError } from '../../errors.ts';
import type { HandoffShell } from '../../handoff/worker.ts';
import type { Intake } from '../../intake/worker.ts';
import { workflowOf } from '../../intake/worker.ts';
import { limits } from '../../limits.ts';
import { plusMs } from '../../platform/instant.ts';
import { isDue } from '../../poll/next-poll.ts';
import { leaseEnd } from '../../poll/worker.ts';
import type { Shell } from '../../shell.ts';
import { unreconcilable } from '../../workflow/policy/reconcilable.ts';
import type { Project, ReadAgain, Reconcile } from '../../workflow/project.ts';
import { compare, withinWindow } from './compare.ts';
import { runFile } from './file/worker.ts';
import { type Comparing, type Ended, readingOf, readOnce, runList } from './list/worker.ts';
import { elementsOf } from './listed.ts';
import { foreseen, notesOf, type Report, reportOf } from './report.ts';
import { beginRuns, claimRun, countOurs, findRuns, heldTickets, unlikeListed } from './store.ts';
import { suspicion } from './suspicion.ts';
import type { RunRow } from './tables.ts';
import { runTarget } from './target/worker.ts';
import { runTrouble } from './trouble.ts';
import { windowOf, windowSince } from './window.ts';

/** How a comparison that somebody asked for is made. */
export interface Asked {
  readonly dryRun: boolean;
  /** The list is what it is taken for, though nothing of it is among our tickets. */
  readonly trust: boolean;
  /** From when it is compared, instead of the window; null: the window. Of a list alone. */
  readonly since: Date | null;
}

/** Holds what others have against what we have. Each source and each destination by one node at a time, whichever claims its row. */
export interface Reconciler {
  /** Begins what is due, at most limits.reconciliationsInFlightMax at once, and does not wait for it. Returns how many were begun. */
  sweep(now: Date): Promise<number>;
  /** One stretch of the comparison of a source's list now, due or not. Throws AppError: not_found, unprocessable, or conflict where one is under way. */
  list(source: string, asked: Asked): Promise<Report>;
  /** The same of elements that are handed in. */
  file(source: string, elements: readonly unknown[], asked: Omit<Asked, 'since'>): Promise<Report>;
  /** Resolves when nothing is under way. */
  settled(): Promise<void>;
  /** No further page; resolves when what is under way has ended. What it leaves is due at once, for any node. */
  stop(): Promise<void>;
}

export function createReconciler(shell: HandoffShell, submit: Intake['submit']): Reconciler {
  const underWay = new Set<Promise<unknown>>();
  const stopping = new AbortController();
  const given = { shell, submit, signal: stopping.signal };

  const tracked = <T>(running: Promise<T>): Promise<T> => {
    underWay.add(running);
    void running.finally(() => underWay.delete(running)).catch(() => {});
    return running;
  };

  const claim = async (kind: 'list' | 'file', source: string, until: Date, now: Date): Promise<RunRow> => {
    await beginRuns(shell.db, [{ kind, subject: source }], now);
    const row = stopping.signal.aborted
      ? null
      : await claimRun(shell.db, { kind, subject: source }, until, now);
    if (row !== null) return row;
    throw new AppError('conflict', `The ${kind} of ${source} is being compared at this moment`, {
      help: 'Try it again in a moment; `signalbox reconcile` says how far it is',
    });
  };

  const runOne = async (comparing: Comparing, row: RunRow, asked: Asked): Promise<Report> => {
    const ended = await runList({ ...given, trust: asked.trust }, comparing, row, asked.since);
    return await told(shell, 'list', row.subject, ended);
  };

  return {
    async sweep(now) {
      const lists = readListsOf(shell.project());
      const targets = targetsOf(shell.project());
      const wanted = [
        ...[...lists.keys()].map((subject) => ({ kind: 'list', subject }) as const),
        ...[...targets.keys()].map((subject) => ({ kind: 'target', subject }) as const),
      ];
      if (wanted.length === 0) return 0;
      const rows = await findRuns(shell.db);
      const known = new Set(rows.map(({ kind, subject }) => `${kind} ${subject}`));
      await beginRuns(
        shell.db,
        wanted.filter(({ kind, subject }) => !known.has(`${kind} ${subject}`)),
        now,
      );
      let begun = 0;
      for (const row of rows) {
        if (stopping.signal.aborted || underWay.size >= limits.reconciliationsInFlightMax) break;
        const reconcile = row.kind === 'list' ? lists.get(row.subject) : undefined;
        const readAgain = row.kind === 'target' ? targets.get(row.subject) : undefined;
        const everyMs = reconcile?.everyMs ?? (readAgain && Math.max(readAgain.everyMs, limits.sweepEveryMs));
        if (everyMs === undefined || !isWaiting(row, everyMs, now)) continue;
        const from = reconcile?.from ?? row.subject;
        const claimed = await claimRun(shell.db, row, leaseEnd(shell, { from }, now), now);
        if (claimed === null) continue;
        if (readAgain !== undefined)
          void tracked(runTarget({ shell, signal: stopping.signal }, readAgain, claimed));
        if (reconcile !== undefined) {
          const comparing = { reconcile, workflow: workflowOf(shell, row.subject) };
          void tracked(runOne(comparing, claimed, onSchedule));
        }
        begun += 1;
      }
      return begun;
    },
    async list(source, asked) {
      const comparing = comparingOf(shell, source);
      if (asked.dryRun) return await tryList(shell, source, comparing, asked);
      const now = shell.clock.now();
      const row = await claim('list', source, leaseEnd(shell, comparing.reconcile, now), now);
      return await tracked(runOne(comparing, row, asked));
    },
    async file(source, elements, asked) {
      const handed = handedIn(shell, source, elements);
      const now = shell.clock.now();
      if (asked.dryRun) {
        const settled = plusMs(now, -handed.settleMs);
        return await dryReport(shell, {
          ...handed,
          source,
          kind: 'file',
          window: null,
          settled,
          askedAt: now,
        });
      }
      const row = await claim('file', source, plusMs(now, limits.pollLeaseMs), now);
      const run = runFile({ ...given, trust: asked.trust }, handed, row);
      return await tracked(run.then((ended) => told(shell, 'file', source, ended)));
    },
    async settled() {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
    async stop() {
      stopping.abort();
      await Promise.allSettled(underWay);
    },
  };
}

const onSchedule: Asked = { dryRun: false, trust: false, since: null };

export function listsOf(project: Project): ReadonlyMap<string, Reconcile> {
  const all = [...project.sources].flatMap(([key, { reconcile }]) =>
    reconcile === null ? [] : [[key, reconcile] as const],
  );
  return new Map(all);
}

/** Of sources whose triggers a workflow reads; of the others `signalbox check` tells. */
function readListsOf(project: Project): ReadonlyMap<string, Reconcile> {
  const read = new Set([...project.workflows.values()].map(({ trigger }) => trigger.source));
  return new Map([...listsOf(project)].filter(([source]) => read.has(source)));
}

export function targetsOf(project: Project): ReadonlyMap<string, ReadAgain> {
  const all = [...project.destinations].flatMap(([key, { readAgain }]) =>
    readAgain === null ? [] : [[key, readAgain] as const],
  );
  return new Map(all);
}

/** What is wrong with the comparisons, for `/health/ready`, without what others answered; null: nothing. */
export async function reconciliationsTrouble(shell: Shell): Promise<string | null> {
  const compared = {
    list: readListsOf(shell.project()),
    target: targetsOf(shell.project()),
    file: new Map(),
  };
  const now = shell.clock.now();
  const rows = (await findRuns(shell.db)).filter(({ kind, subject }) => compared[kind].has(subject));
  const troubles = rows.map(({ kind, subject, due_at: dueAt, failures }) =>
    runTrouble(`the ${kind === 'list' ? 'list' : 'records'} of ${subject}`, { dueAt, failures }, now),
  );
  const told = troubles.filter((text) => text !== null);
  return told.length === 0 ? null : `${told.join('; ')} (GET /api/reconciliations says more)`;
}

function isWaiting(row: RunRow, everyMs: number, now: Date): boolean {
  if (row.lease_until !== null && row.lease_until > now) return false;
  const state = {
    dueAt: row.due_at,
    failures: row.failures,
    error: row.error,
    lastSuccessAt: row.succeeded_at,
  };
  return isDue(state, everyMs, now);
}

/** Throws AppError where a source has no list, or one that cannot be compared. */
function comparingOf(shell: Shell, source: string): Comparing {
  const lists = listsOf(shell.project());
  const reconcile = lists.get(source);
  if (reconcile !== undefined) return { reconcile, workflow: reconcilableWorkflow(shell, source) };
  if (!shell.project().sources.has(source)) throw unknownSource(shell.project(), source);
  throw new AppError('not_found', `The source ${source} has no list to compare with`, {
    help: 'Give it `reconcile` in signalbox.yaml, or hand in a file of what it holds: --file list.csv',
  });
}

function reconcilableWorkflow(shell: Shell, source: string) {
  const workflow = workflowOf(shell, source);
  const why = unreconcilable(workflow.trigger);
  if (why === null) return workflow;
  throw new AppError(
    'unprocessable',
    `The tickets of ${workflow.name} cannot be compared with a list: ${why}`,
    {
      help: 'Give the workflow an `identity` of its payload, as `payload.lead_id`',
    },
  );
}

function unknownSource({ sources }: Project, source: string): AppError {
  return new AppError('not_found', `There is no source ${source}`, {
    help: `Sources: ${[...sources.keys()].join(', ')}`,
  });
}

function handedIn(shell: Shell, source: string, elements: readonly unknown[]) {
  const known = shell.project().sources.get(source);
  if (known === undefined) throw unknownSource(shell.project(), source);
  if (elements.length > limits.reconciliationListedMax) {
    throw new AppError('too_large', `The file holds more than ${limits.reconciliationListedMax} triggers`, {
      help: 'Hand it in in parts: what has been compared is not taken twice',
    });
  }
  const workflow = reconcilableWorkflow(shell, source);
  const { reconcile } = known;
  const reading = { source, workflow, at: reconcile?.at ?? null, otherwiseAt: null };
  return { reading, elements, settleMs: reconcile?.settleMs ?? 0 };
}

async function told(shell: Shell, kind: 'list' | 'file', source: string, ended: Ended): Promise<Report> {
  const { row, end } = ended;
  if (end.kind === 'failed') {
    shell.log.warn({ source, failures: row.failures, error: end.text }, 'a comparison failed');
  }
  const unlike = await unlikeListed(shell.db, row, ended.settled, limits.pageRowsMax);
  return reportOf({ kind, source, ...ended, rows: unlike });
}

async function tryList(shell: Shell, source: string, comparing: Comparing, asked: Asked): Promise<Report> {
  const row = (await findRuns(shell.db, 'list')).find(({ subject }) => subject === source);
  const askedAt = shell.clock.now();
  const usual = windowOf(comparing.reconcile, row?.covered_until ?? null, askedAt);
  const window = asked.since === null ? usual : windowSince(usual, asked.since);
  const { end, elements } = await readOnce(shell, comparing.reconcile, window);
  const reading = readingOf(source, comparing, window);
  return await dryReport(shell, {
    source,
    kind: 'list',
    reading,
    elements,
    window,
    settled: window.until,
    askedAt,
    end,
  });
}

interface Tried {
  readonly source: string;
  readonly kind: 'list' | 'file';
  readonly reading: Parameters<typeof elementsOf>[0];
  readonly elements: readonly unknown[];
  readonly window: Report['window'];
  readonly settled: Date;
  readonly askedAt: Date;
  readonly end?: Awaited<ReturnType<typeof readOnce>>['end'];
}

/** What a comparison would find; nothing is stored. */
async function dryReport(shell: Shell, tried: Tried): Promise<Report> {
  const { source, kind, window, settled } = tried;
  const compared = [];
  let unidentified = 0;
  let why: string | null = null;
  // Some at a time, as a comparison that counts: all else that the node does has its turn in between.
  for (let from = 0; from < tried.elements.length; from += limits.groupSizeMax) {
    const slice = tried.elements.slice(from, from + limits.groupSizeMax);
    const some = elementsOf(tried.reading, slice, shell.clock.now());
    unidentified += some.unidentified;
    why ??= some.why;
    const identities = some.listed.map(({ identity }) => identity);
    compared.push(...compare(some.listed, await heldTickets(shell.db, source, identities), tried.askedAt));
  }
  const counts = foreseen(withinWindow(compared, window), settled);
  const nothing = { kind, subject: source, run: -1 };
  const ours = window === null ? null : (await countOurs(shell.db, nothing, window, tried.askedAt)).ours;
  const doubts = suspicion(source, { ...counts, ours });
  const { end = { kind: 'caught_up' } as const } = tried;
  return {
    source,
    kind,
    dryRun: true,
    end: end.kind,
    error: end.kind === 'failed' ? end.text : doubts.refused,
    notes: notesOf(unidentified, why, doubts.unlike),
    window,
    unidentified,
    backFilled: 0,
    unlisted: null,
    listed: counts.listed,
    missing: counts.missing,
    differing: counts.differs,
    waiting: counts.waiting,
    unlike: counts.unlike.slice(0, limits.pageRowsMax),
  };
}
