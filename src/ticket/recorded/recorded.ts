import type { TicketState } from '../../db/schema.ts';
import type { Reason, TicketDecision } from '../../decision.ts';
import { type FailureMode, triageModes } from '../../exceptions/exception.ts';
import type { HandoffRequest } from '../../handoff/handoff.ts';

/** The rows in which a ticket's first trigger and decision are kept. */
export interface RecordedRows {
  readonly trigger: {
    readonly id: string;
    readonly source: string;
    readonly part: number | null;
    readonly owner: string;
    readonly alternate: string;
    readonly identity: string;
    readonly received_at: Date;
    readonly content_type: string;
    readonly headers: string;
    readonly body: Buffer | null;
  };
  /** From the second on: the decision and what it announced, perhaps with later ones behind. */
  readonly entries: readonly { readonly kind: string; readonly data: string }[];
  /** The data of the entry by which it first went to another owner; null: it never did. */
  readonly transfer: string | null;
  readonly handoffs: readonly (RecordedHandoff & { readonly seq: number })[];
  readonly exception: RecordedException | null;
}

/** What was promised: the request as it was to be sent. */
export interface RecordedHandoff {
  readonly handoff: string;
  readonly destination: string;
  readonly request: HandoffRequest;
  readonly approval: { readonly by: string } | null;
}

export interface RecordedException {
  readonly mode: FailureMode;
  readonly summary: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly owner: string;
  readonly alternate: string;
}

/** What was decided on a ticket's first trigger, whatever has been done to it since. */
export interface RecordedDecision {
  readonly kind: TicketDecision['kind'];
  /** Of the ticket, just after. */
  readonly state: TicketState;
  readonly route: string | null;
  readonly confidence: number | null;
  /** Of the ticket. */
  readonly owner: string;
  readonly alternate: string;
  readonly identity: string;
  /** The ticket that held its identity then, with other content. */
  readonly first_ticket: string | null;
  readonly exception: RecordedException | null;
  readonly handoffs: readonly RecordedHandoff[];
  readonly reasons: readonly Pick<Reason, 'rung' | 'code' | 'text'>[];
}

/** One trigger as it came in, with what was decided on it: a line of GET /api/triggers. */
export interface RecordedTrigger {
  readonly ticket: string;
  readonly source: string;
  readonly workflow: string;
  readonly workflow_version: string;
  /** ISO 8601, UTC. */
  readonly received_at: string;
  readonly content_type: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes as they came, base64; of a split delivery, those of this part. Null: erased. */
  readonly body: string | null;
  /** Where it stood in its delivery, from 0; null: it came alone. */
  readonly part: number | null;
  readonly decided: RecordedDecision;
}

/** A decision's entry, as ticket/place.ts writes it. */
interface DecidedData {
  readonly decision: TicketDecision['kind'];
  readonly workflow: string;
  readonly version: string;
  readonly reasons: RecordedDecision['reasons'];
  readonly route?: string;
  readonly confidence?: number;
}

/** Puts a recorded trigger together; null for a ticket that no trigger made. Pure. */
export function recordedTrigger({ trigger, entries, ...rows }: RecordedRows): RecordedTrigger | null {
  const [decided, ...announced] = entries;
  if (decided?.kind !== 'decided') return null;
  const data = JSON.parse(decided.data) as DecidedData;
  const exception = data.decision === 'stopped' ? rows.exception : null;
  const promised = announced.findIndex(({ kind }) => kind !== 'handoff_promised');
  const handoffs = rows.handoffs
    .slice(0, promised === -1 ? announced.length : promised)
    .map(({ handoff, destination, request, approval }) => ({
      handoff,
      destination,
      request,
      approval: approval && { by: approval.by },
    }));
  const first = exception?.detail.first_ticket;
  return {
    ticket: trigger.id,
    source: trigger.source,
    workflow: data.workflow,
    workflow_version: data.version,
    received_at: trigger.received_at.toISOString(),
    content_type: trigger.content_type,
    headers: JSON.parse(trigger.headers) as Record<string, string>,
    body: trigger.body?.toString('base64') ?? null,
    part: trigger.part,
    decided: {
      kind: data.decision,
      state: stateThen(data.decision, exception?.mode, handoffs.length),
      route: data.route ?? null,
      confidence: data.confidence ?? null,
      ...ownersThen(trigger, rows.transfer),
      identity: trigger.identity,
      first_ticket: typeof first === 'string' ? first : null,
      exception: exception && {
        mode: exception.mode,
        summary: exception.summary,
        detail: exception.detail,
        owner: exception.owner,
        alternate: exception.alternate,
      },
      handoffs,
      reasons: data.reasons,
    },
  };
}

/** An alternate who became the owner left their place to the owner until then (`ticket/transfer`). */
function ownersThen({ owner, alternate }: RecordedRows['trigger'], transfer: string | null) {
  if (transfer === null) return { owner, alternate };
  const first = JSON.parse(transfer) as { from: string; to: string; alternate: string };
  return { owner: first.from, alternate: first.alternate === first.from ? first.to : first.alternate };
}

function stateThen(
  kind: TicketDecision['kind'],
  mode: FailureMode | undefined,
  handoffs: number,
): TicketState {
  if (kind === 'rejected') return 'rejected';
  if (kind === 'stopped') return mode !== undefined && triageModes.has(mode) ? 'triage' : 'exception';
  return handoffs === 0 ? 'done' : 'handoff';
}
