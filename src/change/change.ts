/** What those who watch are told: kind, ids and state, never a value of a payload. */
export type Change =
  | {
      readonly kind: 'ticket';
      readonly ticket: string;
      readonly state: string;
      readonly workflow: string;
      readonly source: string;
    }
  | {
      readonly kind: 'exception';
      readonly ticket: string;
      readonly seq: number;
      readonly state: string;
      readonly mode: string;
      readonly responsible: string;
    }
  | {
      readonly kind: 'handoff';
      readonly ticket: string;
      readonly seq: number;
      readonly state: string;
      readonly destination: string;
    }
  | {
      readonly kind: 'approval';
      readonly ticket: string;
      readonly handoff_seq: number;
      readonly state: string;
      readonly by: string;
    }
  | { readonly kind: 'workflow'; readonly workflow: string }
  | { readonly kind: 'destination'; readonly destination: string; readonly state: string }
  /** More than is worth telling one by one, or nobody knows what: read again what you show. */
  | { readonly kind: 'everything' };

/** A row of the table `change`: told together, by its id. */
export interface Told {
  readonly id: number;
  readonly changes: readonly Change[];
}

/** Tickets with what belongs to them, as they stand. */
export interface Standing {
  readonly tickets: readonly {
    id: string;
    state: string;
    workflow: string;
    source: string;
    head_seq: number;
  }[];
  readonly exceptions: readonly {
    ticket_id: string;
    seq: number;
    state: string;
    mode: string;
    responsible: string;
  }[];
  readonly handoffs: readonly { ticket_id: string; seq: number; state: string; destination: string }[];
  readonly approvals: readonly { ticket_id: string; handoff_seq: number; state: string; by: string }[];
}

/** What is told of tickets that have changed. Pure. */
export function changesOf({ tickets, exceptions, handoffs, approvals }: Standing): Change[] {
  return [
    ...tickets.map(
      ({ id, state, workflow, source }): Change => ({ kind: 'ticket', ticket: id, state, workflow, source }),
    ),
    ...exceptions.map(({ ticket_id, ...of }): Change => ({ kind: 'exception', ticket: ticket_id, ...of })),
    ...handoffs.map(({ ticket_id, ...of }): Change => ({ kind: 'handoff', ticket: ticket_id, ...of })),
    ...approvals.map(({ ticket_id, ...of }): Change => ({ kind: 'approval', ticket: ticket_id, ...of })),
  ];
}
