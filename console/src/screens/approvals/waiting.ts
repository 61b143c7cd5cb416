import type { AnswerOf } from '../../api/client.ts';
import type { Handoff, Story } from '../../api/shapes.ts';
import type { Column } from '../../parts/csv.ts';

/** What waits for a person: approvals and outcomes as one list. Pure. */

export type WaitingApproval = AnswerOf<'listApprovals'>['approvals'][number];
export type WaitingOutcome = AnswerOf<'listOutcomes'>['outcomes'][number];

export interface Row {
  readonly kind: 'approval' | 'outcome';
  readonly ticketId: string;
  readonly handoffSeq: number;
  readonly workflow: string;
  readonly identity: string;
  readonly handoff: string;
  readonly destination: string;
  /** Whom it is on now. */
  readonly on: string;
  readonly askedAt: string | null;
  readonly dueAt: string;
  readonly needed: number;
  readonly yes: readonly string[];
}

export function rowsOf(approvals: readonly WaitingApproval[], outcomes: readonly WaitingOutcome[]): Row[] {
  return [
    ...approvals.map(
      (row): Row => ({
        ...named(row),
        kind: 'approval',
        on: row.responsible,
        askedAt: null,
        needed: row.needed,
        yes: row.yes.map(({ by }) => by),
      }),
    ),
    ...outcomes.map(
      (row): Row => ({
        ...named(row),
        kind: 'outcome',
        on: row.by,
        askedAt: row.asked_at,
        needed: 1,
        yes: [],
      }),
    ),
  ];
}

function named(row: WaitingApproval | WaitingOutcome) {
  const { ticket_id: ticketId, handoff_seq: handoffSeq, due_at: dueAt } = row;
  const { workflow, identity, handoff, destination } = row;
  return { ticketId, handoffSeq, workflow, identity, handoff, destination, dueAt };
}

export function keyOf({ kind, ticketId, handoffSeq }: Pick<Row, 'kind' | 'ticketId' | 'handoffSeq'>): string {
  return `${kind}/${ticketId}/${handoffSeq}`;
}

export const columns: readonly Column<Row>[] = [
  { name: 'kind', value: (row) => row.kind },
  { name: 'ticket', value: (row) => row.ticketId },
  { name: 'workflow', value: (row) => row.workflow },
  { name: 'identity', value: (row) => row.identity },
  { name: 'handoff_seq', value: (row) => row.handoffSeq },
  { name: 'handoff', value: (row) => row.handoff },
  { name: 'destination', value: (row) => row.destination },
  { name: 'responsible', value: (row) => row.on },
  { name: 'due_at', value: (row) => row.dueAt },
  { name: 'needed', value: (row) => row.needed },
  { name: 'yes', value: (row) => row.yes.join(' ') },
];

export type Approval = NonNullable<Handoff['approval']>;

/** Who is asked: the first, and the alternate once it has come to them. */
export function askedOf({ by, responsible }: Pick<Approval, 'by' | 'responsible'>): string[] {
  return [...new Set([by, responsible])];
}

/** Why somebody cannot decide an approval; null: they can. */
export function hindranceOf(
  approval: Approval,
  entries: Pick<Story, 'entries'>['entries'],
  me: { readonly actor: string; readonly answersAs: readonly string[]; readonly decides: boolean },
): 'right' | 'others' | 'eyes' | 'said' | null {
  if (!me.decides) return 'right';
  if (!askedOf(approval).some((ref) => me.answersAs.includes(ref))) return 'others';
  const acted = entries.some(({ actor, kind }) => actor === me.actor && !kind.startsWith('approval_'));
  if (approval.four_eyes && acted) return 'eyes';
  return approval.yes.some(({ by }) => by === me.actor) ? 'said' : null;
}

/** What a handoff's plan says would be sent. */
export interface Request {
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export function requestOf({ plan }: Pick<Handoff, 'plan'>): Request | null {
  return (plan as { readonly request?: Request } | null)?.request ?? null;
}
