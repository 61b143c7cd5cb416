import { Batch } from '../../db/rows.ts';
import type { Db } from '../../db/schema.ts';
import { changed } from '../../platform/changed.ts';
import { changeTickets } from '../../ticket/store.ts';
import { leaseUntil } from '../lease/worker.ts';
import { attemptedEntry } from '../step.ts';
import { type HandoffName, moveHandoffs, nameOf, nameOfRow, openAttempts } from '../store.ts';
import type { HandoffShell } from '../worker.ts';
import { type Found, findNamed } from './store.ts';

/** What there is to do for a handoff that was found due. */
export type Claimed =
  /** It is another's, settled, or not due: nothing. */
  | { readonly kind: 'none' }
  /** Somebody must look closer than a group can: an approval, say. */
  | ({ readonly kind: 'closer' } & Found)
  /** An attempt, or a look at the outcome, has begun: `row` has its lease. */
  | ({ readonly kind: 'attempt' | 'probe' } & Found);

const none: Claimed = { kind: 'none' };

/**
 * Begins attempts and looks of many handoffs with one commit: from here each has a lease, and its row and entry say what was
 * meant. What somebody else is at work on is left out; it is found again if it stays due. At most one of a ticket.
 */
export async function claimGroup(
  shell: Pick<HandoffShell, 'clock'>,
  db: Db,
  named: readonly HandoffName[],
): Promise<Claimed[]> {
  const now = shell.clock.now();
  const due = (await findNamed(db, named)).filter(({ row }) => row.due_at !== null && row.due_at <= now);
  const lease = leaseUntil(shell);
  const attempts = due.filter(({ row }) => row.state === 'ready' && row.plan.approval === null);
  const probes = due.filter(({ row }) => row.state === 'confirming' && 'operation' in row.plan.outcome);
  const attempted = attempts.map(({ row, ticket }) => ({
    row: { ...row, state: 'attempting' as const, attempts: row.attempts + 1, due_at: lease },
    ticket,
  }));
  const looking = probes.map(({ row, ticket }) => ({
    row: { ...row, probes: row.probes + 1, due_at: lease },
    ticket,
  }));
  const batch = new Batch();
  const rowsOf = (all: readonly Found[]) => all.map(({ row }) => row);
  moveHandoffs(batch, { from: 'ready', attempts: 1 }, rowsOf(attempted));
  // What was answered stays as it is written.
  const kept = rowsOf(looking).map((row) => ({ ...row, response: null }));
  moveHandoffs(batch, { from: 'confirming', probes: 1 }, kept);
  await openAttempts(batch, rowsOf(attempted), now);
  const changes = attempted.map(({ row, ticket }) => ({ ticket, entries: [attemptedEntry(row)] }));
  const heads = await changeTickets(batch, changes, now);
  const read = [...attempts, ...probes].map(({ ticket }) => ({ id: ticket.id, headSeq: ticket.head_seq }));
  const begun = await batch.writeUnmoved(db, read, { free: true });
  const claimed = new Map<string, Claimed>();
  for (const found of due) {
    const { state } = found.row;
    if (state === 'ready' || state === 'confirming')
      claimed.set(nameOfRow(found.row), { kind: 'closer', ...found });
  }
  for (const { row, ticket } of attempted) {
    const head = heads.get(ticket.id);
    if (head !== undefined && begun.has(ticket.id)) changed({ ticketId: ticket.id, headSeq: head.head_seq });
    const kind = begun.has(ticket.id) ? 'attempt' : 'none';
    claimed.set(nameOfRow(row), kind === 'none' ? none : { kind, row, ticket: { ...ticket, ...head } });
  }
  for (const { row, ticket } of looking)
    claimed.set(nameOfRow(row), begun.has(ticket.id) ? { kind: 'probe', row, ticket } : none);
  return named.map((name) => claimed.get(nameOf(name)) ?? none);
}
