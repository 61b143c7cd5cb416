import { requestDigest } from '../approval/decide.ts';
import { findApproval } from '../approval/store.ts';
import { sweepApproval } from '../approval/worker.ts';
import type { Contract } from '../contract/contract.ts';
import type { Tx } from '../db/schema.ts';
import { limits } from '../limits.ts';
import { keptAnswer, sentRequest } from '../outcome/scope/worker.ts';
import { probeOutcome } from '../outcome/worker.ts';
import { plusMs } from '../platform/instant.ts';
import type { Shell } from '../shell.ts';
import { RowsFailed } from '../sweeper.ts';
import { changeTicket, findTicket, lockTicket, type TicketRow, tryLockTicket } from '../ticket/store.ts';
import type { CompiledWorkflow } from '../workflow/workflow.ts';
import { sendRequest } from './connectors/send.ts';
import { failHandoff, releaseWaiting } from './ending/worker.ts';
import type { AttemptOutcome } from './handoff.ts';
import { leaseUntil, underLease } from './lease/worker.ts';
import { isLookAlone, lookBeforeRepeating, workerLost } from './lookup/worker.ts';
import { type NextAttempt, nextAttempt } from './next-attempt.ts';
import { reach } from './reach.ts';
import { attemptedEntry, factsOf, resultEntry, type Step, stepAfter } from './step.ts';
import {
  closeAttempts,
  findHandoff,
  type HandoffRow,
  moveHandoff,
  openAttempts,
  overdueHandoffs,
  setAside,
} from './store.ts';
import { compiledRequestOf, undoAnswer } from './undo/draft.ts';
import { undoLate, undoRefused } from './undo/worker.ts';
import { openUnknownLate } from './unknown/worker.ts';

/*
 *   awaiting_approval ──yes──▶ waiting ──all confirmed──▶ ready ◀──────────────┐
 *          │                                                │ claim            │ retry, or its worker was lost
 *          │ no, or nothing in time                         ▼                  │
 *          │                                            attempting ────────────┤
 *          │                                                │ accepted         │ refused, exhausted, not as documented
 *          ▼                                                ▼                  ▼
 *        failed ◀──contradicted, unconfirmed──────────── confirming          failed
 *                                                           │ stands in the target
 *                                                           ▼
 *   cancelled (by a person, from any of them)            confirmed
 */

/** What work on handoffs needs beyond the common shell. */
export interface HandoffShell extends Shell {
  /** The workflow as it was when it decided; null where it can no longer be compiled. */
  workflowAt(version: string): Promise<CompiledWorkflow | null>;
  /** Hears of the steps of a handoff as they are passed: tests end the process there. */
  readonly passed?: (step: PassedStep) => void;
}

/** The moments between which a process may die. */
export type PassedStep = 'found' | 'claimed' | 'answered' | 'accepted' | 'recorded' | 'read' | 'proved';

/**
 * Does the next thing for one handoff: an attempt, or a look at its outcome. The row is the truth: where it is settled,
 * under way elsewhere, not due yet, or waits for a person, nothing is done. Called any number of times, on any node.
 */
export async function advanceHandoff(shell: HandoffShell, ticketId: string, seq: number): Promise<void> {
  const row = await findHandoff(shell.db, ticketId, seq);
  if (row?.state !== 'ready' && row?.state !== 'confirming') return;
  if (row.due_at !== null && row.due_at > shell.clock.now()) return;
  if (row.state === 'confirming') return await probeOutcome(shell, row);
  const attempted = await claim(shell, row);
  if (attempted === null) return;
  const outcome = await underLease(shell, attempted, (signal) => send(shell, attempted, signal));
  await settle(shell, attempted, outcome);
}

/**
 * Finds every handoff whose time has passed and that is nobody's to work on, and sees that it goes on: takes over attempts
 * whose worker was lost, ends approvals that nobody gave, looks again at what waits for others. One that cannot be
 * handled is set aside and the rest go on; RowsFailed is thrown at the end. `rowsMax`: of one look; there are at most
 * limits.sweepLooksMax. Returns how many were looked at.
 */
