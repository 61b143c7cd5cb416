import type { Row } from './waiting.ts';

/** The address of a row. Pure. */
export function placeOf({ kind, ticketId, handoffSeq }: Pick<Row, 'kind' | 'ticketId' | 'handoffSeq'>) {
  const params = { ticketId, handoffSeq: String(handoffSeq) };
  return kind === 'approval'
    ? ({ to: '/approvals/$ticketId/$handoffSeq', params } as const)
    : ({ to: '/approvals/outcomes/$ticketId/$handoffSeq', params } as const);
}
