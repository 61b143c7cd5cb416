import type { EntryDraft } from '../audit/chain.ts';
import { entriesOf } from '../audit/store.ts';
import type { Tx } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { failHandoff, releaseWaiting } from '../handoff/ending/worker.ts';
import { findHandoff, type HandoffName, type HandoffRow, moveHandoff } from '../handoff/store.ts';
import { plusMs } from '../platform/instant.ts';
import type { Shell } from '../shell.ts';
import { changeTicket, lockTicket, type TicketRow } from '../ticket/store.ts';
import {
  approvalAfter,
  approvalState,
  columnsOf,
  type NextApproval,
  nextApproval,
  nextLookAt,
  requestDigest,
} from './decide.ts';
import { type ApprovalRow, changeApproval, findApproval } from './store.ts';

/** A person's yes or no. */
export interface Decision {
  readonly approve: boolean;
  readonly reason: string;
  /** How it came, where not over the API: it stands in the entry. */
  readonly by?: 'link';
  /** The digest of what the person was shown; absent: what the row says. */
  readonly digest?: string;
}

/**
 * Takes a person's yes or no, in one transaction with what follows: the handoff goes on, or stands as an exception.
 * Throws AppError: `not_found`; `conflict` where it is settled; `forbidden` where it is not the actor's to decide;
 * `unprocessable` for a refusal without a reason.
 */
export async function decideApproval(
  shell: Shell,
  { ticketId, handoffSeq }: HandoffName,
  decision: Decision,
  actor: string,
): Promise<TicketRow> {
  const settled = await shell.db.transaction().execute(async (tx) => {
    const ticket = await lockTicket(tx, ticketId);
    const row = ticket && (await findHandoff(tx, ticketId, handoffSeq));
    const approval = row && (await findApproval(tx, ticketId, handoffSeq));
    if (!ticket || !row || !approval) {
      throw new AppError('not_found', `Ticket ${ticketId} has no approval for handoff ${handoffSeq}`);
    }
    const now = shell.clock.now();
    const { approve, reason } = decision;
    const acted = await actedOn(tx, ticketId);
    const act = { kind: 'decide', approve, reason, actor, acted } as const;
    const next = nextApproval(approvalState(approval), act, shell.project().teams, now);
    refuseChanged(row, approval, decision);
    return await write({ tx, ticket, row, approval, now }, next, { ...decision, actor });
  });
  shell.wake();
  return settled;
}

/** What time does to an approval: a reminder, the alternate, or the end. For the sweeper: on a locked ticket, in its transaction. */
export async function sweepApproval(
  shell: Shell,
  tx: Tx,
  ticket: TicketRow,
  row: HandoffRow,
  now: Date,
): Promise<void> {
  const approval = await findApproval(tx, row.ticket_id, row.seq);
  if (approval === null)
    throw new Error(`handoff ${row.seq} of ticket ${row.ticket_id} waits for no approval`);
  const next = nextApproval(approvalState(approval), { kind: 'tick' }, shell.project().teams, now);
  const by = { actor: 'signalbox', reason: '' };
  await write({ tx, ticket, row, approval, now }, next, by);
}

/** The people who have acted on a ticket: whoever stands in its chain but for answering and asking for approvals. */
export async function actedOn(tx: Tx, ticketId: string): Promise<ReadonlySet<string>> {
  const entries = await entriesOf(tx, ticketId);
  const acts = entries.filter(
    ({ actor, kind }) => actor.startsWith('person:') && !kind.startsWith('approval_'),
  );
  return new Set(acts.map(({ actor }) => actor));
}

function refuseChanged(row: HandoffRow, approval: ApprovalRow, { digest = approval.digest }: Decision): void {
  const current = requestDigest(row.plan.request);
  if (row.state === 'awaiting_approval' && current === approval.digest && digest === current) return;
  throw new AppError('conflict', `Handoff ${row.seq} no longer waits for this approval`);
}

/** An approval about to be changed: the ticket is locked. */
interface At {
  readonly tx: Tx;
  readonly ticket: TicketRow;
  readonly row: HandoffRow;
  readonly approval: ApprovalRow;
  readonly now: Date;
}

type Given = Pick<Decision, 'reason' | 'by'> & { readonly actor: string };

/** Writes what follows of an approval: the row, the entry, and what becomes of its handoff. */
async function write(at: At, next: NextApproval, given: Given): Promise<TicketRow> {
  const { tx, ticket, row, approval, now } = at;
  const { actor } = given;
  const reason = given.reason === '' ? null : given.reason;
  const after = approvalAfter(approvalState(approval), next, { actor, reason }, now);
  const settled = after.state === 'waiting' ? {} : { decided_at: now, decided_by: actor, reason };
  await changeApproval(tx, approval, { ...columnsOf(after), ...settled });
  const entries = entriesFor(at, next, { ...given, reason });
  switch (next.kind) {
    case 'approved':
      return await goOn(at, entries);
    case 'refused':
    case 'overdue': {
      const mode = next.kind === 'refused' ? 'refused' : 'approval_overdue';
      const summary = `${row.handoff} to ${row.destination} was not approved: ${next.text}`;
      return (await failHandoff(tx, ticket, row, { mode, summary, detail: {}, entries }, now)) ?? ticket;
    }
    default:
      await moveHandoff(tx, row, { state: row.state, due_at: nextLookAt(after) });
      return entries.length === 0 ? ticket : await changeTicket(tx, ticket, { entries }, now);
  }
}

/** It waits for what it comes after, which may be nothing: then it is ready in the same breath. */
async function goOn({ tx, ticket, row, now }: At, entries: readonly EntryDraft[]): Promise<TicketRow> {
  const giveUpAt = plusMs(now, row.plan.retry.forMs);
  await moveHandoff(tx, row, { state: 'waiting', due_at: now, give_up_at: giveUpAt });
  return await releaseWaiting(tx, await changeTicket(tx, ticket, { entries }, now), now);
}

function entriesFor(
  { row, approval }: At,
  next: NextApproval,
  { actor, reason, by: over }: Omit<Given, 'reason'> & { readonly reason: string | null },
): EntryDraft[] {
  const entry = (more: EntryDraft['data']): EntryDraft[] => [
    { kind: `approval_${next.kind}`, actor, data: { handoff_seq: row.seq, handoff: row.handoff, ...more } },
  ];
  const { by, due_at: dueAt } = approval;
  switch (next.kind) {
    case 'unchanged':
      // The sweep came before its time.
      return [];
    case 'reminded':
      return entry({ by: next.who, due_at: dueAt.toISOString() });
    case 'passed_on':
      return entry({ from: by, to: next.to, due_at: next.dueAt.toISOString() });
    default: {
      const missing = next.kind === 'counted' ? { missing: next.missing } : {};
      return entry({ by, reason, ...(over !== undefined && { over }), ...missing });
    }
  }
}
