import { limits } from '../../limits.ts';
import { plusMs } from '../../platform/instant.ts';
import type { Shell } from '../../shell.ts';
import { type HandoffRow, renewLease } from '../store.ts';

/** Until when a handoff is a worker's that takes or renews its lease now; from then on any sweep takes it up again. */
export function leaseUntil({ clock }: Pick<Shell, 'clock'>): Date {
  return plusMs(clock.now(), limits.leaseMs);
}

/** Runs an attempt or a probe while its lease is renewed; where another worker has taken it over, it is broken off. */
export async function underLease<T>(
  shell: Shell,
  row: HandoffRow,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const lost = new AbortController();
  const renew = async () => {
    if (!(await renewLease(shell.db, row, leaseUntil(shell)))) lost.abort(new Error('it was taken over'));
  };
  const timer = setInterval(() => {
    renew().catch((err) => shell.log.warn({ err, ticket: row.ticket_id }, 'a lease could not be renewed'));
  }, limits.leaseRenewMs);
  try {
    return await run(lost.signal);
  } finally {
    clearInterval(timer);
  }
}
