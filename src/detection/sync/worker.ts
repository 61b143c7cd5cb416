import { limits } from '../../limits.ts';
import { plusMs } from '../../platform/instant.ts';
import { type Finding, findingKey } from '../finding/finding.ts';
import { policyFor } from '../policy.ts';
import { type Detector, endedUnless } from '../round/worker.ts';
import { partialSyncs } from './store.ts';

/** Fields that a destination does not store as they are sent: each ticket has its exception, this is what they share. */
export const syncDetector: Detector = {
  name: 'partial-sync',
  mode: 'sync_stale',
  prefix: 'sync_stale/field/',
  everyMs: limits.detectEveryMs,
  async look(shell, { open }, now) {
    const policy = policyFor(shell.project());
    if (policy === null) return { found: [], over: [] };
    const partial = await partialSyncs(shell.db, plusMs(now, -limits.syncWindowMs));
    const found = partial.map(({ destination, field, times, named, last_at: lastAt }): Finding => {
      const key = findingKey('sync_stale', 'field', destination, field);
      const summary = `${destination} has not stored the field ${field} as it was sent ${times} times within ${limits.syncWindowMs / 86_400_000} d`;
      const detail = { destination, field, times, some_tickets: named };
      return { mode: 'sync_stale', key, ticketId: null, source: null, policy, summary, detail, lastAt };
    });
    return { found, over: endedUnless(open, found, 'The field has been stored as it was sent for a week') };
  },
};
