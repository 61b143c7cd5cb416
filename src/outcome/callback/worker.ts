import type { EntryDraft } from '../../audit/chain.ts';
import type { Db, Tx } from '../../db/schema.ts';
import { AppError } from '../../errors.ts';
import {
  attemptsOf,
  findHandoff,
  type HandoffName,
  type HandoffRow,
  handoffsOf,
  moveHandoff,
} from '../../handoff/store.ts';
import type { HandoffShell } from '../../handoff/worker.ts';
import { limits } from '../../limits.ts';
import { changeTicket, lockTicket, type TicketRow } from '../../ticket/store.ts';
import { ExpressionError } from '../../workflow/expression.ts';
import { evaluate, keyText } from '../expressions.ts';
import { judgeRecord, type Reading, rulesOf } from '../next-probe.ts';
import type { CallbackPlan } from '../plan.ts';
import { scopeOf } from '../scope/worker.ts';
import { type Settling, settleReading } from '../settling/worker.ts';
import { awaitsByOwnKey, digestOf, keysIn, type Said, ticketOfKey, valueSaid } from './said.ts';
import {
  awaitKey,
  bodyOf,
  type CallbackRow,
  callbacksOf,
  countUnclaimed,
  insertCallback,
  insertUnclaimed,
  judgeCallback,
  lockKeys,
  matchesOf,
  namedBy,
} from './store.ts';

/** What became of a handoff by a callback. */
export interface Received {
  readonly ticketId: string;
  /** Its id in the workflow file. */
  readonly handoff: string;
  /**
   * confirmed, contradicted: it is settled by it. pending: it is not the last word. kept: it is looked at when the handoff
   * has been accepted. late: the handoff was settled before.
   */
  readonly becomes: 'confirmed' | 'contradicted' | 'pending' | 'kept' | 'late';
  /** The very same had come before. */
  readonly repeated: boolean;
}

/**
 * Takes what a target says of a handoff: nothing of it is lost, whatever state that is in. In one transaction with what
 * follows. Throws AppError: `not_found` where there is no such handoff, or it waits for no callback; `bad_request` for a
 * body that cannot be read; `too_many_requests` where it has said too much.
 */
export async function takeCallback(shell: HandoffShell, name: HandoffName, said: Said): Promise<Received> {
  const value = valueSaid(said);
  if (!value.ok) throw unreadable(value.problem);
  const received = await shell.db.transaction().execute(async (tx) => {
    const ticket = await lockTicket(tx, name.ticketId);
    const row = ticket && (await findHandoff(tx, name.ticketId, name.handoffSeq));
    if (!ticket || row?.plan.outcome.kind !== 'callback') throw unknown();
    const now = shell.clock.now();
    const before = (await callbacksOf(tx, ticket.id)).filter((each) => each.handoff_seq === row.seq);
    const digest = digestOf(said);
    const same = before.find((each) => each.digest.equals(digest));
    if (same !== undefined) return receivedAs(row, same.verdict, true);
    if (before.length >= limits.callbacksPerHandoffMax) {
      // A target that tells every change of a record for ever is not asked to tell it once more.
      if (row.settled_at !== null) return receivedAs(row, 'late', false);
      throw tooMuch();
    }
    const { source, contentType, body } = said;
    const kept = await insertCallback(tx, name, { source, keys: {}, contentType, body, digest }, now);
    if (kept === null) throw new Error('a callback came twice under one lock');
    const { verdict } = await judgeKept(shell, { tx, ticket, row, now }, [{ kept, value: value.value }]);
    return receivedAs(row, verdict, false);
  });
  shell.wake();
  return received;
}

/** Takes what comes by the address that was handed to a target, for the newest handoff with that key. Throws as takeCallback. */
export async function takeLinkCallback(shell: HandoffShell, key: string, said: Said): Promise<Received> {
  const row = await newestOfKey(shell.db, key);
  if (row === null) throw unknown();
  return await takeCallback(shell, { ticketId: row.ticket_id, handoffSeq: row.seq }, said);
}

/** The newest handoff with a key: a retry by a person has the key of the one before. */
async function newestOfKey(db: Db, key: string): Promise<HandoffRow | null> {
  const ticketId = ticketOfKey(key);
  const handoffs = ticketId === null ? [] : await handoffsOf(db, ticketId);
  return handoffs.findLast(({ idempotency_key }) => idempotency_key === key) ?? null;
}

/**
 * Takes a callback that carries the proof of a source, for every handoff that it names; empty: nobody waits for its key
 * yet, and it is kept for who will. Throws AppError as takeCallback; `unprocessable` where it names nothing at all.
 */
