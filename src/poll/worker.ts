import type { Trigger } from '../decision.ts';
import { AppError } from '../errors.ts';
import { sendRequest } from '../handoff/connectors/send.ts';
import { reach } from '../handoff/reach.ts';
import { rehearse } from '../intake/rehearsal/worker.ts';
import type { Intake } from '../intake/worker.ts';
import { limits } from '../limits.ts';
import { plusMs } from '../platform/instant.ts';
import type { Shell } from '../shell.ts';
import type { Scope } from '../workflow/expression.ts';
import type { Poll, Project } from '../workflow/project.ts';
import { isDue, nextPoll, pollTrouble } from './next-poll.ts';
import { type Page, type Paged, pageRequest, readPage } from './page.ts';
import type { PollEnd, Position } from './poll.ts';
import { emptyTally, type Found, foreseen, found, type PollReport, type Tally, tallied } from './report.ts';
import { beginPoll, claimPoll, endPoll, findPolls, movePoll, type PollRow } from './store.ts';

/** Asks sources for their triggers. A source is polled by one node at a time, whichever claims its row. */
export interface Poller {
  /** Begins what is due, at most limits.pollsInFlightMax at once, and does not wait for it. Returns how many were begun. */
  sweep(now: Date): Promise<number>;
  /** One poll now, due or not. Throws AppError: not_found, or conflict where one is under way. */
  poll(source: string): Promise<PollReport>;
  /** Reads the page that is next and decides what is on it; nothing is committed, and the cursor stays. */
  tryOut(source: string): Promise<PollReport>;
  /** No further page; resolves when the polls under way have ended. What they leave is due at once, for any node. */
  stop(): Promise<void>;
}

export function createPoller(shell: Shell, receive: Intake['receive']): Poller {
  const underWay = new Set<Promise<PollReport>>();
  const stopping = new AbortController();

  const claim = (source: string, poll: Poll, now: Date) =>
    claimPoll(shell.db, source, leaseEnd(shell, poll, now), now);

  const begin = (poll: Poll, row: PollRow): Promise<PollReport> => {
    const running = runPoll({ shell, receive, signal: stopping.signal, poll, row });
    underWay.add(running);
    void running.finally(() => underWay.delete(running));
    return running;
  };

  return {
    async sweep(now) {
      const polls = pollsOf(shell.project());
      const rows = await findPolls(shell.db, [...polls.keys()]);
      const known = new Set(rows.map(({ source }) => source));
      for (const [source, { start }] of polls) {
        if (!known.has(source)) await beginPoll(shell.db, source, start, now);
      }
      let begun = 0;
      for (const row of rows) {
        const poll = polls.get(row.source);
        if (stopping.signal.aborted || underWay.size >= limits.pollsInFlightMax) break;
        if (poll === undefined || isLeased(row, now) || !isDue(row, poll.everyMs, now)) continue;
        const claimed = await claim(row.source, poll, now);
        if (claimed === null) continue;
        void begin(poll, claimed);
        begun += 1;
      }
      return begun;
    },
    async poll(source) {
      const poll = pollOf(shell.project(), source);
      const now = shell.clock.now();
      await beginPoll(shell.db, source, poll.start, now);
      const claimed = stopping.signal.aborted ? null : await claim(source, poll, now);
      if (claimed !== null) return await begin(poll, claimed);
      throw new AppError('conflict', `The source ${source} is being polled at this moment`, {
        help: 'Try it again in a moment; GET /api/sources says when it was read',
      });
    },
    tryOut: (source) => tryOut(shell, source, pollOf(shell.project(), source)),
    async stop() {
      stopping.abort();
      await Promise.all(underWay);
    },
  };
}

/** What is wrong with the polled sources, for `/health/ready`, without what others answered; null: nothing. */
export async function pollsTrouble(shell: Shell): Promise<string | null> {
  const rows = await findPolls(shell.db, [...pollsOf(shell.project()).keys()]);
  const now = shell.clock.now();
  const troubles = rows.map((row) => pollTrouble(row.source, row, now)).filter((text) => text !== null);
  return troubles.length === 0 ? null : `${troubles.join('; ')} (GET /api/sources says more)`;
}

function pollsOf(project: Project): ReadonlyMap<string, Poll> {
  const all = [...project.sources].flatMap(([key, { poll }]) =>
    poll === null ? [] : [[key, poll] as const],
  );
  return new Map(all);
}

function pollOf(project: Project, source: string): Poll {
  const poll = project.sources.get(source)?.poll ?? null;
  if (poll !== null) return poll;
  const polled = [...pollsOf(project).keys()];
  throw new AppError('not_found', `There is no source ${source} that is polled`, {
    help: polled.length === 0 ? 'Give a source `poll` in signalbox.yaml' : `Polled are ${polled.join(', ')}`,
  });
}

function isLeased({ leaseUntil }: PollRow, now: Date): boolean {
  return leaseUntil !== null && leaseUntil > now;
}

/** Until when a run may be silent: its destination may take its time, and then a page is committed. */
export function leaseEnd(shell: Shell, { from }: Pick<Poll, 'from'>, now: Date): Date {
  const timeoutMs = shell.project().destinations.get(from)?.timeoutMs ?? limits.attemptTimeoutMs;
  return plusMs(now, timeoutMs + limits.pollLeaseMs);
}

/** One run of one source. */
interface Run {
  readonly shell: Shell;
  readonly receive: Intake['receive'];
  readonly signal: AbortSignal;
  readonly poll: Poll;
  /** As it was claimed. */
  readonly row: PollRow;
}

