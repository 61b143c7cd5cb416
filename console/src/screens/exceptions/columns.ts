import type { QueuedException } from '../../api/shapes.ts';
import type { Column } from '../../parts/csv.ts';

/** The queue as a table to take away. */
export const columns: readonly Column<QueuedException>[] = [
  { name: 'ticket', value: (row) => row.ticket_id },
  { name: 'exception', value: (row) => row.seq },
  { name: 'state', value: (row) => row.state },
  { name: 'mode', value: (row) => row.mode },
  { name: 'summary', value: (row) => row.summary },
  { name: 'workflow', value: (row) => row.workflow },
  { name: 'source', value: (row) => row.source },
  { name: 'responsible', value: (row) => row.responsible },
  { name: 'claimed_by', value: (row) => row.claimed_by },
  { name: 'opened_at', value: (row) => row.opened_at },
  { name: 'due_at', value: (row) => row.due_at },
  { name: 'resolve_by', value: (row) => row.resolve_by },
  { name: 'root_cause', value: (row) => row.root_cause },
  { name: 'resolution', value: (row) => row.resolution },
  { name: 'resolved_at', value: (row) => row.resolved_at },
  { name: 'resolved_by', value: (row) => row.resolved_by },
];