export async function takeSourceCallback(
  shell: HandoffShell,
  said: Said & { readonly source: string },
): Promise<Received[]> {
  const value = valueSaid(said);
  if (!value.ok) throw unreadable(value.problem);
  const { source } = said;
  const matches = [...(await matchesOf(shell.db, source)), ...matchesInForce(shell, source)];
  const keys = keysIn(matches, { result: value.value, headers: said.headers });
  if (Object.keys(keys).length === 0) {
    throw new AppError('unprocessable', 'This callback names no handoff that anybody could wait for.', {
      help: 'What has to name it stands in `outcome.callback.match` of the workflow.',
    });
  }
  const names = await shell.db.transaction().execute(async (tx) => {
    await lockKeys(tx, source);
    const named = await namesOf(tx, source, keys);
    if (named.length > 0) return named;
    const now = shell.clock.now();
    if ((await countUnclaimed(tx, source, now)) >= limits.callbacksUnclaimedMax) throw tooMuch();
    const { contentType, body } = said;
    await insertUnclaimed(tx, { source, keys, contentType, body, digest: digestOf({ ...said, keys }) }, now);
    return named;
  });
  const received: Received[] = [];
  for (const name of names) received.push(await takeCallback(shell, name, { ...said, keys }));
  return received;
}

function matchesInForce(shell: HandoffShell, source: string): string[] {
  const workflows = [...shell.project().workflows.values()];
  return workflows.flatMap(({ handoffs }) =>
    handoffs.flatMap(({ outcome: { callback } }) =>
      callback?.from === source && callback.match !== null ? [callback.match.source] : [],
    ),
  );
}

/** The handoffs of keys: those that wait, and those whose own key it is, which need not have been accepted yet. */
async function namesOf(
  tx: Tx,
  source: string,
  keys: Readonly<Record<string, string>>,
): Promise<HandoffName[]> {
  const names = await namedBy(tx, source, keys);
  for (const [match, key] of Object.entries(keys)) {
    const own = await newestOfKey(tx, key);
    if (own !== null && awaitsByOwnKey(own.plan, source, match)) {
      names.push({ ticketId: own.ticket_id, handoffSeq: own.seq });
    }
  }
  const isFirst = ({ ticketId, handoffSeq }: HandoffName, index: number) =>
    names.findIndex((each) => each.ticketId === ticketId && each.handoffSeq === handoffSeq) === index;
  return names.filter(isFirst);
}

/**
 * Looks at what has called back for an accepted handoff: at once, for it may have come before the acceptance, and at the
 * deadline, when nothing that proves it has come. A callback in between settles it by itself.
 */
export async function lookForCallback(shell: HandoffShell, found: HandoffRow): Promise<void> {
  await shell.db.transaction().execute(async (tx) => {
    const ticket = await lockTicket(tx, found.ticket_id);
    const row = ticket && (await findHandoff(tx, found.ticket_id, found.seq));
    const plan = row?.plan.outcome;
    if (!ticket || row?.state !== 'confirming' || plan?.kind !== 'callback') return;
    const at = { tx, ticket, row, now: shell.clock.now() };
    const nameless = plan.from === null ? null : await awaitOwn(shell, at, plan, plan.from);
    if (nameless !== null) return void (await settleReading(at, nameless, 'unconfirmed'));
    const kept = (await callbacksOf(tx, ticket.id)).filter((each) => each.handoff_seq === row.seq);
    const open = kept.filter(({ verdict }) => verdict === null);
    const { verdict, ticket: told } = await judgeKept(shell, at, withValues(tx, open));
    if (verdict === 'stands' || verdict === 'wrong') return;
    const confirmBy = row.confirm_by ?? at.now;
    if (at.now < confirmBy) {
      await moveHandoff(tx, row, { state: 'confirming', due_at: confirmBy, probes: row.probes + 1 });
      return;
    }
    const last = verdict ?? kept.at(-1)?.verdict ?? null;
    await settleReading({ ...at, ticket: told }, silence(row, confirmBy, last !== null), 'unconfirmed');
  });
}

/** Says what callbacks will name it by. What it comes to, where that cannot be said. */
async function awaitOwn(
  shell: HandoffShell,
  { tx, row, now }: Settling,
  { match, key }: CallbackPlan,
  source: string,
): Promise<Reading | null> {
  const name = { ticketId: row.ticket_id, handoffSeq: row.seq };
  const scope = await scopeOf(shell, tx, row);
  const own = key === null ? row.idempotency_key : keyOf(() => evaluate(key, scope));
  if (match === null || own === null || own.length > limits.callbackKeyCharsMax) {
    const text = `No callback can name this handoff: ${key} is no text or number in what ${row.destination} answered`;
    return { verdict: 'unaskable', text, compared: [] };
  }
  await lockKeys(tx, source);
  const attempts = (await attemptsOf(tx, row.ticket_id)).filter((each) => each.handoff_seq === row.seq);
  await awaitKey(tx, { source, match, key: own }, name, attempts[0]?.started_at ?? now);
  return null;
}

function keyOf(key: () => unknown): string | null {
  try {
    return keyText(key());
  } catch (error) {
    if (error instanceof ExpressionError) return null;
    throw error;
  }
}

