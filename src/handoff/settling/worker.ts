import { Batch } from '../../db/rows.ts';
import { changeTickets, lockTickets, type TicketRow } from '../../ticket/store.ts';
import type { AttemptOutcome } from '../handoff.ts';
import { leaseUntil } from '../lease/worker.ts';
import { type NextAttempt, nextAttempt } from '../next-attempt.ts';
import { closeAttempts, type HandoffRow, moveHandoffs, nameOfRow } from '../store.ts';
import { acceptance, factsOf, type HandoffShell, responseContractOf, retryEntry } from '../worker.ts';

/** What came of an attempt. */
export interface Attempted {
  readonly row: HandoffRow;
  readonly ticket: TicketRow;
  readonly outcome: AttemptOutcome;
  /** It does not count: its destination is out. */
  readonly excused: boolean;
}

export type Settled =
  /** Nothing more to do now. */
  | { readonly kind: 'later' }
  /** Somebody must look closer than a group can: it has failed, or has moved meanwhile. */
  | { readonly kind: 'closer' }
  /** Accepted, and the first look at its outcome has begun: `row` has its lease. */
  | { readonly kind: 'probe'; readonly row: HandoffRow; readonly ticket: TicketRow };

const [later, closer]: readonly Settled[] = [{ kind: 'later' }, { kind: 'closer' }] as const;

/**
 * Writes what came of many attempts with one transaction: the accepted, which are looked at at once, and those that are tried
 * again. The rest is left to be settled one by one.
 */
export async function settleGroup(shell: HandoffShell, group: readonly Attempted[]): Promise<Settled[]> {
  const contracts = await Promise.all(group.map(({ row, ticket }) => responseContractOf(shell, row, ticket)));
  return await shell.db.transaction().execute(async (tx) => {
    const tickets = await lockTickets(
      tx,
      group.map(({ row }) => row.ticket_id),
    );
    const now = shell.clock.now();
    const lease = leaseUntil(shell);
    const judged = group.map((each, index) => {
      const row = each.excused ? { ...each.row, excused: each.row.excused + 1 } : each.row;
      const facts = { ...factsOf(row), responseContract: contracts[index] ?? null };
      return { ...each, row, next: nextAttempt(facts, each.outcome, now, Math.random()) };
    });
    const steps = judged.map((each) => ({ ...each, ...stepOf(each, now, lease) }));
    const rowsOf = (looks: boolean) =>
      steps.flatMap(({ moved, probes }) => (moved && (probes === 1) === looks ? [moved] : []));
    const looking = await moveHandoffs(tx, { from: 'attempting', probes: 1 }, rowsOf(true));
    const going = await moveHandoffs(tx, { from: 'attempting' }, rowsOf(false));
    const written = steps.filter(({ row }) => looking.has(nameOfRow(row)) || going.has(nameOfRow(row)));
    if (written.length > 0) await closeAttempts(tx, written, now);
    const batch = new Batch();
    const changes = written.flatMap(({ row, entry }) =>
      entry === null ? [] : [{ ticketId: row.ticket_id, entries: [entry] }],
    );
    await changeTickets(tx, tickets, changes, batch, now);
    await batch.write(tx);
    const done = new Set(written);
    return steps.map((each): Settled => {
      if (!done.has(each)) return closer as Settled;
      const { moved, probes, row, ticket, outcome } = each;
      if (moved === null || probes === 0) return later as Settled;
      return { kind: 'probe', row: { ...row, ...moved, response: outcome.body ?? null }, ticket };
    });
  });
}

/** The row that follows an attempt, and its entry; null where a group cannot say. */
function stepOf(
  { row, outcome, next }: { row: HandoffRow; outcome: AttemptOutcome; next: NextAttempt },
  now: Date,
  lease: Date,
) {
  if (next.kind === 'failed') return { moved: null, entry: null, probes: 0 } as const;
  if (next.kind === 'retry') {
    const moved = { ...row, state: 'ready', due_at: next.at, response: null } as const;
    return { moved, entry: retryEntry(row, outcome, next.at), probes: 0 } as const;
  }
  const { change, entry } = acceptance(row, outcome, now);
  if (!('operation' in row.plan.outcome)) return { moved: { ...row, ...change }, entry, probes: 0 } as const;
  const moved = { ...row, ...change, probes: row.probes + 1, due_at: lease };
  return { moved, entry, probes: 1 } as const;
}
