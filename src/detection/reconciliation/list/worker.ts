import { AppError } from '../../../errors.ts';
import { limits } from '../../../limits.ts';
import type { Page } from '../../../poll/page.ts';
import type { PollEnd, Position, Round } from '../../../poll/poll.ts';
import { askPage, leaseEnd } from '../../../poll/worker.ts';
import type { Shell } from '../../../shell.ts';
import type { Reconcile } from '../../../workflow/project.ts';
import type { CompiledWorkflow } from '../../../workflow/workflow.ts';
import { compare, withinWindow } from '../compare.ts';
import { elementsOf, type Reading } from '../listed.ts';
import { changeRun, heldTickets, keepListed } from '../store.ts';
import type { RunRow } from '../tables.ts';
import { endStretch, type Stretch, type StretchEnd, type Taken, takeListed } from '../taking/worker.ts';
import { type Window, windowOf, windowScope, windowSince } from '../window.ts';

/** What a source's list is compared with. */
export interface Comparing {
  readonly reconcile: Reconcile;
  readonly workflow: CompiledWorkflow;
}

/** How a stretch ended, and the row as it left it. */
export interface Ended {
  readonly end: StretchEnd;
  readonly row: RunRow;
  readonly window: Window | null;
  /** What is younger may still come. */
  readonly settled: Date;
  /** Why the first without an identity has none; null: all have one, or another stretch read it. */
  readonly why: string | null;
  readonly unlike: string | null;
}

/**
 * One stretch of the comparison of a source's list: begins it, or goes on where the last one left it. Reads page after
 * page; the position moves with what a page came to, in one transaction, so that a crash reads a page again and no more.
 * Only when the whole list has been read is anything taken of it. Never rejects: what goes wrong is the end.
 */
export async function runList(
  given: Pick<Stretch, 'shell' | 'submit' | 'signal' | 'trust'>,
  { reconcile, workflow }: Comparing,
  claimed: RunRow,
  sinceAsked: Date | null,
): Promise<Ended> {
  const { shell } = given;
  let row = claimed;
  let stretch: Stretch | null = null;
  let why: string | null = null;
  let taken: Taken = { end: { kind: 'more' }, unlike: null };
  try {
    row = await begun(shell, reconcile, claimed, sinceAsked);
    const window = windowOfRow(row);
    stretch = {
      ...given,
      workflow,
      row,
      settled: window.until,
      window,
      covers: window.from <= windowOf(reconcile, row.covered_until, row.started_at ?? window.until).from,
      leaseEnd: () => leaseEnd(shell, reconcile, shell.clock.now()),
    };
    if (row.phase === 'reading') {
      const read = await readPages(stretch, reconcile);
      why = read.why;
      taken = { end: read.end, unlike: null };
    }
    const isRead = row.phase === 'taking' || taken.end.kind === 'caught_up';
    if (isRead) taken = await takeListed(stretch);
  } catch (error) {
    taken = { end: troubleOf(shell, claimed.subject, error), unlike: null };
  }
  const ended = await settle(shell, stretch, taken.end, reconcile.everyMs, row);
  return {
    end: ended === null ? { kind: 'taken_over' } : taken.end,
    unlike: taken.unlike,
    row: ended ?? row,
    window: stretch?.window ?? null,
    settled: stretch?.settled ?? shell.clock.now(),
    why,
  };
}

/** The row of a run that is under way: a new one, where none is, or where it is of another time than was asked for. */
async function begun(
  shell: Shell,
  reconcile: Reconcile,
  row: RunRow,
  sinceAsked: Date | null,
): Promise<RunRow> {
  if (row.phase !== 'idle' && (sinceAsked === null || isSince(windowOfRow(row), sinceAsked))) return row;
  const now = shell.clock.now();
  const usual = windowOf(reconcile, row.covered_until, now);
  const window = sinceAsked === null ? usual : windowSince(usual, sinceAsked);
  const changed = await changeRun(shell.db, row, {
    run: row.run + 1,
    phase: 'reading',
    position: null,
    window_from: window.from,
    window_until: window.until,
    ...nothingYet,
    started_at: now,
  });
  return changed ?? row;
}

function isSince(window: Window, since: Date): boolean {
  return window.from.getTime() === windowSince(window, since).from.getTime();
}

export const nothingYet = {
  listed: 0,
  missing: 0,
  back_filled: 0,
  differing: 0,
  waiting: 0,
  unidentified: 0,
  unlisted: null,
} as const;

function windowOfRow({ window_from: from, window_until: until }: RunRow): Window {
  if (from === null || until === null) throw new Error('a list that is compared without a window');
  return { from, until };
}