export async function sweepHandoffs(
  shell: HandoffShell,
  now: Date,
  rowsMax: number = limits.sweepRowsMax,
): Promise<number> {
  let looked = 0;
  let failed = 0;
  for (let look = 0; look < limits.sweepLooksMax; look += 1) {
    const overdue = await overdueHandoffs(shell.db, now, rowsMax);
    for (const { ticket_id: ticketId, seq } of overdue) {
      try {
        await shell.db.transaction().execute((tx) => sweepOne(shell, tx, ticketId, seq, now));
      } catch (err) {
        failed += 1;
        shell.log.error({ err, ticket: ticketId, handoff: seq }, 'handoff could not be swept');
        await setAside(shell.db, ticketId, seq, plusMs(now, limits.sweepSetAsideMs));
      }
    }
    if (overdue.length > 0) shell.wake();
    looked += overdue.length;
    if (overdue.length < rowsMax) break;
  }
  if (failed > 0) throw new RowsFailed(failed);
  return looked;
}

async function sweepOne(
  shell: HandoffShell,
  tx: Tx,
  ticketId: string,
  seq: number,
  now: Date,
): Promise<void> {
  const ticket = await tryLockTicket(tx, ticketId);
  const row = ticket && (await findHandoff(tx, ticketId, seq));
  if (!ticket || !row || row.due_at === null || row.due_at > now) return;
  switch (row.state) {
    case 'attempting':
      return await takeOver({ shell, tx, ticket, row, now });
    case 'awaiting_approval':
      return await sweepApproval(shell, tx, ticket, row, now);
    case 'waiting':
      await moveHandoff(tx, row, { state: 'waiting', due_at: plusMs(now, limits.waitingRecheckMs) });
      await releaseWaiting(tx, ticket, now);
  }
}

/** Begins an attempt: from here it has a lease, and its row and entry say that it was meant. Null: somebody else did. */
export async function claim(shell: HandoffShell, row: HandoffRow): Promise<HandoffRow | null> {
  return await shell.db.transaction().execute(async (tx) => {
    const ticket = await lockTicket(tx, row.ticket_id);
    if (ticket === null) return null;
    const now = shell.clock.now();
    const unapproved = await approvalMissing(tx, row);
    if (unapproved !== null) {
      const failure = { mode: 'refused', summary: unapproved, detail: {}, entries: [] } as const;
      await failHandoff(tx, ticket, row, failure, now);
      return null;
    }
    const attempted = await moveHandoff(tx, row, {
      state: 'attempting',
      attempts: row.attempts + 1,
      due_at: leaseUntil(shell),
    });
    if (attempted === null) return null;
    await openAttempts(tx, [attempted], now);
    await changeTicket(tx, ticket, { entries: [attemptedEntry(attempted)] }, now);
    return attempted;
  });
}

/** What is approved is a request with a digest; anything else is not sent. */
async function approvalMissing(tx: Tx, row: HandoffRow): Promise<string | null> {
  if (row.plan.approval === null) return null;
  const approval = await findApproval(tx, row.ticket_id, row.seq);
  if (approval?.state === 'approved' && approval.digest === requestDigest(row.plan.request)) return null;
  return `What would be sent to ${row.destination} is not what was approved`;
}

/** Makes the request of an attempt that has begun. */
export async function send(
  shell: HandoffShell,
  row: HandoffRow,
  signal: AbortSignal,
): Promise<AttemptOutcome> {
  const ready = reach(shell, row.destination);
  if (!ready.ok) return ready.outcome;
  const { destination, secret, ca } = ready;
  const refused = await undoRefused(shell, row);
  if (refused !== null) return refused;
  const answer = await lookBeforeRepeating(shell, row, ready, signal, () =>
    sendRequest({
      destination,
      secret,
      ca,
      request: sentRequest(shell, row),
      idempotencyKey: row.idempotency_key,
      timeoutMs: destination.timeoutMs,
      signal,
    }),
  );
  return keptAnswer(shell, row, undoAnswer(row.plan, answer));
}

