import { type Static, Type } from 'typebox';
import { entriesOf } from '../audit/store.ts';
import type { Db } from '../db/schema.ts';
import { decide } from '../decide.ts';
import type { Facts } from '../decision.ts';
import { AppError } from '../errors.ts';
import { exceptionsOf } from '../exceptions/store.ts';
import { handoffsOf } from '../handoff/store.ts';
import { ofTicket } from '../ticket/place.ts';
import { type RecordedTrigger, recordedTrigger } from '../ticket/recorded/recorded.ts';
import { findPayload, findTicket, type TicketRow } from '../ticket/store.ts';
import { type Explanation as Explained, explained } from '../workflow/explanation/explanation.ts';
import { factsThen, triggerOf } from '../workflow/plan/compare.ts';
import { movement } from '../workflow/plan/movement.ts';
import { standingAfter, standingThen } from '../workflow/plan/standing.ts';
import { storedWorkflows } from '../workflow/worker.ts';
import type { CompiledWorkflow, Ref } from '../workflow/workflow.ts';
import type { Routes } from './deps.ts';
import { closed, JsonObject, nullable, problems, RefText, Seq, TicketId, Time } from './wire.ts';

const Trace = closed(
  {
    text: Type.String({ description: 'the expression, or the part of one' }),
    value: nullable(Type.String({ description: 'what it yields, as JSON, shortened' })),
    held: nullable(Type.Boolean()),
    problem: nullable(Type.String({ description: 'why it cannot be evaluated' })),
    how: Type.Enum(['all', 'any', 'not', 'choice', 'atom']),
    parts: Type.Array(JsonObject, { description: 'what it is put together of, each like this' }),
    saw: Type.Array(closed({ path: Type.String(), value: nullable(Type.String()) }), {
      description: 'the values that it read; null: not there',
    }),
  },
  { description: 'an expression with what it came to' },
);

const Outcome = closed({
  kind: Type.Enum(['routed', 'stopped', 'rejected', 'joined', 'revised']),
  state: nullable(Type.String()),
  route: nullable(RefText),
  confidence: nullable(Type.Number({ minimum: 0, maximum: 1 })),
  exception: nullable(closed({ mode: Type.String(), because: Type.String() })),
  handoffs: Type.Array(Type.String()),
  approvals: Type.Array(RefText),
});

const Score = closed({ to: RefText, score: Type.Number(), matched: Type.Number(), all: Type.Number() });

const Explanation = Type.Unsafe<Explained>(
  closed({
    workflow: Type.String(),
    version: Type.String(),
    decision: Outcome,
    reasons: Type.Array(closed({ rung: Type.String(), code: Type.String(), text: Type.String() })),
    fields: Type.Array(closed({ name: Type.String(), made: Trace })),
    checks: Type.Array(
      closed({ id: Type.String(), held: Type.Boolean(), otherwise: Type.String(), that: Trace }),
    ),
    routing: nullable(
      closed({
        verdict: Type.String(),
        threshold: Type.Number(),
        otherwise: Type.String(),
        rules: Type.Array(
          closed({
            to: RefText,
            held: Type.Boolean(),
            when: nullable(Trace),
            signals: Type.Array(closed({ weight: Type.Number(), held: Type.Boolean(), that: Trace })),
          }),
        ),
        confidence: nullable(
          closed(
            {
              best: Score,
              runner_up: nullable(Score),
              confidence: Type.Number(),
              threshold: Type.Number(),
              enough: Type.Boolean(),
            },
            { description: 'the best score less half of the runner-up’s' },
          ),
        ),
      }),
    ),
    handoffs: Type.Array(
      closed({
        id: Type.String(),
        when: nullable(Trace),
        made: Type.Boolean(),
        approval: nullable(closed({ by: RefText, when: nullable(Trace), asked: Type.Boolean() })),
        undo: nullable(
          closed(
            { when: Type.String({ description: '`abandoned`, `refused`' }), operation: Type.String() },
            { description: 'how it is taken back, and when' },
          ),
        ),
      }),
    ),
    changes: Type.Array(closed({ change: Type.String(), becomes: Outcome }), {
      description:
        'what would change the answer: first what would settle an exception, then the smallest change first',
    }),
    tried: Type.Integer({ description: 'how many single changes were tried for that' }),
  }),
);

const TicketExplanation = closed({
  ticket: TicketId,
  revision: Seq,
  decided_at: Time,
  explanation: Explanation,
  differs: Type.Array(Type.String(), {
    description: 'where the decision, made again, is another than the recorded one; empty: it is the same',
  }),
});

export type TicketExplanation = Static<typeof TicketExplanation>;

