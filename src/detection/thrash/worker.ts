import { limits } from '../../limits.ts';
import { plusMs } from '../../platform/instant.ts';
import { type Finding, findingKey } from '../finding/finding.ts';
import { policyFor } from '../policy.ts';
import { type Detector, endedUnless } from '../round/worker.ts';
import { movedTickets, placementsOf } from './store.ts';
import { placementOf, thrashOf } from './thrash.ts';

/** Tickets that go back and forth. */
export const thrashDetector: Detector = {
  name: 'thrash',
  mode: 'routing_thrash',
  prefix: 'routing_thrash/',
  everyMs: limits.detectEveryMs,
  async look(shell, { open }, now) {
    const project = shell.project();
    const since = plusMs(now, -limits.thrashWindowMs);
    const told = open.map(({ ticket_id: id }) => id);
    const tickets = await movedTickets(shell.db, since, told);
    const ids = tickets.map(({ id }) => id);
    const entries = await placementsOf(shell.db, ids, since);
    const byTicket = Map.groupBy(entries, ({ ticket_id }) => ticket_id);
    const found = tickets.flatMap(({ id, source, workflow }): Finding[] => {
      const placements = (byTicket.get(id) ?? []).flatMap((entry) => placementOf(entry) ?? []);
      const threshold = project.workflows.get(workflow)?.routes.threshold ?? 0;
      const why = thrashOf(placements, threshold, now);
      const policy = policyFor(project, workflow);
      if (why === null || policy === null) return [];
      const detail = { route: placements.map(({ to }) => to).slice(-20) };
      const key = findingKey('routing_thrash', id);
      const summary = `${why} within ${limits.thrashWindowMs / 3_600_000} h`;
      const lastAt = placements.at(-1)?.at ?? now;
      return [{ mode: 'routing_thrash', key, ticketId: id, source, policy, summary, detail, lastAt }];
    });
    return { found, over: endedUnless(open, found, 'The ticket is settled, or has stayed where it is') };
  },
};
