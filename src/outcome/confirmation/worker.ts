import type { EntryDraft } from '../../audit/chain.ts';
import { AppError } from '../../errors.ts';
import { confirmed, failHandoff } from '../../handoff/ending/worker.ts';
import { findHandoff, type HandoffName, type HandoffRow, moveHandoff } from '../../handoff/store.ts';
import { plusMs } from '../../platform/instant.ts';
import type { Shell } from '../../shell.ts';
import { changeTicket, lockTicket, type TicketRow } from '../../ticket/store.ts';
import type { ConfirmPlan } from '../plan.ts';
import type { Settling } from '../settling/worker.ts';
import { insertOutcome } from '../store.ts';
import { type ConfirmationState, type NextConfirmation, nextConfirmation, nextLookAt } from './decide.ts';
import { type ConfirmationRow, changeConfirmation, findConfirmation, insertConfirmation } from './store.ts';

/** A person's word for an outcome. */
export interface Word {
  readonly confirm: boolean;
  readonly evidence: string;
  /** The points of the checklist that were looked at, counted from 1. */
  readonly checked: readonly number[];
}

/**
 * Takes a person's word for the outcome of a handoff, in one transaction with what follows: it is proved, or it stands as
 * an exception. Throws AppError: `not_found`; `conflict` where it is settled; `forbidden` where it is not theirs to say;
 * `unprocessable` without evidence.
 */
export async function decideConfirmation(
  shell: Shell,
  name: HandoffName,
  word: Word,
  actor: string,
): Promise<TicketRow> {
  const settled = await shell.db.transaction().execute(async (tx) => {
    const ticket = await lockTicket(tx, name.ticketId);
    const row = ticket && (await findHandoff(tx, name.ticketId, name.handoffSeq));
    const confirmation = row && (await findConfirmation(tx, name));
    if (!ticket || !row || !confirmation) {
      throw new AppError(
        'not_found',
        `Handoff ${name.handoffSeq} of ticket ${name.ticketId} waits for nobody’s word`,
        { help: 'GET /api/outcomes lists what does.' },
      );
    }
    const now = shell.clock.now();
    const act = { kind: 'decide', ...word, actor } as const;
    const next = nextConfirmation(stateOf(confirmation), act, shell.project().teams, now);
    if (row.state !== 'confirming') {
      throw new AppError(
        'conflict',
        `Handoff ${row.seq} is ${row.state}: it waits for nobody’s word any more`,
      );
    }
    return await write({ tx, ticket, row, now }, confirmation, next, {
      actor,
      evidence: word.evidence.trim(),
    });
  });
  shell.wake();
  return settled;
}

/** Asks for a person's word once the handoff has been accepted; later reminds them, and ends it at its deadline. */
export async function lookForConfirmation(shell: Shell, found: HandoffRow): Promise<void> {
  await shell.db.transaction().execute(async (tx) => {
    const name = { ticketId: found.ticket_id, handoffSeq: found.seq };
    const ticket = await lockTicket(tx, found.ticket_id);
    const row = ticket && (await findHandoff(tx, found.ticket_id, found.seq));
    const plan = row?.plan.outcome;
    if (!ticket || row?.state !== 'confirming' || plan?.kind !== 'confirm') return;
    const at = { tx, ticket, row, now: shell.clock.now() };
    const confirmation = await findConfirmation(tx, name);
    if (confirmation === null) return await ask(at, plan);
    const next = nextConfirmation(stateOf(confirmation), { kind: 'tick' }, shell.project().teams, at.now);
    await write(at, confirmation, next, { actor: 'signalbox', evidence: null });
  });
}

/** Their time begins when they are asked: this server may have been stopped since the acceptance. */
async function ask({ tx, ticket, row, now }: Settling, plan: ConfirmPlan): Promise<void> {
  const dueAt = plusMs(now, plan.withinMs);
  const remindAt = plan.remindMs === 0 ? null : plusMs(dueAt, -plan.remindMs);
  await insertConfirmation(tx, {
    ticket_id: row.ticket_id,
    handoff_seq: row.seq,
    state: 'waiting',
    by: plan.by,
    checklist: JSON.stringify(plan.checklist),
    asked_at: now,
    due_at: dueAt,
    remind_at: remindAt,
    reminded_at: null,
    decided_at: null,
    decided_by: null,
    evidence: null,
  });
  const lookAt = remindAt !== null && remindAt > now ? remindAt : dueAt;
  const change = { state: 'confirming', due_at: lookAt, confirm_by: dueAt, probes: row.probes + 1 } as const;
  await moveHandoff(tx, row, change);
  const entry = entryOf(row, 'confirmation_asked', 'signalbox', { by: plan.by, due_at: dueAt.toISOString() });
  await changeTicket(tx, ticket, { entries: [entry] }, now);
}

async function write(
  at: Settling,
  confirmation: ConfirmationRow,
  next: NextConfirmation,
  { actor, evidence }: { readonly actor: string; readonly evidence: string | null },
): Promise<TicketRow> {
  const { tx, ticket, row, now } = at;
  const settled = { decided_at: now, decided_by: actor, evidence };
  switch (next.kind) {
    case 'unchanged':
      await moveHandoff(tx, row, { state: 'confirming', due_at: nextLookAt(stateOf(confirmation)) });
      return ticket;
    case 'reminded': {
      await changeConfirmation(tx, confirmation, { reminded_at: now });
      await moveHandoff(tx, row, { state: 'confirming', due_at: confirmation.due_at });
      const { by, due_at: dueAt } = confirmation;
      const entry = entryOf(row, 'confirmation_reminded', actor, { by, due_at: dueAt.toISOString() });
      return await changeTicket(tx, ticket, { entries: [entry] }, now);
    }
    case 'confirmed': {
      await changeConfirmation(tx, confirmation, { state: 'confirmed', ...settled });
      const outcome = { state: 'confirmed_by_person', compared: [], evidence, by: actor } as const;
      const entry = entryOf(row, 'outcome_confirmed_by_person', actor, {});
      return (await confirmed(tx, ticket, row, { outcome, entry }, now)) ?? ticket;
    }
    case 'denied':
    case 'overdue': {
      await changeConfirmation(tx, confirmation, { state: next.kind, ...settled });
      const mode = next.kind === 'denied' ? 'contradicted' : 'unconfirmed';
      const summary = `${row.handoff} at ${row.destination} is not confirmed: ${next.text}`;
      const entries = [entryOf(row, `confirmation_${next.kind}`, actor, { by: confirmation.by })];
      const failed = await failHandoff(tx, ticket, row, { mode, summary, detail: {}, entries }, now);
      if (failed !== null)
        await insertOutcome(tx, row, { state: mode, compared: [], evidence, by: actor }, now);
      return failed ?? ticket;
    }
  }
}

function entryOf(row: HandoffRow, kind: string, actor: string, more: EntryDraft['data']): EntryDraft {
  return { kind, actor, data: { handoff_seq: row.seq, handoff: row.handoff, ...more } };
}

function stateOf(row: ConfirmationRow): ConfirmationState {
  return {
    state: row.state,
    by: row.by,
    checklist: row.checklist,
    dueAt: row.due_at,
    remindAt: row.remind_at,
    remindedAt: row.reminded_at,
  };
}
