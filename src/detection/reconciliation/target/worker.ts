import { findHandoff, type HandoffRow, isTakenBack } from '../../../handoff/store.ts';
import type { HandoffShell } from '../../../handoff/worker.ts';
import { limits } from '../../../limits.ts';
import type { Reading } from '../../../outcome/next-probe.ts';
import { readOutcome } from '../../../outcome/worker.ts';
import { plusMs } from '../../../platform/instant.ts';
import { nextPoll } from '../../../poll/next-poll.ts';
import type { PollEnd } from '../../../poll/poll.ts';
import { findTicket } from '../../../ticket/store.ts';
import type { ReadAgain } from '../../../workflow/project.ts';
import { staleOver, tellStale } from '../findings/worker.ts';
import { changeRun, endOf } from '../store.ts';
import type { RunRow } from '../tables.ts';
import { nextReading, readingsOf } from './next-reading.ts';
import {
  type AgainRow,
  countAgain,
  countOpen,
  dueAgain,
  type Entered,
  enterConfirmed,
  leaveAgain,
  moveAgain,
} from './store.ts';

/**
 * One stretch of reading a destination's confirmed records again: enters what was confirmed since the last one, and reads
 * what is due, one after the other and a few at a time. Never rejects: what goes wrong is in its row and in the log.
 */
export async function runTarget(
  given: { readonly shell: HandoffShell; readonly signal: AbortSignal },
  readAgain: ReadAgain,
  row: RunRow,
): Promise<void> {
  const { shell } = given;
  let end: PollEnd;
  let readings = 0;
  try {
    await enter(shell, readAgain, row);
    const result = await readDue(given, readAgain, row);
    ({ end, readings } = result);
  } catch (error) {
    shell.log.error({ err: error, destination: row.subject }, 'confirmed records could not be read again');
    end = { kind: 'failed', text: 'It broke off; the log says why', retryAfter: null, restart: false };
  }
  await settle(shell, readAgain, row, end, readings).catch((err: unknown) => {
    // Its lease passes, and a sweep finds it again.
    shell.log.error({ err, destination: row.subject }, 'the end of a reading could not be written');
  });
}

async function enter(shell: HandoffShell, { afterMs }: ReadAgain, row: RunRow): Promise<void> {
  const now = shell.clock.now();
  const before = plusMs(now, -limits.readAgainSettleMs);
  const first = { at: plusMs(now, -(afterMs.at(-1) ?? 0)).toISOString(), ticket: nobody, seq: 0 };
  const after = (row.position as Entered | null) ?? first;
  await shell.db.transaction().execute(async (tx) => {
    const page = { after, before, firstMs: afterMs[0] ?? 0, limit: limits.readAgainEnteredMax };
    const reached = await enterConfirmed(tx, row.subject, page);
    const all = { at: before.toISOString(), ticket: nobody, seq: 0 };
    const position = reached ?? (all.at > after.at ? all : after);
    if ((await changeRun(tx, row, { position })) === null)
      throw new Error('another node has gone on with it');
  });
}

const nobody = '00000000-0000-0000-0000-000000000000';

async function readDue(
  { shell, signal }: { readonly shell: HandoffShell; readonly signal: AbortSignal },
  readAgain: ReadAgain,
  row: RunRow,
): Promise<{ readonly end: PollEnd; readonly readings: number }> {
  const timeoutMs = shell.project().destinations.get(row.subject)?.timeoutMs ?? limits.attemptTimeoutMs;
  const due = await dueAgain(shell.db, row.subject, readingsOf(readAgain.everyMs), shell.clock.now());
  let readings = 0;
  let unreadable: string | null = null;
  for (const again of due) {
    if (signal.aborted) return { end: { kind: 'interrupted' }, readings };
    const handoff = await findHandoff(shell.db, again.ticket_id, again.handoff_seq);
    if (handoff === null || !(await isReadable(shell, handoff))) {
      const { ticket_id, handoff_seq: seq, destination } = again;
      const because = `${destination} is not asked for it any more`;
      await staleOver(shell, { ticket_id, seq }, because, shell.clock.now());
      await shell.db.transaction().execute((tx) => leaveAgain(tx, again));
      continue;
    }
    const ticket = await findTicket(shell.db, handoff.ticket_id);
    const { reading } = await readOutcome(shell, handoff, ticket, signal);
    if (signal.aborted) return { end: { kind: 'interrupted' }, readings };
    await keep(shell, { again, handoff, reading, readAgain });
    if (reading.verdict === 'unreadable') unreadable = reading.text;
    else readings += 1;
    const lease = plusMs(shell.clock.now(), timeoutMs + limits.pollLeaseMs);
    if ((await changeRun(shell.db, row, { lease_until: lease, due_at: lease })) === null) break;
  }
  if (unreadable !== null && readings === 0) {
    return { end: { kind: 'failed', text: unreadable, retryAfter: null, restart: false }, readings };
  }
  return { end: { kind: 'caught_up' }, readings };
}

/** What a callback or a person has proved has no record that we know how to read; what is taken back is no promise of ours. */
async function isReadable({ db }: HandoffShell, handoff: HandoffRow): Promise<boolean> {
  const { state, plan } = handoff;
  return state === 'confirmed' && 'operation' in plan.outcome && !(await isTakenBack(db, handoff));
}

interface Read {
  readonly again: AgainRow;
  readonly handoff: HandoffRow;
  readonly reading: Reading;
  readonly readAgain: ReadAgain;
}

/**
 * Tells what a reading comes to, and then notes it: where it breaks off between the two, the next reading tells the same,
 * which is told once.
 */
async function keep(shell: HandoffShell, { again, handoff, reading, readAgain }: Read): Promise<void> {
  const now = shell.clock.now();
  const confirmedAt = handoff.settled_at ?? now;
  const known = { step: again.step, told: again.told, confirmedAt };
  const next = nextReading(known, reading, readAgain.afterMs, now);
  const stale = { handoff, reading, confirmedAt, readAt: now };
  if (again.told !== null && next.told !== again.told) {
    const because = next.told === null ? 'holds what it did again' : 'has changed once more';
    await staleOver(shell, handoff, `${handoff.destination} ${because}`, now);
  }
  // What there is no room for is told when others are settled.
  const tells = next.told !== null && (again.told !== null || (await isRoom(shell, again)));
  if (tells) await tellStale(shell, stale);
  await shell.db.transaction().execute(async (tx) => {
    if (next.at === null) await leaveAgain(tx, again);
    else await moveAgain(tx, again, { step: next.step, told: tells ? next.told : null, due_at: next.at });
  });
}

/** A ticket has one finding about its records at a time, and a destination so many; what a person has settled leaves room. */
async function isRoom({ db }: HandoffShell, again: AgainRow): Promise<boolean> {
  const { open, ofTicket } = await countOpen(db, again.destination, again.ticket_id);
  return open < limits.readAgainOpenMax && ofTicket === 0;
}

async function settle(
  shell: HandoffShell,
  { everyMs }: ReadAgain,
  row: RunRow,
  end: PollEnd,
  readings: number,
): Promise<void> {
  const now = shell.clock.now();
  const rhythm = Math.max(everyMs, limits.sweepEveryMs);
  const next = nextPoll(end, { failures: row.failures, everyMs: rhythm }, now, Math.random());
  const { entered, told } = await countAgain(shell.db, row.subject);
  await changeRun(shell.db, row, {
    ...endOf(next),
    listed: row.listed + readings,
    waiting: entered,
    differing: told,
    ...(end.kind === 'caught_up' && { succeeded_at: now }),
  });
}
