import { readOutcome, settleProbe } from '../../outcome/worker.ts';
import type { TicketRow } from '../../ticket/store.ts';
import { claimGroup } from '../claiming/worker.ts';
import { createGroup } from '../group/worker.ts';
import { createLeases } from '../lease/worker.ts';
import type { Pacer } from '../pace/worker.ts';
import { proveGroup } from '../proving/worker.ts';
import { type Attempted, settleGroup } from '../settling/worker.ts';
import { type HandoffName, type HandoffRow, nameOf } from '../store.ts';
import { advanceHandoff, claim, type HandoffShell, send, settle } from '../worker.ts';

/** Takes a due handoff as far as it goes now: an attempt and the first look at its outcome, or one more look. */
export type Engine = (handoff: HandoffName) => Promise<void>;

/**
 * Many handoffs are under way at once, each on its own way, and meet where something is written: whoever is about to claim,
 * settle or confirm by then shares a transaction (`createGroup`). What a group cannot judge goes the way of one
 * (`advanceHandoff` and its parts), under the same locks and fences. The row is the truth on both ways.
 */
export function createEngine(shell: HandoffShell, pacer: Pacer): Engine {
  const passed = shell.passed ?? (() => {});
  const leases = createLeases(shell);
  const claims = createGroup((named: readonly HandoffName[]) => claimGroup(shell, named));
  const settlements = createGroup((group: readonly Attempted[]) => settleGroup(shell, group));
  const proofs = createGroup((group: Parameters<typeof proveGroup>[1]) => proveGroup(shell, group));

  async function attempt(row: HandoffRow, ticket: TicketRow | null): Promise<void> {
    passed('claimed');
    const { destination } = row;
    const name = nameOf({ ticketId: row.ticket_id, handoffSeq: row.seq });
    const outcome = await leases.under(row, (signal) => send(shell, row, signal));
    const excused = pacer.learn(destination, name, outcome, 'attempt');
    passed('answered');
    const settled = ticket === null ? null : await settlements.offer({ row, ticket, outcome, excused });
    if (settled === null || settled.kind === 'closer') return await settle(shell, row, outcome, excused);
    if (settled.kind === 'later') return;
    // One more request than the one that there was room for.
    pacer.sent(destination);
    await look(settled.row, settled.ticket);
  }

  async function look(row: HandoffRow, ticket: TicketRow): Promise<void> {
    passed('accepted');
    const { destination } = row;
    const name = nameOf({ ticketId: row.ticket_id, handoffSeq: row.seq });
    // Asked before reading: a reading that was under way at the deadline is not yet the last one.
    const asked = shell.clock.now();
    const { reading, answer } = await leases.under(row, (signal) => readOutcome(shell, row, ticket, signal));
    if (answer !== null) pacer.learn(destination, name, answer, 'reading');
    passed('read');
    const isProved = reading.verdict === 'stands' && (await proofs.offer({ row, reading }));
    if (!isProved) await settleProbe(shell, row, reading, asked);
    passed('proved');
  }

  return async (handoff) => {
    passed('found');
    const claimed = await claims.offer(handoff);
    switch (claimed.kind) {
      case 'none':
        return;
      case 'attempt':
        return await attempt(claimed.row, claimed.ticket);
      case 'probe':
        return await look(claimed.row, claimed.ticket);
      case 'closer': {
        if (claimed.row.state !== 'ready') {
          return await advanceHandoff(shell, handoff.ticketId, handoff.handoffSeq);
        }
        const row = await claim(shell, claimed.row);
        if (row !== null) await attempt(row, null);
      }
    }
  };
}