/** GET /api/tickets/{id}/explanation: why a ticket is where its last decision put it. */
export const explanationRoutes: Routes = async (app, { deps }) => {
  const { db } = deps.shell;
  const workflowOf = storedWorkflows(db);

  app.get(
    '/tickets/:id/explanation',
    {
      schema: {
        operationId: 'explainTicket',
        summary: 'Why a ticket was decided as it was, and what would have changed the answer',
        description:
          'Its last decision is made again on the recorded payload, by the workflow version that it is pinned to: each condition with the values that it saw, the confidence with its arithmetic, and single changes of the payload that would have led elsewhere. What the contract hides is not shown.',
        tags: ['tickets'],
        params: closed({ id: TicketId }),
        response: { 200: TicketExplanation, ...problems(400, 401, 403, 404, 409, 500) },
      },
    },
    async ({ params }) => {
      const ticket = await findTicket(db, params.id);
      if (ticket === null) throw new AppError('not_found', `There is no ticket ${params.id}.`);
      const workflow = await workflowOf(ticket.workflow_version);
      if (workflow === null) {
        throw new AppError('conflict', 'The workflow version of this ticket is not understood any more.', {
          help: `\`signalbox explain ${ticket.workflow} ${ticket.id}\` explains it under the files on disk.`,
        });
      }
      return explanationOf(ticket, workflow, await lastDecision(db, ticket));
    },
  );
};

interface LastDecision {
  readonly recorded: RecordedTrigger;
  readonly at: Date;
  /** A person or newer content was the cause, and not the sender's first trigger. */
  readonly again: boolean;
  readonly rerouteTo: Ref | null;
}

function explanationOf(ticket: TicketRow, pinned: CompiledWorkflow, last: LastDecision): TicketExplanation {
  const { recorded, again, at, rerouteTo } = last;
  if (recorded.body === null) {
    throw new AppError('conflict', 'The payload of this ticket was erased.', {
      help: `\`signalbox ticket ${ticket.id}\` tells what the record has of its decision.`,
    });
  }
  const workflow = again
    ? { ...pinned, trigger: { ...pinned.trigger, onInvalid: 'exception' as const } }
    : pinned;
  const trigger = triggerOf(recorded, recorded.body);
  const facts: Facts = { ...factsThen(workflow, trigger, recorded), rerouteTo };
  const decision = ofTicket(decide(workflow, trigger, facts, at));
  return {
    ticket: ticket.id,
    revision: ticket.revision,
    decided_at: at.toISOString(),
    explanation: explained(workflow, trigger, facts, at),
    differs: [...movement(standingThen(recorded), standingAfter(workflow, decision))],
  };
}

/** The payload and decision of the newest revision, as `recordedTrigger` has those of the first. */
async function lastDecision(db: Db, ticket: TicketRow): Promise<LastDecision> {
  const entries = await entriesOf(db, ticket.id);
  const index = entries.findLastIndex(({ kind }) => kind === 'decided');
  const decided = entries[index];
  const payload = await findPayload(db, ticket.id, ticket.revision);
  const cause = entries[index - 1];
  const announced = entries
    .slice(index + 1)
    .map(({ kind, data }) => ({ kind, data: JSON.parse(data) as Announced }));
  const first = announced[0];
  const handoffs = (await handoffsOf(db, ticket.id)).filter(({ seq }) =>
    announced.some(({ kind, data }) => kind === 'handoff_promised' && data.handoff_seq === seq),
  );
  const opened = first?.kind === 'exception_opened' ? first.data.exception : null;
  const exception = (await exceptionsOf(db, ticket.id)).find(({ seq }) => seq === opened) ?? null;
  const recorded =
    payload === null || decided === undefined
      ? null
      : recordedTrigger({
          trigger: { ...ticket, ...payload, part: partOf(ticket, payload.revision) },
          entries: entries.slice(index),
          transfer: entries.slice(index).find(({ kind }) => kind === 'ownership_transferred')?.data ?? null,
          handoffs: handoffs.map((row) => ({ ...row, ...row.plan, seq: row.seq })),
          exception: exception && { ...exception, detail: exception.detail as Record<string, unknown> },
        });
  if (recorded === null || decided === undefined) {
    throw new AppError('conflict', `No trigger made ticket ${ticket.id}: there is no decision to explain.`);
  }
  const data = cause?.kind === 'replayed' ? (JSON.parse(cause.data) as Announced) : {};
  return { recorded, at: decided.at, again: cause?.kind !== 'received', rerouteTo: data.reroute_to ?? null };
}

/** As the entries have it that this reads. */
interface Announced {
  readonly handoff_seq?: number;
  readonly exception?: number;
  readonly reroute_to?: Ref;
}

/** What a person wrote is one trigger, also where its delivery could not be split. */
function partOf({ part }: TicketRow, revision: number): number | null {
  return part ?? (revision > 1 ? 0 : null);
}
