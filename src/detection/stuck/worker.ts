import { limits } from '../../limits.ts';
import { plusMs } from '../../platform/instant.ts';
import { formatDuration } from '../../workflow/duration.ts';
import { type Finding, findingKey } from '../finding/finding.ts';
import { policyFor } from '../policy.ts';
import type { Detector } from '../round/worker.ts';
import { movedSince, stuckTickets } from './store.ts';

/** Tickets that wait for handoffs of which nothing moves. */
export const stuckDetector: Detector = {
  name: 'stuck',
  mode: 'stuck',
  prefix: 'stuck/',
  everyMs: limits.detectEveryMs,
  async look(shell, _round, now) {
    const project = shell.project();
    const { stuckAfterMs } = project.detection;
    const over = (await movedSince(shell.db)).map((key) => ({ key, because: 'The ticket has moved' }));
    const found = (await stuckTickets(shell.db, plusMs(now, -stuckAfterMs))).flatMap((ticket): Finding[] => {
      const { id, source, workflow, updated_at: since, waiting } = ticket;
      const policy = policyFor(project, workflow);
      if (policy === null) return [];
      const key = findingKey('stuck', id);
      const what = waiting.length === 0 ? 'nothing that is known' : waiting.join(', ');
      const summary = `Nothing has moved for more than ${formatDuration(stuckAfterMs)}; it waits for ${what}`;
      const detail = { since: since.toISOString(), waiting };
      return [{ mode: 'stuck', key, ticketId: id, source, policy, summary, detail }];
    });
    return { found, over };
  },
};
