import type { Tx } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import { plusMs } from '../platform/instant.ts';
import type { Shell } from '../shell.ts';
import { RowsFailed } from '../sweeper.ts';
import { changeTicket, lockTicket, type TicketRow, tryLockTicket } from '../ticket/store.ts';
import { restateTicket } from '../ticket/worker.ts';
import type { Ref } from '../workflow/workflow.ts';
import { rungs } from './escalation.ts';
import { type Act, next } from './lifecycle.ts';
import { isKnown, reachable } from './reach.ts';
import { type Refusal, refusalCodes } from './refusal.ts';
import { supersede } from './resolution.ts';
import {
  dueExceptions,
  type ExceptionKey,
  type ExceptionRow,
  findException,
  openExceptionsOf,
  setAsideException,
  stateOf,
  updateException,
} from './store.ts';
import type { Effect, Transition } from './transition.ts';

/** What a resolution sets going outside this folder; each in the caller's transaction, on a locked ticket. */
export interface Effects {
  /** Decides the ticket again, with an edited payload or a forced route; writes its handoffs or its next exception. */
  redecide(
    tx: Tx,
    ticket: TicketRow,
    options: { readonly payload?: unknown; readonly rerouteTo?: Ref; readonly actor: string },
    now: Date,
  ): Promise<TicketRow>;
  /** Promises the failed handoff anew. */
  retryHandoff(tx: Tx, ticket: TicketRow, handoffSeq: number, actor: string, now: Date): Promise<TicketRow>;
  /** Takes a person's evidence for the outcome of a handoff. */
  confirmHandoff(
    tx: Tx,
    ticket: TicketRow,
    handoffSeq: number,
    evidence: string,
    actor: string,
    now: Date,
  ): Promise<TicketRow>;
  /** Cancels what has not been handed off yet. */
  cancelHandoffs(tx: Tx, ticket: TicketRow, reason: string, actor: string, now: Date): Promise<TicketRow>;
}

export interface ExceptionDeps {
  readonly shell: Shell;
  readonly effects: Effects;
}

/**
 * Does what a person asks of an exception, in one transaction: the row, the entries, and what a resolution sets going.
 * Throws AppError: not_found where there is no such exception; conflict where somebody else has it or it is resolved;
 * unprocessable or bad_request where the act does not fit, with what to do instead.
 */
export async function actOnException(
  { shell, effects }: ExceptionDeps,
  key: ExceptionKey,
  act: Act,
  actor: string,
): Promise<{ exception: ExceptionRow; ticket: TicketRow }> {
  const settled = await shell.db.transaction().execute(async (tx) => {
    const locked = await lockTicket(tx, key.ticketId);
    const row = locked && (await findException(tx, key));
    if (!locked || !row) throw missing(key);
    // Asked for under the lock, so that the times of a ticket's entries follow their order.
    const now = shell.clock.now();
    const decided = next(stateOf(row), { ...act, by: actor }, now);
    if (decided.kind === 'refusal') throw errorOf(decided, row);
    refuseUnknownTarget(shell, decided.effect);
    refuseSettled(locked, decided.effect);
    const exception = await updateException(tx, key, decided.changes);
    const changed = await changeTicket(tx, locked, { entries: decided.entries }, now);
    const ticket = decided.effect
      ? await carryOut(tx, effects, changed, exception, decided.effect, now)
      : changed;
    return { exception, ticket };
  });
  shell.wake();
  return settled;
}

/**
 * Tells every exception whose time has come that it has. Each row has its own transaction: one that cannot be handled
 * is logged and set aside for limits.sweepSetAsideMs, and the rest go on. Returns how many changed.
 * Throws RowsFailed at the end where some could not be handled.
 */
export async function sweepExceptions(
  { shell }: Pick<ExceptionDeps, 'shell'>,
  now: Date,
  rowsMax: number = limits.sweepRowsMax,
): Promise<number> {
  const within = reachable(shell.project(), now);
  let changed = 0;
  let failed = 0;
  for (const key of await dueExceptions(shell.db, now, [...within], rowsMax)) {
    try {
      if (await sweepOne(shell, key, within, now)) changed += 1;
    } catch (error) {
      failed += 1;
      shell.log.error(
        { err: error, ticket: key.ticketId, exception: key.seq },
        'exception could not be swept',
      );
      await setAsideException(shell.db, key, plusMs(now, limits.sweepSetAsideMs));
    }
  }
  if (failed > 0) throw new RowsFailed(failed);
  return changed;
}