async function readPages(
  stretch: Stretch,
  reconcile: Reconcile,
): Promise<{ readonly end: StretchEnd; readonly why: string | null }> {
  const { shell, signal } = stretch;
  let { row } = stretch;
  let why: string | null = null;
  let isNameless = row.listed === 0;
  for (let pages = 0; pages < reconcile.pagesMax; pages += 1) {
    if (signal.aborted) return { end: { kind: 'interrupted' }, why };
    const position: Position = { cursor: null, round: row.position as Round | null };
    const askedAt = shell.clock.now();
    const given = stretch.window === null ? {} : windowScope(stretch.window);
    const page = await askPage(shell, reconcile, position, signal, given);
    if (page.kind === 'failed') return { end: signal.aborted ? { kind: 'interrupted' } : page, why };
    const kept = await keepPage({ ...stretch, row }, reconcile, page, askedAt);
    if (kept.row === null) return { end: { kind: 'taken_over' }, why };
    why ??= kept.why;
    row = kept.row;
    isNameless &&= kept.isNameless;
    if (row.listed > limits.reconciliationListedMax) return { end: tooLong, why };
    if (row.phase !== 'taking') continue;
    const nothing = isNameless && row.unidentified > 0;
    return { end: nothing ? namelessEnd(why) : { kind: 'caught_up' }, why };
  }
  return { end: { kind: 'more' }, why };
}

const tooLong: PollEnd = {
  kind: 'failed',
  text: `The list holds more than ${limits.reconciliationListedMax} elements: give it a shorter \`lookback\` or a later \`since\`, or parameters that keep to the window`,
  retryAfter: null,
  restart: true,
};

/** A list in which nothing has an identity cannot be compared at all. */
function namelessEnd(why: string | null): PollEnd {
  const text = `No element of the list has an identity: ${why ?? 'it is empty in each'}`;
  return { kind: 'failed', text, retryAfter: null, restart: true };
}

/** Compares a page and keeps what it came to, with the position behind it. A row of null: another has taken over. */
async function keepPage(stretch: Stretch, reconcile: Reconcile, page: Page, askedAt: Date) {
  const { shell, row, workflow, window } = stretch;
  const now = shell.clock.now();
  const reading = readingOf(row.subject, { reconcile, workflow }, window);
  const { listed, unidentified, why } = elementsOf(reading, page.triggers, now);
  const tickets = await heldTickets(
    shell.db,
    row.subject,
    listed.map(({ identity }) => identity),
  );
  const compared = withinWindow(compare(listed, tickets, askedAt), window);
  const { round } = page.position;
  return await shell.db.transaction().execute(async (tx) => {
    const changed = await changeRun(tx, row, {
      phase: round === null ? 'taking' : 'reading',
      position: round,
      listed: row.listed + compared.length,
      unidentified: row.unidentified + unidentified,
      lease_until: stretch.leaseEnd(),
      due_at: stretch.leaseEnd(),
    });
    if (changed !== null) await keepListed(tx, row, compared, now);
    return { row: changed, why, isNameless: listed.length === 0 };
  });
}

/** How the elements of a source's list are read. */
export function readingOf(
  source: string,
  { reconcile, workflow }: Comparing,
  window: Window | null,
): Reading {
  const otherwiseAt = reconcile.endsAtUntil ? (window?.until ?? null) : null;
  return { source, workflow, at: reconcile.at, otherwiseAt };
}

async function settle(
  shell: Shell,
  stretch: Stretch | null,
  end: StretchEnd,
  everyMs: number,
  row: RunRow,
): Promise<RunRow | null> {
  if (end.kind === 'taken_over' || stretch === null) return null;
  try {
    return await endStretch(stretch, end, everyMs);
  } catch (err) {
    // Its lease passes, and a sweep finds it again.
    shell.log.error({ err, source: row.subject }, 'the end of a comparison could not be written');
    return row;
  }
}

export function troubleOf({ log }: Shell, source: string, error: unknown): PollEnd {
  if (error instanceof AppError && error.code === 'unavailable') {
    return { kind: 'busy', retryAfterSeconds: limits.retryAfterSeconds };
  }
  const failed = { kind: 'failed', retryAfter: null, restart: false } as const;
  if (error instanceof AppError) return { ...failed, text: error.message };
  log.error({ err: error, source }, 'a comparison broke off');
  return { ...failed, text: 'The comparison broke off; the log says why' };
}

/** A list as it is at this moment, read to its end or to the pages of one stretch; nothing is stored. */
export async function readOnce(
  shell: Shell,
  reconcile: Reconcile,
  window: Window,
): Promise<{ readonly end: PollEnd; readonly elements: readonly unknown[] }> {
  const elements: unknown[] = [];
  let position: Position = { cursor: null, round: null };
  for (let pages = 0; pages < reconcile.pagesMax; pages += 1) {
    const page = await askPage(shell, reconcile, position, undefined, windowScope(window));
    if (page.kind === 'failed') return { end: page, elements };
    elements.push(...page.triggers);
    position = page.position;
    if (elements.length > limits.reconciliationListedMax) return { end: tooLong, elements };
    if (position.round === null) return { end: { kind: 'caught_up' }, elements };
  }
  return { end: { kind: 'more' }, elements };
}
