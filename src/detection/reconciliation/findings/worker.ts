import type { Shell } from '../../../shell.ts';
import { changeTicket, lockTicket } from '../../../ticket/store.ts';
import { openFindingOf } from '../../finding/store.ts';
import { closeFinding, openFinding } from '../../finding/worker.ts';
import { type Drops, dropFinding, dropKey, type Stale, staleFinding, staleKey } from './finding.ts';

/** Tells what never came. Where a finding of the source is open, the record of its ticket says what came to it. */
export async function tellDrops(shell: Shell, drops: Drops, now: Date): Promise<void> {
  const finding = dropFinding(drops);
  if (await openFinding(shell, finding, now)) return;
  const open = await openFindingOf(shell.db, finding.key);
  if (open === null) return;
  const { missing, since, tickets } = finding.detail;
  const data = { finding: finding.key, mode: finding.mode, missing, since, tickets };
  await shell.db.transaction().execute(async (tx) => {
    const ticket = await lockTicket(tx, open.ticket_id);
    if (ticket !== null) {
      await changeTicket(tx, ticket, { entries: [{ kind: 'found', actor: 'signalbox', data }] }, now);
    }
  });
}

/** The first comparison that misses nothing of a source closes its finding. */
export async function dropsOver(shell: Shell, source: string, now: Date): Promise<void> {
  await closeFinding(shell, dropKey(source), `Nothing of the list of ${source} is missing any more`, now);
}

/** Tells a record that is not as it was; what is known of it already is not told twice. */
export async function tellStale(shell: Shell, stale: Stale): Promise<void> {
  await openFinding(shell, staleFinding(stale), stale.readAt);
}

export async function staleOver(
  shell: Shell,
  handoff: Parameters<typeof staleKey>[0],
  because: string,
  now: Date,
): Promise<void> {
  await closeFinding(shell, staleKey(handoff), because, now);
}
