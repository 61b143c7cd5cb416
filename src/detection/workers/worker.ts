import type { DestinationRate } from '../../handoff/pace/allowance.ts';
import { limits } from '../../limits.ts';
import { plusMs } from '../../platform/instant.ts';
import { type Finding, findingKey } from '../finding/finding.ts';
import { policyFor } from '../policy.ts';
import { type Detector, endedUnless } from '../round/worker.ts';
import { backlogs } from './store.ts';

/** Since when what was late at the round before has been due. */
type Late = Readonly<Record<string, string>>;

/**
 * Workers that do not do what has long been due: it is the same at two rounds, so that neither a long backlog nor a
 * server that has just come back is one. That all of them are still, only somebody outside can tell: the heartbeat.
 */
export const workerDetector: Detector = {
  name: 'workers',
  mode: 'worker_silent',
  prefix: 'worker_silent/',
  everyMs: limits.detectEveryMs,
  async look(shell, { open, state }, now) {
    const policy = policyFor(shell.project());
    const before = (state ?? {}) as Late;
    const late: Record<string, string> = {};
    const found: Finding[] = [];
    const { sources, destinations } = shell.project();
    const polled = [...sources.values()].filter(({ poll }) => poll !== null);
    const slow = [...destinations.values()].filter(({ pace }) => isSlow(pace?.rate ?? null));
    const looked = await backlogs(shell.db, {
      polled: polled.map(({ key }) => key),
      slow: slow.map(({ key }) => key),
      triedSince: plusMs(now, -86_400_000),
      now,
    });
    for (const { worker, since: known, never } of looked) {
      // What has never succeeded is due since it was first seen so.
      const since = never ? new Date(before[worker] ?? now) : known;
      if (never && since !== null) late[worker] = since.toISOString();
      const lateMs = since === null ? 0 : now.getTime() - since.getTime();
      if (since === null || lateMs <= limits.workerSilentMs) continue;
      late[worker] = since.toISOString();
      if (before[worker] !== late[worker] || policy === null) continue;
      const key = findingKey('worker_silent', worker);
      const summary = `Nobody does the work of ${worker}: it has been due for ${Math.round(lateMs / 1_000)} s`;
      const detail = { worker, since: late[worker], late_ms: lateMs };
      found.push({ mode: 'worker_silent', key, ticketId: null, source: null, policy, summary, detail });
    }
    return { found, over: endedUnless(open, found, 'It works again'), state: late };
  },
};

/** Of two rounds, both may see the same handoff wait for its turn. */
function isSlow(rate: DestinationRate | null): boolean {
  return rate !== null && rate.perMs > rate.requests * limits.detectEveryMs;
}
