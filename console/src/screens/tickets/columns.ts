import type { Entry, Ticket } from '../../api/shapes.ts';
import type { Column } from '../../parts/csv.ts';

export const ticketColumns: readonly Column<Ticket>[] = [
  { name: 'ticket', value: (row) => row.id },
  { name: 'identity', value: (row) => row.identity },
  { name: 'state', value: (row) => row.state },
  { name: 'workflow', value: (row) => row.workflow },
  { name: 'source', value: (row) => row.source },
  { name: 'owner', value: (row) => row.owner },
  { name: 'route', value: (row) => row.route },
  { name: 'confidence', value: (row) => row.confidence },
  { name: 'received_at', value: (row) => row.received_at },
  { name: 'settled_at', value: (row) => row.settled_at },
];

export const entryColumns: readonly Column<Entry>[] = [
  { name: 'seq', value: (row) => row.seq },
  { name: 'at', value: (row) => row.at },
  { name: 'kind', value: (row) => row.kind },
  { name: 'actor', value: (row) => row.actor },
  { name: 'data', value: (row) => JSON.stringify(row.data) },
  { name: 'hash', value: (row) => row.hash },
];
