import { Batch } from '../../db/rows.ts';
import type { Tx } from '../../db/schema.ts';
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
    const begun = await begin(tx, attempts, tickets, now, lease);
    const looked = probes.map((row) => ({ ...row, probes: row.probes + 1, due_at: lease }));
    const looking = await moveHandoffs(tx, { from: 'confirming', probes: 1 }, looked);
    for (const [kind, taken, moved] of [
      ['attempt', begun.rows, begun.moved],
      ['probe', looked, looking],
    ] as const) {
      for (const row of taken) {
        const ticket = tickets.get(row.ticket_id);
        const isOurs = ticket !== undefined && moved.has(nameOfRow(row));
        claimed.set(nameOfRow(row), isOurs ? { kind, row, ticket } : none);
      }
    }
    return named.map((name) => claimed.get(nameOf(name)) ?? none);
  });
}

async function begin(
  tx: Tx,
  ready: readonly HandoffRow[],
  tickets: ReadonlyMap<string, TicketRow>,
  now: Date,
  lease: Date,
) {
  const rows = ready.map((row) => ({
    ...row,
    state: 'attempting' as const,
    attempts: row.attempts + 1,
    due_at: lease,
  }));
  const moved = await moveHandoffs(tx, { from: 'ready', attempts: 1 }, rows);
  const attempted = rows.filter((row) => moved.has(nameOfRow(row)));
  const batch = new Batch();
  await openAttempts(batch, attempted, now);
  const changes = attempted.map((row) => ({ ticketId: row.ticket_id, entries: [attemptedEntry(row)] }));
  await changeTickets(tx, tickets, changes, batch, now);
  await batch.write(tx);
  return { rows, moved };
}
