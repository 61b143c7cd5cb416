import type { EntryDraft } from '../audit/chain.ts';
import { entriesOf } from '../audit/store.ts';
import { isDatabaseError } from '../db/database-error.ts';
import type { Tx } from '../db/schema.ts';
import { sendRequest } from '../handoff/connectors/send.ts';
import type { AttemptOutcome, HandoffRequest } from '../handoff/handoff.ts';
import { leaseUntil, underLease } from '../handoff/lease/worker.ts';
import { reach } from '../handoff/reach.ts';
import { fillRequest } from '../handoff/request.ts';
import { type HandoffRow, moveHandoff } from '../handoff/store.ts';
import type { HandoffShell } from '../handoff/worker.ts';
import { limits } from '../limits.ts';
import type { Shell } from '../shell.ts';
import { changeTicket, lockTicket, type TicketRow } from '../ticket/store.ts';
import { ExpressionError, type Scope } from '../workflow/expression.ts';
import { lookForCallback } from './callback/worker.ts';
import { lookForConfirmation } from './confirmation/worker.ts';
import { evaluate } from './expressions.ts';
import { judge, type NextProbe, nextProbe, patienceOf, type Reading, rulesOf } from './next-probe.ts';
import type { ReadPlan } from './plan.ts';
import { probedEntry } from './proof.ts';
import { scopeOf } from './scope/worker.ts';
import { settleReading } from './settling/worker.ts';

/**
 * Looks once whether an accepted handoff stands in its target, and writes what follows: confirmed, another look later,
 * or, at the deadline, the exception. A probe counts from its beginning and has a lease, as an attempt has, so that two
 * workers do not read side by side, and that of a lost worker is made again soon.
 */
export async function probeOutcome(shell: HandoffShell, found: HandoffRow): Promise<void> {
  const { kind = 'read' } = found.plan.outcome;
  if (kind === 'callback') return await boundedLook(shell, found, lookForCallback);
  if (kind === 'confirm') return await boundedLook(shell, found, lookForConfirmation);
  const row = await beginProbe(shell, found);
  if (row === null) return;
  // Asked before reading: a reading that was under way at the deadline is not yet the last one.
  const asked = shell.clock.now();
  const { reading } = await underLease(shell, row, (signal) => readOutcome(shell, row, null, signal));
  await settleProbe(shell, row, reading, asked);
}

async function beginProbe(shell: HandoffShell, found: HandoffRow): Promise<HandoffRow | null> {
  return await moveHandoff(shell.db, found, {
    state: 'confirming',
    probes: found.probes + 1,
    due_at: leaseUntil(shell),
  });
}

/** A look that throws counts as one that could not be read: it is made again less and less often, until the deadline. */
async function boundedLook(
  shell: HandoffShell,
  found: HandoffRow,
  look: (shell: HandoffShell, found: HandoffRow) => Promise<void>,
): Promise<void> {
  const asked = shell.clock.now();
  try {
    return await look(shell, found);
  } catch (error) {
    const reading = broken(shell, found, error);
    const row = await beginProbe(shell, found);
    if (row !== null) await settleProbe(shell, row, reading, asked);
  }
}

/** What a look comes to that threw for a reason of its own. Throws what the database threw: that may succeed later. */
function broken({ log }: HandoffShell, row: HandoffRow, error: unknown): Reading {
  if (isDatabaseError(error)) throw error;
  log.error({ err: error, ticket: row.ticket_id, handoff: row.seq }, 'an outcome could not be looked at');
  const why = error instanceof Error ? error.message : String(error);
  const text = `The outcome could not be looked at, by a fault of Signalbox itself and not of ${row.destination}: ${why}`;
  return { verdict: 'unreadable', text, compared: [] };
}

/** Writes what one reading says, and what follows. */
export async function settleProbe(
  shell: HandoffShell,
  row: HandoffRow,
  reading: Reading,
  asked: Date,
): Promise<void> {
  await shell.db.transaction().execute((tx) => settle(shell, tx, row, reading, asked));
}

/** Reads a handoff's record once and judges it. `answer`: what came of the request; null where none could be made. */
export async function readOutcome(
  shell: HandoffShell,
  row: HandoffRow,
  ticket: Pick<TicketRow, 'fields' | 'workflow_version'> | null,
  signal: AbortSignal,
): Promise<{ readonly reading: Reading; readonly answer: AttemptOutcome | null }> {
  // Only what is read back is looked at here: of the rest, `probeOutcome` knows.
  const plan = row.plan.outcome as ReadPlan;
  let answer: AttemptOutcome | null = null;
  try {
    const scope = await scopeOf(shell, shell.db, row, ticket);
    const request = readRequest(plan, scope);
    const ready = reach(shell, row.destination);
    const timeoutMs = ready.ok ? ready.destination.timeoutMs : limits.attemptTimeoutMs;
    answer = ready.ok
      ? await sendRequest({ ...ready, request, idempotencyKey: null, timeoutMs, signal })
      : ready.outcome;
    return { reading: judge(rulesOf(row, plan, scope), answer), answer };
  } catch (error) {
    if (!(error instanceof ExpressionError)) return { reading: broken(shell, row, error), answer };
    const text = `The outcome cannot be read: ${error.message}`;
    return { reading: { verdict: 'unaskable', text, compared: [] }, answer };
  }
}

function readRequest(plan: ReadPlan, scope: Scope): HandoffRequest {
  const { operation, method, path: template, parameters } = plan;
  const filled = fillRequest(
    template,
    parameters.map(({ value, ...parameter }) => ({ ...parameter, value: evaluate(value, scope) })),
  );
  if (!filled.ok) throw new ExpressionError(filled.problem);
  return { operation, method, path: filled.path, headers: filled.headers };
}

async function settle(shell: Shell, tx: Tx, row: HandoffRow, reading: Reading, asked: Date): Promise<void> {
  const ticket = await lockTicket(tx, row.ticket_id);
  if (ticket === null || row.confirm_by === null) return;
  const now = shell.clock.now();
  const next = nextProbe(reading, row.probes, row.confirm_by, asked, patienceOf(row, row.confirm_by));
  if (next.kind !== 'again') {
    await settleReading({ tx, ticket, row, now }, reading, next.kind);
    return;
  }
  await lookAgain(tx, ticket, row, probedEntry(row, reading), next, now);
}

/** Only a verdict that differs from the last one is an entry: a slow target would fill the chain with the same line. */
async function lookAgain(
  tx: Tx,
  ticket: TicketRow,
  row: HandoffRow,
  entry: EntryDraft,
  { at, confirmBy }: Extract<NextProbe, { kind: 'again' }>,
  now: Date,
): Promise<void> {
  const change = { state: 'confirming', due_at: at, ...(confirmBy && { confirm_by: confirmBy }) } as const;
  if ((await moveHandoff(tx, row, change)) === null) return;
  if ((await lastVerdict(tx, row)) === entry.data.verdict) return;
  await changeTicket(tx, ticket, { entries: [entry] }, now);
}

async function lastVerdict(tx: Tx, row: HandoffRow): Promise<unknown> {
  const entries = await entriesOf(tx, row.ticket_id);
  const probes = entries
    .filter(({ kind }) => kind === 'outcome_probed')
    .map(({ data }) => JSON.parse(data) as { handoff_seq: number; verdict: string });
  return probes.findLast(({ handoff_seq: seq }) => seq === row.seq)?.verdict;
}
