import type { Db } from '../../db/schema.ts';
import { limits } from '../../limits.ts';
import { readOutcome, settleProbe } from '../../outcome/worker.ts';
import { late, within } from '../../platform/within.ts';
import { type Found, type FoundTicket, findNamed } from '../claiming/store.ts';
import { type Claimed, claimGroup } from '../claiming/worker.ts';
import { createGroup } from '../group/worker.ts';
import type { AttemptOutcome } from '../handoff.ts';
import { createLeases } from '../lease/worker.ts';
import type { Pacer } from '../pace/worker.ts';
import type { Look, Worked } from '../settling/move.ts';
import { type Settled, settleGroup } from '../settling/worker.ts';
import { type HandoffName, type HandoffRow, nameOfRow } from '../store.ts';
import { advanceHandoff, claim, type HandoffShell, judgeAttempt, send, settle } from '../worker.ts';

/**
 * Takes a due handoff as far as it goes now: an attempt and the first look at its outcome, or one more look. `claimed` is
 * called when its row no longer says that it is due.
 */
export type Engine = (handoff: HandoffName, claimed?: () => void) => Promise<void>;

/**
 * Many handoffs are under way at once, each on its own way, and meet where something is written: whoever is about to claim or
 * settle by then shares a commit (`createGroup`). A record that can be read soon after its handoff was accepted is settled
 * together with the acceptance: two commits a handoff. What a group cannot judge goes the way of one (`advanceHandoff` and
 * its parts), under locks. The row is the truth on both ways. `db`: a connection that finds rows by their indexes.
 */
export function createEngine(shell: HandoffShell, pacer: Pacer, db: Db = shell.db): Engine {
  const passed = shell.passed ?? (() => {});
  const leases = createLeases(shell);
  const claims = createGroup<HandoffName, Claimed>(
    (named) => claimGroup(shell, db, named),
    ({ ticketId }) => ticketId,
  );
  const settlements = createGroup<Worked, Settled>(
    (group) => settleGroup(shell, db, group),
    ({ ticket }) => ticket.id,
  );

  async function attempt({ row, ticket }: Found): Promise<void> {
    passed('claimed');
    const { worked, looking } = await leases.under(row, async (signal) => {
      const outcome = await send(shell, row, signal);
      const excused = learn(row, outcome, signal, 'attempt');
      passed('answered');
      const next = await judgeAttempt(shell, row, outcome, ticket);
      const worked = { row, ticket, attempt: { outcome, next, excused } };
      if (next.kind !== 'accepted' || !('operation' in row.plan.outcome))
        return { worked: { ...worked, look: null }, looking: null };
      passed('accepted');
      // One more request than the one that there was room for.
      pacer.sent(row.destination);
      const looking = look({ ...row, response: outcome.body ?? null }, ticket, signal);
      const seen = await within(looking, limits.proofWithAcceptanceMs);
      return { worked: { ...worked, look: seen === late ? null : seen }, looking };
    });
    const settled = await settlements.offer(worked);
    if (settled.kind === 'closer')
      return await settle(shell, row, worked.attempt.outcome, worked.attempt.excused);
    if (settled.kind === 'done') {
      if (worked.look !== null) passed('proved');
      return;
    }
    passed('recorded');
    const later = worked.look ?? (await leases.under(settled.row, async () => await looking));
    if (later !== null) await settleLook(settled, later, worked.look !== null);
  }

  /** What we have broken off ourselves says nothing of a destination. */
  function learn(
    row: HandoffRow,
    outcome: AttemptOutcome,
    signal: AbortSignal,
    what: 'attempt' | 'reading',
  ): boolean {
    if (signal.aborted && outcome.status === null) return false;
    return pacer.learn(row.destination, nameOfRow(row), outcome, what);
  }

  /** Reads a record once. */
  async function look(row: HandoffRow, ticket: FoundTicket, signal: AbortSignal): Promise<Look> {
    // Asked before reading: a reading that was under way at the deadline is not yet the last one.
    const asked = shell.clock.now();
    const { reading, answer } = await readOutcome(shell, row, ticket, signal);
    if (answer !== null) learn(row, answer, signal, 'reading');
    passed('read');
    return { reading, asked };
  }

  async function settleLook({ row, ticket }: Found, look: Look, alone: boolean): Promise<void> {
    const isProved =
      !alone &&
      look.reading.verdict === 'stands' &&
      (await settlements.offer({ row, ticket, attempt: null, look })).kind === 'done';
    if (!isProved) await settleProbe(shell, row, look.reading, look.asked);
    passed('proved');
  }

  return async (handoff, told = () => {}) => {
    passed('found');
    const claimed = await claims.offer(handoff);
    told();
    switch (claimed.kind) {
      case 'none':
        return;
      case 'attempt':
        return await attempt(claimed);
      case 'probe': {
        const { row, ticket } = claimed;
        const seen = await leases.under(row, (signal) => look(row, ticket, signal));
        return await settleLook(claimed, seen, false);
      }
      case 'closer': {
        if (claimed.row.state !== 'ready')
          return await advanceHandoff(shell, handoff.ticketId, handoff.handoffSeq);
        const row = await claim(shell, claimed.row);
        const [found] = row === null ? [] : await findNamed(db, [handoff]);
        if (row !== null && found !== undefined) await attempt({ row, ticket: found.ticket });
      }
    }
  };
}