async function sweepOne(
  shell: Shell,
  key: ExceptionKey,
  within: ReadonlySet<Ref>,
  now: Date,
): Promise<boolean> {
  return await shell.db.transaction().execute(async (tx) => {
    const ticket = await tryLockTicket(tx, key.ticketId);
    const row = ticket && (await findException(tx, key));
    if (!ticket || !row) return false;
    const exception = stateOf(row);
    const unreachable = rungs(exception.policy).filter((ref) => !within.has(ref));
    const decided = next(exception, { act: 'deadline', unreachable }, now);
    if (decided.kind === 'refusal') return false;
    await write(tx, ticket, key, decided, now);
    return true;
  });
}

/** What a resolution sets going, and the state that it leaves the ticket in. */
async function carryOut(
  tx: Tx,
  effects: Effects,
  locked: TicketRow,
  exception: ExceptionRow,
  effect: Effect,
  now: Date,
): Promise<TicketRow> {
  const actor = exception.resolved_by ?? 'signalbox';
  let ticket = locked;
  switch (effect.effect) {
    case 'replay':
    case 'reroute': {
      ticket = await supersedeOthers(tx, ticket, exception, now);
      ticket = await effects.cancelHandoffs(tx, ticket, effect.effect, actor, now);
      const { effect: _, ...asked } = effect;
      const options = 'to' in asked ? { rerouteTo: asked.to } : asked;
      ticket = await effects.redecide(tx, ticket, { ...options, actor }, now);
      break;
    }
    case 'retry':
      ticket = await effects.retryHandoff(tx, ticket, effect.handoffSeq, actor, now);
      break;
    case 'confirm':
      if (effect.handoffSeq === null) break;
      ticket = await effects.confirmHandoff(tx, ticket, effect.handoffSeq, effect.evidence, actor, now);
      break;
    case 'discard':
      // What is done is not given up, nor taken back: nothing is to be done about the exception alone.
      if (ticket.state === 'done') break;
      ticket = await supersedeOthers(tx, ticket, exception, now);
      ticket = await effects.cancelHandoffs(tx, ticket, effect.reason, actor, now);
  }
  return await restateTicket(tx, ticket, now, effect.effect === 'discard' ? 'discarded' : undefined);
}

async function supersedeOthers(tx: Tx, locked: TicketRow, by: ExceptionRow, now: Date): Promise<TicketRow> {
  const because = {
    by: by.resolved_by ?? 'signalbox',
    rootCause: by.root_cause ?? '',
    note: `By the ${by.resolution} of exception ${by.seq}`,
  };
  return await supersedeOpen(tx, locked, because, now);
}

/** A ticket that is decided again, or given up, leaves nothing to settle in its open exceptions. The caller holds its lock. */
export async function supersedeOpen(
  tx: Tx,
  locked: TicketRow,
  because: Parameters<typeof supersede>[1],
  now: Date,
): Promise<TicketRow> {
  let ticket = locked;
  for (const other of await openExceptionsOf(tx, locked.id)) {
    const key = { ticketId: locked.id, seq: other.seq };
    ticket = await write(tx, ticket, key, supersede(stateOf(other), because, now), now);
  }
  return ticket;
}

async function write(
  tx: Tx,
  ticket: TicketRow,
  key: ExceptionKey,
  decided: Transition,
  now: Date,
): Promise<TicketRow> {
  await updateException(tx, key, decided.changes);
  return await changeTicket(tx, ticket, { entries: decided.entries }, now);
}

function refuseUnknownTarget(shell: Shell, effect: Effect | null): void {
  if (effect?.effect !== 'reroute' || isKnown(shell.project(), effect.to)) return;
  throw new AppError('unprocessable', `${effect.to} is not in this project.`, {
    help: 'Name a person: or team: of signalbox.yaml.',
  });
}

function refuseSettled({ state, settled_at: settledAt }: TicketRow, effect: Effect | null): void {
  if (settledAt === null || (effect?.effect !== 'replay' && effect?.effect !== 'reroute')) return;
  throw new AppError('conflict', `The ticket is ${state}: it is not decided again.`, {
    help: 'Put right by hand what the exception tells, and confirm that with evidence, or discard the exception.',
  });
}

function missing({ ticketId, seq }: ExceptionKey): AppError {
  return new AppError('not_found', `Ticket ${ticketId} has no exception ${seq}.`, {
    help: 'GET /api/exceptions lists what stands open.',
  });
}

function errorOf(refusal: Refusal, row: ExceptionRow): AppError {
  return new AppError(refusalCodes[refusal.code], refusal.what, {
    help: refusal.help,
    details: { refusal: refusal.code, state: row.state, claimed_by: row.claimed_by },
  });
}