interface Kept {
  readonly kept: CallbackRow;
  readonly value: unknown;
}

/** One after the other: all that may be kept of a handoff would be a hundred bodies at once. */
async function* withValues(db: Db, callbacks: readonly CallbackRow[]): AsyncGenerator<Kept> {
  for (const kept of callbacks) {
    const body = await bodyOf(db, kept);
    const value = body === null ? null : valueSaid({ contentType: kept.content_type, headers: {}, body });
    yield { kept, value: value?.ok ? value.value : null };
  }
}

/**
 * Judges callbacks in their order until one settles the handoff. Before the acceptance only a proof counts; the rest is
 * kept, for what it is held against is not complete. Returns the ticket as it then stands, and the last verdict; null: they
 * are kept, or there are none.
 */
async function judgeKept(
  shell: HandoffShell,
  at: Settling,
  callbacks: Iterable<Kept> | AsyncIterable<Kept>,
): Promise<{ ticket: TicketRow; verdict: CallbackRow['verdict'] }> {
  const { tx, row } = at;
  let { ticket } = at;
  let last: CallbackRow['verdict'] = null;
  for await (const { kept, value } of callbacks) {
    if (row.settled_at !== null) {
      await judgeCallback(tx, kept, 'late');
      ticket = await changeTicket(tx, ticket, { entries: [entryOf(row, kept, 'late')] }, at.now);
      return { ticket, verdict: 'late' };
    }
    const reading = await readingOf(shell, tx, row, value);
    const verdict = reading.verdict as NonNullable<CallbackRow['verdict']>;
    const counts = row.state === 'confirming' || (verdict === 'stands' && row.attempts > 0);
    ticket = await changeTicket(
      tx,
      ticket,
      { entries: [entryOf(row, kept, counts ? verdict : 'kept')] },
      at.now,
    );
    if (!counts) continue;
    await judgeCallback(tx, kept, verdict);
    last = verdict;
    if (verdict === 'pending') continue;
    return { ticket: (await settle({ ...at, ticket }, reading)) ?? ticket, verdict };
  }
  return { ticket, verdict: last };
}

/** A callback is the last word, but where `until` says which one is. */
async function readingOf(shell: HandoffShell, tx: Tx, row: HandoffRow, value: unknown): Promise<Reading> {
  const { outcome } = row.plan;
  const scope = await scopeOf(shell, tx, row);
  const reading = judgeRecord(rulesOf(row, outcome as CallbackPlan, scope), value);
  return reading.verdict === 'differs' ? { ...reading, verdict: 'wrong' } : reading;
}

async function settle(at: Settling, reading: Reading): Promise<TicketRow | null> {
  if (reading.verdict !== 'stands') return await settleReading(at, reading, 'contradicted');
  // Proved before it was accepted: the answer to the attempt no longer matters.
  const { tx, row, now } = at;
  if (row.confirm_by !== null) return await settleReading(at, reading, 'confirmed');
  const moved = await moveHandoff(tx, row, { state: row.state, confirm_by: now, accepted_at: now });
  return moved === null ? null : await settleReading({ ...at, row: moved }, reading, 'confirmed');
}

function silence(row: HandoffRow, confirmBy: Date, spoken: boolean): Reading {
  const text = spoken
    ? `${row.destination} has called back, but not that it is done, by ${confirmBy.toISOString()}`
    : `${row.destination} has not called back by ${confirmBy.toISOString()}`;
  return { verdict: spoken ? 'pending' : 'missing', text, compared: [] };
}

function entryOf(row: HandoffRow, { id, source }: CallbackRow, verdict: string): EntryDraft {
  const actor = source === null ? `destination:${row.destination}` : `source:${source}`;
  const kind = verdict === 'late' ? 'callback_late' : 'callback_received';
  return { kind, actor, data: { handoff_seq: row.seq, handoff: row.handoff, callback: id, verdict } };
}

function receivedAs(row: HandoffRow, verdict: CallbackRow['verdict'], repeated: boolean): Received {
  const becomes = {
    stands: 'confirmed',
    wrong: 'contradicted',
    pending: 'pending',
    late: 'late',
  } as const;
  return {
    ticketId: row.ticket_id,
    handoff: row.handoff,
    becomes: verdict === null ? 'kept' : becomes[verdict],
    repeated,
  };
}

function unknown(): AppError {
  return new AppError('not_found', 'No handoff waits for a callback under this name.');
}

function unreadable(problem: string): AppError {
  return new AppError('bad_request', `The callback cannot be read: ${problem}`, {
    help: 'Send JSON with the content type application/json.',
  });
}

function tooMuch(): AppError {
  return new AppError(
    'too_many_requests',
    'Too many callbacks have said too little: this one was not kept.',
    {
      help: 'Send it again later, or only when the work is done.',
    },
  );
}
