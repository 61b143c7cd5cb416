import type { Chain, Comparison } from '../../api/house.ts';
import type { Column } from '../../parts/csv.ts';

export const chainColumns: readonly Column<Chain>[] = [
  { name: 'source', value: (row) => row.source },
  { name: 'workflow', value: (row) => row.workflow },
  { name: 'summary', value: (row) => row.summary },
  { name: 'destinations', value: (row) => row.destinations.join(' ') },
  { name: 'owner', value: (row) => row.owner },
  { name: 'alternate', value: (row) => row.alternate },
  { name: 'last_seen_at', value: (row) => row.last_seen_at },
  { name: 'expected_every_ms', value: (row) => row.expected_every_ms },
  { name: 'received', value: (row) => row.received },
  { name: 'done', value: (row) => row.done },
  { name: 'stopped', value: (row) => row.stopped },
  { name: 'exceptions_open', value: (row) => row.exceptions_open },
  { name: 'health', value: (row) => row.health },
];

export const comparisonColumns: readonly Column<Comparison>[] = [
  { name: 'kind', value: (row) => row.kind },
  { name: 'subject', value: (row) => row.subject },
  { name: 'every_ms', value: (row) => row.every_ms },
  { name: 'succeeded_at', value: (row) => row.succeeded_at },
  { name: 'listed', value: (row) => row.listed },
  { name: 'missing', value: (row) => row.missing },
  { name: 'back_filled', value: (row) => row.back_filled },
  { name: 'differing', value: (row) => row.differing },
  { name: 'failures', value: (row) => row.failures },
  { name: 'error', value: (row) => row.error },
];
