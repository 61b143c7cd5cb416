import type { Attempts, Destination, HandoffTo } from '../../api/house.ts';
import type { Column } from '../../parts/csv.ts';

export const destinationColumns: readonly Column<Destination>[] = [
  { name: 'destination', value: (row) => row.key },
  { name: 'summary', value: (row) => row.summary },
  { name: 'state', value: (row) => row.state },
  { name: 'reason', value: (row) => row.reason },
  { name: 'since', value: (row) => row.since },
  { name: 'queued', value: (row) => row.queued },
  { name: 'in_flight', value: (row) => row.in_flight },
  { name: 'oldest_due_at', value: (row) => row.oldest_due_at },
  { name: 'succeeded', value: (row) => row.succeeded },
  { name: 'failed', value: (row) => row.failed },
  { name: 'p50_ms', value: (row) => row.p50_ms },
  { name: 'p99_ms', value: (row) => row.p99_ms },
];

export const handoffColumns: readonly Column<HandoffTo>[] = [
  { name: 'ticket', value: (row) => row.ticket_id },
  { name: 'identity', value: (row) => row.identity },
  { name: 'workflow', value: (row) => row.workflow },
  { name: 'handoff', value: (row) => row.handoff },
  { name: 'state', value: (row) => row.state },
  { name: 'attempts', value: (row) => row.attempts },
  { name: 'due_at', value: (row) => row.due_at },
  { name: 'give_up_at', value: (row) => row.give_up_at },
  { name: 'owner', value: (row) => row.owner },
];

export const attemptColumns: readonly Column<Attempts['attempts'][number]>[] = [
  { name: 'started_at', value: (row) => row.started_at },
  { name: 'ended_at', value: (row) => row.ended_at },
  { name: 'ticket', value: (row) => row.ticket_id },
  { name: 'handoff', value: (row) => row.handoff },
  { name: 'attempt', value: (row) => row.attempt },
  { name: 'result', value: (row) => row.result },
  { name: 'status', value: (row) => row.status },
  { name: 'detail', value: (row) => row.detail },
];
