import { limits } from '../../../limits.ts';
import { plusMs } from '../../../platform/instant.ts';
import type { PollEnd } from '../../../poll/poll.ts';
import { compare } from '../compare.ts';
import { type Ended, nothingYet, troubleOf } from '../list/worker.ts';
import { elementsOf, type Reading } from '../listed.ts';
import { changeRun, heldTickets, keepListed } from '../store.ts';
import type { RunRow } from '../tables.ts';
import { endStretch, type Stretch, type Taken, takeListed } from '../taking/worker.ts';

/** The elements of a file that was handed in, with how they are read. */
export interface Handed {
  readonly reading: Reading;
  readonly elements: readonly unknown[];
  /** How late a webhook may be, of what the file says when it was made. */
  readonly settleMs: number;
}

/**
 * Holds a file against our tickets, as a source's list of one page: in one stretch, from the beginning each time. What
 * an earlier one that broke off has made is here by then. Never rejects: what goes wrong is the end.
 */
export async function runFile(
  given: Pick<Stretch, 'shell' | 'submit' | 'signal' | 'trust'>,
  { reading, elements, settleMs }: Handed,
  claimed: RunRow,
): Promise<Ended> {
  const { shell } = given;
  const now = shell.clock.now();
  const leaseEnd = () => plusMs(shell.clock.now(), limits.pollLeaseMs);
  const stretch: Stretch = {
    ...given,
    workflow: reading.workflow,
    row: { ...claimed, run: claimed.run + 1, started_at: now },
    settled: plusMs(now, -settleMs),
    window: null,
    covers: false,
    leaseEnd,
  };
  let taken: Taken = { end: { kind: 'more' }, unlike: null };
  let why: string | null = null;
  try {
    const { row } = stretch;
    const begun = { run: row.run, phase: 'taking', position: null, started_at: now, ...nothingYet } as const;
    await changeRun(shell.db, row, { ...begun, unidentified: 0 });
    let unidentified = 0;
    for (let from = 0; from < elements.length; from += limits.groupSizeMax) {
      const some = elementsOf(reading, elements.slice(from, from + limits.groupSizeMax), now);
      unidentified += some.unidentified;
      why ??= some.why;
      await keepSome(stretch, some.listed, now);
      await changeRun(shell.db, row, { unidentified, lease_until: leaseEnd() });
    }
    taken = await takeListed(stretch);
  } catch (error) {
    taken = { end: troubleOf(shell, claimed.subject, error), unlike: null };
  }
  const { end } = taken;
  const ended =
    end.kind === 'taken_over' ? null : await endStretch(stretch, over(end), 0).catch(() => stretch.row);
  return {
    ...taken,
    end: ended === null ? { kind: 'taken_over' } : end,
    row: ended ?? stretch.row,
    window: null,
    settled: stretch.settled,
    why,
  };
}

/** A file is not read again by itself: what broke off is over, until somebody hands it in again. */
function over(end: PollEnd): PollEnd {
  if (end.kind === 'caught_up') return end;
  if (end.kind === 'failed') return { ...end, restart: true };
  const why = end.kind === 'busy' ? 'The server was busy' : 'The server stopped';
  return { kind: 'failed', text: `${why}: hand the file in again`, retryAfter: null, restart: true };
}

async function keepSome(
  { shell, row }: Stretch,
  listed: Parameters<typeof compare>[0],
  now: Date,
): Promise<void> {
  const tickets = await heldTickets(
    shell.db,
    row.subject,
    listed.map(({ identity }) => identity),
  );
  const compared = compare(listed, tickets, now);
  await shell.db.transaction().execute((tx) => keepListed(tx, row, compared, now));
}
