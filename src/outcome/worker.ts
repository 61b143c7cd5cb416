import type { EntryDraft } from '../audit/chain.ts';
import { entriesOf } from '../audit/store.ts';
import type { Tx } from '../db/schema.ts';
import { sendRequest } from '../handoff/connectors/send.ts';
import { confirmed, failHandoff } from '../handoff/ending/worker.ts';
import type { HandoffRequest } from '../handoff/handoff.ts';
import { leaseUntil, underLease } from '../handoff/lease/worker.ts';
import { reach } from '../handoff/reach.ts';
import { fillRequest } from '../handoff/request.ts';
import { type HandoffRow, moveHandoff } from '../handoff/store.ts';
import type { HandoffShell } from '../handoff/worker.ts';
import { keptValue } from '../intake/payload.ts';
import { limits } from '../limits.ts';
import type { Shell } from '../shell.ts';
import { changeTicket, findTicket, latestPayload, lockTicket, type TicketRow } from '../ticket/store.ts';
import {
  compileExpression,
  ExpressionError,
  expressionEnvironment,
  type Scope,
} from '../workflow/expression.ts';
import { judge, nextProbe, type Reading } from './next-probe.ts';
import { insertOutcome } from './store.ts';

/**
 * Looks once whether an accepted handoff stands in its target, and writes what follows: confirmed, another look later,
 * or, at the deadline, the exception. A probe counts from its beginning and has a lease, as an attempt has, so that two
 * workers do not read side by side, and that of a lost worker is made again soon.
 */
export async function probeOutcome(shell: HandoffShell, found: HandoffRow): Promise<void> {
  const timeoutMs = shell.project().destinations.get(found.destination)?.timeoutMs ?? limits.attemptTimeoutMs;
  const row = await moveHandoff(shell.db, found, {
    state: 'confirming',
    probes: found.probes + 1,
    due_at: leaseUntil(shell),
  });
  if (row === null) return;
  // Asked before reading: a reading that was under way at the deadline is not yet the last one.
  const asked = shell.clock.now();
  const reading = await underLease(shell, row, (signal) => read(shell, row, timeoutMs, signal));
  await shell.db.transaction().execute((tx) => settle(shell, tx, row, reading, asked));
}

async function read(
  shell: HandoffShell,
  row: HandoffRow,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Reading> {
  const scope = await scopeOf(shell, row);
  const { plan } = row;
  try {
    const request = readRequest(row, scope);
    const ready = reach(shell, row.destination);
    const outcome = ready.ok
      ? await sendRequest({ ...ready, request, idempotencyKey: null, timeoutMs, signal })
      : ready.outcome;
    const { that, same } = plan.outcome;
    const rules = { destination: row.destination, sent: plan.request.body, same, that };
    return judge({ ...rules, holds: (result) => holds(that, { ...scope, result }) }, outcome);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return { verdict: 'unaskable', text: `The outcome cannot be read: ${error.message}`, compared: [] };
  }
}

/** What the outcome's expressions see: payload (as the deciding version reads it), ticket, request (the body sent), response. */
async function scopeOf(shell: HandoffShell, row: HandoffRow): Promise<Scope> {
  const ticket = await findTicket(shell.db, row.ticket_id);
  const workflow = ticket && (await shell.workflowAt(ticket.workflow_version));
  return {
    payload: keptValue(await latestPayload(shell.db, row.ticket_id), workflow?.trigger.jsonField ?? null),
    ticket: ticket?.fields ?? {},
    request: row.plan.request.body ?? null,
    response: row.response ?? null,
  };
}

function readRequest(row: HandoffRow, scope: Scope): HandoffRequest {
  const { operation, method, path: template, parameters } = row.plan.outcome;
  const filled = fillRequest(
    template,
    parameters.map(({ value, ...parameter }) => ({ ...parameter, value: evaluate(value, scope) })),
  );
  if (!filled.ok) throw new ExpressionError(filled.problem);
  return { operation, method, path: filled.path, headers: filled.headers };
}

/** Checked against its contracts when the workflow was; from its text it is compiled without them. */
const environment = expressionEnvironment({
  payload: true,
  ticket: true,
  request: true,
  response: true,
  result: true,
});

function evaluate(text: string, scope: Scope): unknown {
  return compileExpression(text, environment).expression.evaluate(scope);
}

/** Null: it could not be evaluated on what was read, a field being absent, say. */
function holds(that: string | null, scope: Scope): boolean | null {
  if (that === null) return true;
  try {
    return evaluate(that, scope) === true;
  } catch (error) {
    if (error instanceof ExpressionError) return null;
    throw error;
  }
}

async function settle(shell: Shell, tx: Tx, row: HandoffRow, reading: Reading, asked: Date): Promise<void> {
  const ticket = await lockTicket(tx, row.ticket_id);
  if (ticket === null || row.confirm_by === null) return;
  const now = shell.clock.now();
  const next = nextProbe(reading, row.probes, row.confirm_by, asked);
  const data = { handoff_seq: row.seq, handoff: row.handoff, probe: row.probes, verdict: reading.verdict };
  const by = 'signalbox';
  switch (next.kind) {
    case 'confirmed': {
      const outcome = { state: 'confirmed', compared: reading.compared, evidence: null, by } as const;
      const entry = { kind: 'outcome_confirmed', actor: by, data: { ...data, same: row.plan.outcome.same } };
      await confirmed(tx, ticket, row, { outcome, entry }, now);
      return;
    }
    case 'again':
      return await lookAgain(tx, ticket, row, { kind: 'outcome_probed', actor: by, data }, next.at, now);
    case 'contradicted':
    case 'unconfirmed': {
      const { compared, text, verdict } = reading;
      const wrong = compared.filter(({ equal }) => !equal).map(({ field }) => field);
      const entries = [{ kind: `outcome_${next.kind}`, actor: by, data: { ...data, fields: wrong } }];
      const detail = { verdict, compared, probes: row.probes, confirm_by: row.confirm_by.toISOString() };
      const failure = { mode: next.kind, summary: text, detail, entries };
      const failed = await failHandoff(tx, ticket, row, failure, now);
      if (failed !== null)
        await insertOutcome(tx, row, { state: next.kind, compared, evidence: null, by }, now);
    }
  }
}

/** Only a verdict that differs from the last one is an entry: a slow target would fill the chain with the same line. */
async function lookAgain(
  tx: Tx,
  ticket: TicketRow,
  row: HandoffRow,
  entry: EntryDraft,
  at: Date,
  now: Date,
): Promise<void> {
  if ((await moveHandoff(tx, row, { state: 'confirming', due_at: at })) === null) return;
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
