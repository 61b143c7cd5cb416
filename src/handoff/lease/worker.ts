import { limits } from '../../limits.ts';
import { plusMs } from '../../platform/instant.ts';
import type { Shell } from '../../shell.ts';
import { NotWanted } from '../connectors/exchange.ts';
import { type HandoffRow, nameOfRow, renewLeases } from '../store.ts';

/** Until when a handoff is a worker's that takes or renews its lease now; from then on any sweep takes it up again. */
export function leaseUntil({ clock }: Pick<Shell, 'clock'>): Date {
  return plusMs(clock.now(), limits.leaseMs);
}

/** Holds the leases of what one node works on. */
export interface Leases {
  /**
   * Runs an attempt or a probe while its lease is renewed; where that has lapsed before, or another worker has taken it
   * over, it is broken off. Where a person or a callback has settled it, nothing more is sent, but what has been sent is
   * heard to its end.
   */
  under<T>(row: HandoffRow, run: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

type LeaseShell = Pick<Shell, 'db' | 'clock' | 'log'>;

/** All leases are renewed with a few statements each limits.leaseRenewMs, whatever their number. */
export function createLeases(shell: LeaseShell): Leases {
  const held = new Map<string, { readonly row: HandoffRow; readonly lost: AbortController }>();
  let timer: NodeJS.Timeout | undefined;

  async function renew(): Promise<void> {
    const renewed = [...held];
    const kept = await renewLeases(
      shell.db,
      renewed.map(([, { row }]) => row),
      leaseUntil(shell),
    );
    for (const [name, { row, lost }] of renewed) {
      const stands = kept.get(name);
      if (stands === 'held' || held.get(name)?.row !== row) continue;
      lost.abort(stands === 'settled' ? new NotWanted() : new Error('it was taken over'));
    }
  }

  return {
    async under(row, run) {
      const name = nameOfRow(row);
      const lease = { row, lost: new AbortController() };
      held.set(name, lease);
      // This process may have stood still since it took the lease: from its end on it is anybody's.
      if (row.due_at !== null && row.due_at <= shell.clock.now())
        lease.lost.abort(new Error('its lease has lapsed'));
      timer ??= setInterval(() => {
        renew().catch((err) => shell.log.warn({ err }, 'leases could not be renewed'));
      }, limits.leaseRenewMs);
      try {
        return await run(lease.lost.signal);
      } finally {
        if (held.get(name) === lease) held.delete(name);
        if (held.size === 0) {
          clearInterval(timer);
          timer = undefined;
        }
      }
    },
  };
}

/** The same for one alone. */
export async function underLease<T>(
  shell: LeaseShell,
  row: HandoffRow,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return await createLeases(shell).under(row, run);
}
