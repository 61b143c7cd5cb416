import { limits } from '../../limits.ts';
import { plusMs } from '../../platform/instant.ts';
import type { Shell } from '../../shell.ts';
import type { Ref } from '../../workflow/workflow.ts';
import { type Finding, findingKey } from '../finding/finding.ts';
import { policyFor } from '../policy.ts';
import { type Detector, endedUnless, type Round } from '../round/worker.ts';
import { lapseOf } from './lapse.ts';
import { idleClaims, ownedWork } from './store.ts';

/** Open work whose owner cannot answer for it, and claims on which nothing happens. */
export const lapseDetector: Detector = {
  name: 'lapse',
  mode: 'ownership_lapse',
  prefix: 'ownership_lapse/',
  everyMs: limits.detectEveryMs,
  async look(shell, { open }, now) {
    const found = [...(await ownersLost(shell, now)), ...(await claimsIdle(shell, open, now))];
    return { found, over: endedUnless(open, found, 'There is an owner again who can answer for it') };
  },
};

async function ownersLost(shell: Shell, now: Date): Promise<Finding[]> {
  const project = shell.project();
  const policy = policyFor(project);
  if (policy === null) return [];
  return (await ownedWork(shell.db)).flatMap(({ ref, tickets, exceptions, named }): Finding[] => {
    const why = lapseOf(ref as Ref, project, now);
    if (why === null) return [];
    const key = findingKey('ownership_lapse', ref);
    const summary = `${why}; ${tickets} open tickets and ${exceptions} exceptions are theirs`;
    const detail = { ref, tickets, exceptions, some_tickets: named };
    return [{ mode: 'ownership_lapse', key, ticketId: null, source: null, policy, summary, detail }];
  });
}

async function claimsIdle(shell: Shell, open: Round['open'], now: Date): Promise<Finding[]> {
  const project = shell.project();
  const told = open.map(({ ticket_id: id }) => id);
  const claims = await idleClaims(shell.db, plusMs(now, -limits.thrashWindowMs), told);
  return claims.flatMap(({ id, source, workflow, lapsed, last_at: lastAt }): Finding[] => {
    const policy = policyFor(project, workflow);
    if (policy === null) return [];
    const key = findingKey('ownership_lapse', 'claim', id);
    const summary = `${lapsed} claims of its exceptions have lapsed without any work on them`;
    const detail = { lapsed_claims: lapsed };
    return [{ mode: 'ownership_lapse', key, ticketId: id, source, policy, summary, detail, lastAt }];
  });
}
