import { type Static, Type } from 'typebox';
import { AppError } from '../errors.ts';
import { type FrozenPolicy, failureModes, type ChecklistPoint as Point } from '../exceptions/exception.ts';
import { countQueue } from '../exceptions/queue/store.ts';
import { type ExceptionRow, findException, listExceptions } from '../exceptions/store.ts';
import type { Routes } from './deps.ts';
import { exactBodies } from './exact-body.ts';
import { ActBody, actFrom } from './exception-act.ts';
import { actorOf } from './security.ts';
import {
  closed,
  JsonObject,
  Name,
  Next,
  nullable,
  paging,
  problems,
  RefText,
  Seq,
  shown,
  TicketId,
  Time,
} from './wire.ts';

const ChecklistPoint = closed({
  text: Type.String(),
  state: Type.Enum(['open', 'ticked', 'waived']),
  by: nullable(Type.String()),
  at: nullable(Time),
  reason: nullable(Type.String({ description: 'why it was waived' })),
});

const members = {
  ticket_id: TicketId,
  seq: Seq,
  mode: Type.Enum([...failureModes]),
  handoff_seq: nullable(Seq),
  summary: Type.String(),
  detail: JsonObject,
  state: Type.Enum(['open', 'claimed', 'resolved']),
  owner: RefText,
  alternate: RefText,
  responsible: RefText,
  escalate: Type.Array(RefText, { description: 'after owner and alternate, in this order' }),
  root_causes: Type.Array(Type.String(), { description: 'what a resolution may name; empty: any text' }),
  fingerprint: Type.String(),
  level: Type.Integer({ description: 'the rung it is on: 0 owner, 1 alternate, then `escalate`' }),
  lapses_at: nullable(Time),
  due_at: nullable(Time),
  resolve_by: Time,
  sla_missed_at: nullable(Time),
  claimed_by: nullable(Type.String()),
  claimed_at: nullable(Time),
  checklist: Type.Array(ChecklistPoint),
  root_cause: nullable(Type.String()),
  resolution: nullable(Type.String()),
  resolution_note: nullable(Type.String()),
  opened_at: Time,
  resolved_at: nullable(Time),
  resolved_by: nullable(Type.String()),
};

export const Exception = closed(members);
export const ListedException = closed({ ...members, workflow: Type.String(), source: Type.String() });

/** An exception's row as the wire has it; of its frozen policy, what a person needs. */
export function shownException(row: ExceptionRow): Static<typeof Exception> {
  const { rootCauses, escalate } = row.policy as FrozenPolicy;
  return shown(Exception, {
    ...row,
    detail: row.detail as Record<string, unknown>,
    checklist: row.checklist as Point[],
    root_causes: [...rootCauses],
    escalate: [...escalate],
  });
}

/** What narrows the queue. */
const queueFilter = {
  state: Type.Optional(
    Type.Enum(['open', 'claimed', 'resolved'], { description: 'absent: whatever is not resolved' }),
  ),
  mode: Type.Optional(Type.Enum([...failureModes])),
  queue: Type.Optional(Type.Enum(['triage', 'exception'])),
  responsible: Type.Optional(RefText),
  owner: Type.Optional(
    Type.String({
      ...RefText,
      description: 'owner, alternate, or whom it is on now: `person:<key>`, `team:<key>`',
    }),
  ),
  workflow: Type.Optional(Name),
  source: Type.Optional(Name),
  claimed_by: Type.Optional(Name),
  due_before: Type.Optional(
    Type.String({ format: 'date-time', description: 'its next deadline is before then' }),
  ),
  text: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      format: 'text',
      description: 'in the summary, the identity or any field of the ticket',
    }),
  ),
};

const Key = closed({ ticketId: TicketId, seq: Seq });

/** /api/exceptions…: the queue, and what people do to it. */
export const exceptionRoutes: Routes = async (app, { deps }) => {
  const { shell, acts } = deps;
  // A replay brings a payload.
  exactBodies(app);

  app.get(
    '/exceptions',
    {
      schema: {
        operationId: 'listExceptions',
        summary: 'Exceptions, the most urgent first; resolved ones the latest first',
        tags: ['exceptions'],
        querystring: closed({ ...queueFilter, ...paging }),
        response: {
          200: closed({ exceptions: Type.Array(ListedException), next: Next }),
          ...problems(400, 401, 403, 500),
        },
      },
    },
    async ({ query }) => {
      const { format: _, ...filter } = query;
      const { rows, next } = await listExceptions(shell.db, { limit: 50, ...filter });
      const exceptions = rows.map((row) => ({
        ...shownException(row),
        workflow: row.workflow,
        source: row.source,
      }));
      return { exceptions, next };
    },
  );

  app.get(
    '/exceptions/counts',
    {
      schema: {
        operationId: 'countExceptions',
        summary: 'How many exceptions a filter leaves, in all and by what a queue is narrowed by',
        tags: ['exceptions'],
        querystring: closed(queueFilter),
        response: {
          200: closed({
            counts: Type.Array(
              closed({
                by: Type.Enum(['all', 'state', 'mode', 'responsible', 'workflow', 'source']),
                value: nullable(Type.String()),
                count: Type.Integer(),
                late: Type.Integer({ description: 'of these, those whose next deadline has passed' }),
              }),
            ),
          }),
          ...problems(400, 401, 403, 500),
        },
      },
    },
    async ({ query }) => ({ counts: await countQueue(shell.db, query, shell.clock.now()) }),
  );

  app.get(
    '/exceptions/:ticketId/:seq',
    {
      schema: {
        operationId: 'getException',
        summary: 'One exception',
        tags: ['exceptions'],
        params: Key,
        response: { 200: Exception, ...problems(400, 401, 403, 404, 500) },
      },
    },
    async ({ params }) => await exceptionAt(params),
  );

  app.post(
    '/exceptions/:ticketId/:seq/acts',
    {
      schema: {
        operationId: 'actOnException',
        summary: 'Claims, works on or resolves an exception',
        description:
          'Answers the exception as it then stands. `Signalbox-Actor: person:<key>` says who acts.',
        tags: ['exceptions'],
        params: Key,
        body: ActBody,
        response: { 200: Exception, ...problems(400, 401, 403, 404, 409, 415, 422, 500, 503) },
      },
    },
    async (request) => {
      const actor = actorOf(request, shell.project());
      if (request.body.act === 'claim' && actor === 'local') throw nobody();
      await acts.onException(request.params, actFrom(request.body), actor);
      return await exceptionAt(request.params);
    },
  );

  async function exceptionAt(key: Static<typeof Key>) {
    const row = await findException(shell.db, key);
    if (row !== null) return shownException(row);
    throw new AppError('not_found', `There is no exception ${key.seq} of ticket ${key.ticketId}.`);
  }
};

function nobody(): AppError {
  return new AppError('bad_request', 'Only a person can claim an exception.', {
    help: 'Say who: header `Signalbox-Actor: person:<key>`, or `--as person:<key>` on the command line.',
  });
}
