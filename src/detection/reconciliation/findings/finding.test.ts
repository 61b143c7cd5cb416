import { expect, test } from 'vitest';
import { policy } from '../../../../test/exceptions/setting.ts';
import { limits } from '../../../limits.ts';
import { dropFinding } from './finding.ts';

test.each<[count: number, named: number, reason: string]>([
  [1, 1, 'one'],
  [limits.reconciliationNamedMax, limits.reconciliationNamedMax, 'as many as are named'],
  [limits.reconciliationNamedMax + 1, limits.reconciliationNamedMax, 'one more is counted and not named'],
])('of %i that never came %i are named: %s', (count, named) => {
  const since = new Date('2026-03-02T10:00:00Z');
  const taken = Array.from({ length: count }, (_, index) => ({
    identity: `L-${index}`,
    ticket_id: `ticket-${index}`,
    made_at: null,
    since,
  }));
  const { detail, summary } = dropFinding({ source: 'form', policy, kind: 'list', taken, count });
  expect(detail.missing).toBe(count);
  expect(detail.identities).toHaveLength(named);
  expect(detail.tickets).toHaveLength(named);
  expect(summary).toContain(count === 1 ? '1 trigger of form' : `${count} triggers of form`);
});
