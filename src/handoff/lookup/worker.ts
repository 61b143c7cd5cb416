import type { Db } from '../../db/schema.ts';
import { changeTicket, findTicket, lockTicket } from '../../ticket/store.ts';
import {
  compileExpression,
  ExpressionError,
  expressionEnvironment,
  type Scope,
} from '../../workflow/expression.ts';
import { sendRequest } from '../connectors/send.ts';
import { evaluatePlanned } from '../evaluate.ts';
import type { AttemptOutcome, FindPlan, HandoffRequest } from '../handoff.ts';
import { isSpent } from '../next-attempt.ts';
import { knowsKeys, type Reached } from '../reach.ts';
import { factsOf } from '../step.ts';
import { attemptsOf, type HandoffRow, hasUnanswered } from '../store.ts';
import type { HandoffShell } from '../worker.ts';
import { type Found, judgeSearch, unaskable, unfindable } from './found.ts';

/**
 * Makes an attempt, and looks first where the one before got no answer: what is found there is accepted without being
 * sent again; where nobody can say, nothing is sent, and the question is asked again later. The last attempt that gets
 * no answer is followed by a look at once: there is no later one; where its worker was lost, by a look alone. Where the handoff does not say how to look (`find`), it
 * is sent again only to a destination that recognises its key.
 */
export async function lookBeforeRepeating(
  shell: HandoffShell,
  row: HandoffRow,
  ready: Extract<Reached, { ok: true }>,
  signal: AbortSignal,
  attempt: () => Promise<AttemptOutcome>,
): Promise<AttemptOutcome> {
  const { find } = row.plan;
  if (find === undefined) {
    if (knowsKeys(ready.destination) || !(await isUnanswered(shell, row))) return await attempt();
    return unfindable(row.destination);
  }
  const look = () => lookUp(shell, row, find, ready, signal);
  if (await hasUnanswered(shell.db, row)) {
    const { verdict, outcome } = await look();
    if (verdict !== 'not_found' || (await isLookAlone(shell.db, row))) return outcome;
  }
  const outcome = await attempt();
  if (outcome.result !== 'unknown' || !isSpent(factsOf(row), shell.clock.now()) || signal.aborted)
    return outcome;
  const last = await look();
  return last.verdict === 'found' ? last.outcome : outcome;
}

export const workerLost = 'the worker that made this attempt was lost';

/** Whether an attempt may only look: the one before was the last, and lost its worker before anybody could look. */
export async function isLookAlone(db: Db, row: HandoffRow): Promise<boolean> {
  const attempts = await attemptsOf(db, row.ticket_id);
  const last = attempts.find((each) => each.handoff_seq === row.seq && each.attempt === row.attempts - 1);
  if (last?.detail !== workerLost || last.ended_at === null) return false;
  return isSpent({ ...factsOf(row), attempts: last.attempt }, last.ended_at);
}

/** Whether an attempt of this row itself got no answer: what a person has retried, they have looked at. */
async function isUnanswered({ db }: HandoffShell, { ticket_id: id, seq }: HandoffRow): Promise<boolean> {
  const attempts = await attemptsOf(db, id);
  return attempts.some(({ handoff_seq: of, result }) => of === seq && result === 'unknown');
}

async function lookUp(
  shell: HandoffShell,
  row: HandoffRow,
  find: FindPlan,
  { destination, secret, ca }: Extract<Reached, { ok: true }>,
  signal: AbortSignal,
): Promise<Found> {
  const ticket = await findTicket(shell.db, row.ticket_id);
  const scope = {
    ticket: ticket?.fields ?? {},
    request: row.plan.request.body ?? null,
    key: row.idempotency_key,
  };
  const found = await search(row, find, scope, (request) =>
    sendRequest({
      destination,
      secret,
      ca,
      request,
      idempotencyKey: null,
      timeoutMs: destination.timeoutMs,
      signal,
    }),
  );
  await tell(shell, row, find, found);
  return found;
}

async function search(
  row: HandoffRow,
  find: FindPlan,
  scope: Scope,
  ask: (request: HandoffRequest) => Promise<AttemptOutcome>,
): Promise<Found> {
  const evaluate = (text: string, more: Scope = {}) =>
    compileExpression(text, environment).expression.evaluate({ ...scope, ...more });
  try {
    const read = await ask(evaluatePlanned(find, (text) => evaluate(text)));
    return judgeSearch(row.destination, find, read, (text, result) => evaluate(text, { result }));
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return unaskable(row.destination, find.operation, error.message);
  }
}

/** Checked against its contracts when the workflow was; from its text it is compiled without them. */
const environment = expressionEnvironment({ ticket: true, request: true, key: true, result: true });

/** Our own words and names only: what was read stays with the attempt. */
async function tell(
  { db, clock }: HandoffShell,
  row: HandoffRow,
  { operation }: FindPlan,
  { verdict, outcome }: Found,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const ticket = await lockTicket(tx, row.ticket_id);
    if (ticket === null) return;
    const attempt = { handoff_seq: row.seq, handoff: row.handoff, attempt: row.attempts };
    const data = { ...attempt, destination: row.destination, operation, key: row.idempotency_key, verdict };
    const entry = {
      kind: 'handoff_looked_up',
      actor: 'signalbox',
      data: { ...data, status: outcome.status },
    };
    await changeTicket(tx, ticket, { entries: [entry] }, clock.now());
  });
}