/** Never rejects: what goes wrong is the end of the run, in its row and in the log. */
async function runPoll(run: Run): Promise<PollReport> {
  const { shell, row } = run;
  const read = await readPages(run);
  const { end } = read;
  const error = end.kind === 'failed' ? end.text : null;
  if (error !== null)
    shell.log.warn({ source: row.source, failures: row.failures + 1, error }, 'a poll failed');
  if (end.kind !== 'taken_over') await settle(run, end);
  const { tally, position } = read;
  const { cursor } = position;
  return { source: row.source, dryRun: false, end: end.kind, error, ...tally, cursor };
}

async function settle({ shell, poll, row }: Run, end: PollEnd): Promise<void> {
  const next = nextPoll(
    end,
    { failures: row.failures, everyMs: poll.everyMs },
    shell.clock.now(),
    Math.random(),
  );
  try {
    await endPoll(shell.db, row, next, { restart: end.kind === 'failed' && end.restart });
  } catch (err) {
    // Its lease passes, and a sweep finds it again.
    shell.log.error({ err, source: row.source }, 'the end of a poll could not be written');
  }
}

interface Reading {
  readonly end: PollEnd | { readonly kind: 'taken_over' };
  readonly tally: Tally;
  readonly position: Position;
}

/** Reads page after page. The position moves when all of a page is committed: what a crash leaves is read again and joined. */
async function readPages(run: Run): Promise<Reading> {
  const { shell, signal, poll, row } = run;
  let { position } = row;
  let tally = emptyTally;
  const ended = (end: Reading['end']): Reading => ({ end, tally, position });
  try {
    while (tally.pages < poll.pagesMax) {
      if (signal.aborted) return ended({ kind: 'interrupted' });
      const page = await askPage(shell, poll, position, signal);
      if (page.kind === 'failed') return ended(signal.aborted ? { kind: 'interrupted' } : page);
      const committed = await commitPage(run, page);
      if (committed === 'busy') return ended(intakeFull);
      const until = leaseEnd(shell, poll, shell.clock.now());
      if (!(await movePoll(shell.db, row, page.position, until))) return ended({ kind: 'taken_over' });
      tally = tallied(tally, committed);
      position = page.position;
      if (position.round === null) return ended({ kind: 'caught_up' });
    }
    return ended({ kind: 'more' });
  } catch (error) {
    return ended(troubleOf(shell, row.source, error));
  }
}

/** Asks for the page that a position stands before. `given`: what its expressions see besides. */
export async function askPage(
  shell: Shell,
  poll: Paged,
  position: Position,
  signal?: AbortSignal,
  given: Scope = {},
): Promise<Page | Extract<PollEnd, { kind: 'failed' }>> {
  const asked = pageRequest(poll, position, given);
  if (asked.kind === 'failed') return asked;
  const reached = reach(shell, poll.from);
  if (!reached.ok) return readPage(poll, position, reached.outcome, given);
  const { destination, secret, ca } = reached;
  const outcome = await sendRequest({
    destination,
    secret,
    ca,
    request: asked.request,
    idempotencyKey: null,
    timeoutMs: destination.timeoutMs,
    ...(signal && { signal }),
  });
  return readPage(poll, position, outcome, given);
}

/** Each trigger by itself, so that one that cannot be written keeps none of the others; a group commit joins them anyway. */
async function commitPage({ row, receive }: Run, { triggers }: Page): Promise<Found[] | 'busy'> {
  const all: Found[] = [];
  for (let from = 0; from < triggers.length; from += limits.groupSizeMax) {
    const some = triggers.slice(from, from + limits.groupSizeMax).map((each) => triggerOf(row.source, each));
    const settled = await Promise.allSettled(some.map((trigger) => receive(trigger)));
    for (const each of settled) {
      if (each.status === 'rejected') throw each.reason;
      for (const submitted of [each.value.submitted].flat()) {
        if (submitted.kind === 'busy') return 'busy';
        all.push(found(submitted));
      }
    }
  }
  return all;
}

function triggerOf(source: string, payload: unknown): Trigger {
  return { source, contentType: 'application/json', headers: {}, body: Buffer.from(JSON.stringify(payload)) };
}

const intakeFull: PollEnd = { kind: 'busy', retryAfterSeconds: limits.retryAfterSeconds };

function troubleOf({ log }: Shell, source: string, error: unknown): PollEnd {
  if (error instanceof AppError && error.code === 'unavailable') return intakeFull;
  const failed = { kind: 'failed', retryAfter: null, restart: false } as const;
  if (error instanceof AppError) return { ...failed, text: error.message };
  log.error({ err: error, source }, 'a page of a poll could not be committed');
  return { ...failed, text: 'A page could not be committed; the log says why' };
}

async function tryOut(shell: Shell, source: string, poll: Poll): Promise<PollReport> {
  const [row] = await findPolls(shell.db, [source]);
  const position = row?.position ?? { cursor: poll.start, round: null };
  const page = await askPage(shell, poll, position);
  const report = { source, dryRun: true, cursor: position.cursor };
  if (page.kind === 'failed') return { ...report, ...emptyTally, end: 'failed', error: page.text };
  const triggers: Found[] = [];
  for (const each of page.triggers) {
    const rehearsal = await rehearse(shell, triggerOf(source, each));
    triggers.push(...('triggers' in rehearsal ? rehearsal.triggers : [rehearsal]).map(foreseen));
  }
  const end = page.position.round === null ? 'caught_up' : 'more';
  return { ...report, ...tallied(emptyTally, triggers), end, error: null };
}