/** An attempt about to be settled: the ticket is locked, and `row` is the attempt as it was begun. */
interface Settling {
  readonly shell: HandoffShell;
  readonly tx: Tx;
  readonly ticket: TicketRow;
  readonly row: HandoffRow;
  readonly now: Date;
}

/** Writes what came of an attempt and what follows. Of a late result only an entry remains. `excused`: it does not count. */
export async function settle(
  shell: HandoffShell,
  attempted: HandoffRow,
  outcome: AttemptOutcome,
  excused = false,
): Promise<void> {
  const row = excused ? { ...attempted, excused: attempted.excused + 1 } : attempted;
  const judged = await judgeAttempt(shell, row, outcome);
  await shell.db.transaction().execute(async (tx) => {
    const ticket = await lockTicket(tx, row.ticket_id);
    if (ticket === null) return;
    const now = shell.clock.now();
    const written = await follow({ shell, tx, ticket, row, now }, outcome, judged);
    if (!written) {
      const late = resultEntry('handoff_result_late', row, outcome);
      const told = await changeTicket(tx, ticket, { entries: [late] }, now);
      await undoLate(tx, told, row, outcome, now);
      await openUnknownLate(tx, told, row, outcome, now);
    }
    await closeAttempts(tx, [{ row, outcome }], now);
  });
}

/**
 * The worker of an attempt was lost: nobody knows whether it arrived. It is made again, with the same key, at once; after
 * the last one what it did is looked for once more, where the handoff says how.
 */
async function takeOver(at: Settling): Promise<void> {
  const { tx, row, now } = at;
  const outcome: AttemptOutcome = {
    result: 'unknown',
    status: null,
    detail: workerLost,
    excerpt: null,
    retryAfter: null,
  };
  await closeAttempts(tx, [{ row, outcome }], now);
  const next = nextAttempt({ ...factsOf(row), responseContract: null }, outcome, now, 0);
  const looks = next.kind === 'failed' && row.plan.find !== undefined && !(await isLookAlone(tx, row));
  await follow(at, outcome, next.kind === 'retry' || looks ? { ...next, kind: 'retry', at: now } : next);
}

/** False: the handoff has moved meanwhile, and nothing was written. */
async function follow(at: Settling, outcome: AttemptOutcome, next: NextAttempt): Promise<boolean> {
  const { tx, ticket, row, now } = at;
  switch (next.kind) {
    case 'accepted':
    case 'retry':
      return await goOn(at, stepAfter(row, outcome, next, now));
    case 'failed': {
      const { mode, summary, violations } = next;
      const detail = { attempts: row.attempts, status: outcome.status, answer: outcome.excerpt, violations };
      const entries = [resultEntry('handoff_failed', row, outcome, { mode })];
      const failure = {
        mode,
        summary,
        detail,
        entries,
        ...(outcome.result === 'accepted' && { accepted: outcome }),
      };
      return (await failHandoff(tx, ticket, row, failure, now)) !== null;
    }
  }
}

async function goOn({ tx, ticket, row, now }: Settling, { change, entry }: Step): Promise<boolean> {
  if ((await moveHandoff(tx, row, change)) === null) return false;
  await changeTicket(tx, ticket, { entries: [entry] }, now);
  return true;
}

/** Decides what follows an attempt. `known`: its ticket, where it is at hand. */
export async function judgeAttempt(
  shell: HandoffShell,
  row: HandoffRow,
  outcome: AttemptOutcome,
  known: Pick<TicketRow, 'workflow_version'> | null = null,
): Promise<NextAttempt> {
  const responseContract = await responseContractOf(shell, row, known);
  return nextAttempt({ ...factsOf(row), responseContract }, outcome, shell.clock.now(), Math.random());
}

/** What the deciding version's document says of the answer to a handoff. */
async function responseContractOf(
  shell: HandoffShell,
  row: HandoffRow,
  known: Pick<TicketRow, 'workflow_version'> | null,
): Promise<Contract | null> {
  const ticket = known ?? (await findTicket(shell.db, row.ticket_id));
  const workflow = ticket && (await shell.workflowAt(ticket.workflow_version));
  return compiledRequestOf(workflow, row.handoff)?.responseContract ?? null;
}
