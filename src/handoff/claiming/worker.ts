import { byIndex } from '../../db/by-index.ts';
import { Batch } from '../../db/rows.ts';
import { changeTickets, lockTickets, type TicketRow } from '../../ticket/store.ts';
import { leaseUntil } from '../lease/worker.ts';
import {
  findHandoffs,
  type HandoffName,
  type HandoffRow,
  moveHandoffs,
  nameOf,
  nameOfRow,
  openAttempts,
} from '../store.ts';
import { attemptedEntry, type HandoffShell } from '../worker.ts';

/** What there is to do for a handoff that was found due. */
export type Claimed =
  /** It is another's, settled, or not due: nothing. */
  | { readonly kind: 'none' }
  /** Somebody must look closer than a group can: an approval, say. */
  | { readonly kind: 'closer'; readonly row: HandoffRow }
  /** An attempt, or a look at the outcome, has begun: `row` has its lease. */
  | { readonly kind: 'attempt' | 'probe'; readonly row: HandoffRow; readonly ticket: TicketRow };

const none: Claimed = { kind: 'none' };

/**
 * Begins attempts and looks of many handoffs with one transaction: from here each has a lease, and its row and entry say
 * what was meant. What somebody else is at work on is left out; it is found again if it stays due.
 */
export async function claimGroup(shell: HandoffShell, named: readonly HandoffName[]): Promise<Claimed[]> {
  return await shell.db.transaction().execute(async (tx) => {
    await byIndex(tx);
    const tickets = await lockTickets(
      tx,
      named.map(({ ticketId }) => ticketId),
      { free: true },
    );
    const free = named.filter(({ ticketId }) => tickets.has(ticketId));
    const now = shell.clock.now();
    const rows = await findHandoffs(tx, free);
    const due = rows.filter(({ due_at: dueAt }) => dueAt !== null && dueAt <= now);
    const claimed = new Map<string, Claimed>();
    const lease = leaseUntil(shell);
    const attempts = due.filter(({ state, plan }) => state === 'ready' && plan.approval === null);
    const probes = due.filter(({ state, plan }) => state === 'confirming' && 'operation' in plan.outcome);
    for (const row of due) {
      const closer = row.state === 'ready' || row.state === 'confirming';
      if (closer) claimed.set(nameOfRow(row), { kind: 'closer', row });
    }
    const batch = new Batch();
    const attempted = await begin(batch, attempts, tickets, now, lease);
    const looking = probes.map((row) => ({ ...row, probes: row.probes + 1, due_at: lease }));
    moveHandoffs(batch, { from: 'confirming', probes: 1 }, looking);
    await batch.write(tx);
    for (const [kind, rows] of [
      ['attempt', attempted],
      ['probe', looking],
    ] as const) {
      for (const row of rows) {
        const ticket = tickets.get(row.ticket_id);
        if (ticket !== undefined) claimed.set(nameOfRow(row), { kind, row, ticket });
      }
    }
    return named.map((name) => claimed.get(nameOf(name)) ?? none);
  });
}

async function begin(
  batch: Batch,
  ready: readonly HandoffRow[],
  tickets: ReadonlyMap<string, TicketRow>,
  now: Date,
  lease: Date,
): Promise<HandoffRow[]> {
  const rows = ready.map((row) => ({
    ...row,
    state: 'attempting' as const,
    attempts: row.attempts + 1,
    due_at: lease,
  }));
  moveHandoffs(batch, { from: 'ready', attempts: 1 }, rows);
  await openAttempts(batch, rows, now);
  const changes = rows.map((row) => ({ ticketId: row.ticket_id, entries: [attemptedEntry(row)] }));
  await changeTickets(batch, tickets, changes, now);
  return rows;
}
