import { type Static, Type } from 'typebox';
import { approvalState, askedNow } from '../approval/decide.ts';
import { makeApprovalLink } from '../approval/link/worker.ts';
import { type ApprovalRow, findApproval, listApprovals, listDecidedApprovals } from '../approval/store.ts';
import { AppError } from '../errors.ts';
import { isKnown } from '../exceptions/reach.ts';
import { limits } from '../limits.ts';
import type { Ref } from '../workflow/workflow.ts';
import type { Routes } from './deps.ts';
import { actorOf } from './security.ts';
import {
  closed,
  Json,
  Next,
  nullable,
  paging,
  problems,
  RefText,
  Seq,
  shown,
  TicketId,
  Time,
  text,
} from './wire.ts';

function describedRef(description: string) {
  return Type.String({ ...RefText, description });
}

const approval = {
  ticket_id: TicketId,
  handoff_seq: Seq,
  state: Type.Enum(['waiting', 'approved', 'refused', 'overdue']),
  by: RefText,
  digest: Type.String({ description: 'SHA-256 (hex) of the request that is approved' }),
  due_at: Time,
  decided_at: nullable(Time),
  decided_by: nullable(Type.String()),
  reason: nullable(Type.String()),
  responsible: describedRef('whom it is on now: `by`, or the alternate once their time has passed'),
  alternate: nullable(RefText),
  alternate_at: nullable(Time),
  remind_at: nullable(Time),
  reminded_at: nullable(Time),
  four_eyes: Type.Boolean({ description: 'whoever has acted on the ticket cannot approve' }),
  needed: Type.Integer({ description: 'so many people have to say yes' }),
  yes: Type.Array(
    closed(
      { by: Type.String(), at: Time, reason: nullable(Type.String()) },
      { description: 'who has so far' },
    ),
  ),
};

export const Approval = closed(approval);

export const WaitingApproval = closed({
  ...approval,
  workflow: Type.String(),
  identity: Type.String({ description: 'of the ticket' }),
  handoff: Type.String(),
  destination: Type.String(),
  request: closed(
    {
      operation: Type.String(),
      method: Type.String(),
      path: Type.String(),
      headers: Type.Record(Type.String(), Type.String()),
      body: Type.Optional(Json),
    },
    { description: 'what will be sent, to the byte that was approved' },
  ),
});

/** /api/approvals…: what waits for a person's yes or no. */
export const approvalRoutes: Routes = async (app, { deps }) => {
  const { shell, acts } = deps;

  app.get(
    '/approvals',
    {
      schema: {
        operationId: 'listApprovals',
        summary: `What waits for a yes or no, the most urgent first, at most ${limits.pageRowsMax}`,
        description:
          'With `state=decided`: what was approved, refused or ran out of time, the newest ticket first, in pages.',
        tags: ['approvals'],
        querystring: closed({
          state: Type.Optional(Type.Enum(['waiting', 'decided'], { default: 'waiting' })),
          limit: paging.limit,
          after: paging.after,
        }),
        response: {
          200: closed({ approvals: Type.Array(WaitingApproval), next: Next }),
          ...problems(400, 401, 403, 500),
        },
      },
    },
    async ({ query: { state, limit = 50, after } }) => {
      const { rows, next } =
        state === 'decided'
          ? await listDecidedApprovals(shell.db, { limit, ...(after !== undefined && { after }) })
          : { rows: await listApprovals(shell.db), next: null };
      return { approvals: rows.map((row) => shown(WaitingApproval, withPolicy(row))), next };
    },
  );

  app.post(
    '/approvals/:ticketId/:handoffSeq',
    {
      schema: {
        operationId: 'decideApproval',
        summary: 'Approves or refuses a handoff',
        description: 'Only the person named, or a member of the team named. A refusal needs a reason.',
        tags: ['approvals'],
        params: closed({ ticketId: TicketId, handoffSeq: Seq }),
        body: closed({
          approve: Type.Boolean(),
          reason: Type.Optional(text(limits.noteCharsMax, 0)),
          digest: Type.Optional(
            Type.String({
              pattern: '^[0-9a-f]{64}$',
              description: 'of what you were shown: 409 where that is no longer what would be sent',
            }),
          ),
        }),
        response: { 200: Approval, ...problems(400, 401, 403, 404, 409, 415, 422, 500, 503) },
      },
    },
    async (request) => {
      const { approve, reason = '', digest } = request.body;
      const actor = actorOf(request, shell.project());
      const shown = digest === undefined ? {} : { digest };
      await acts.onApproval(request.params, { approve, reason, ...shown }, actor);
      const row = await findApproval(shell.db, request.params.ticketId, request.params.handoffSeq);
      if (row === null) throw new AppError('not_found', 'There is no such approval.');
      return shownApproval(row);
    },
  );

  app.post(
    '/approvals/:ticketId/:handoffSeq/links',
    {
      schema: {
        operationId: 'makeApprovalLink',
        summary: 'The address by which one person can decide it, once, without a key',
        description:
          'It shows what would be sent and a form; opening it decides nothing. It ends with the deadline, and with the decision. Whoever has it acts as that person: give it to nobody else.',
        tags: ['approvals'],
        params: closed({ ticketId: TicketId, handoffSeq: Seq }),
        body: closed({ for: Type.String({ pattern: '^person:.', maxLength: 600, format: 'text' }) }),
        response: {
          201: closed({ url: Type.String(), until: Time }),
          ...problems(400, 401, 403, 404, 409, 415, 422, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const person = request.body.for;
      if (!isKnown(shell.project(), person as Ref)) {
        throw new AppError('unprocessable', `${person} is not in this project.`);
      }
      const actor = actorOf(request, shell.project());
      const { url, until } = await makeApprovalLink(shell, request.params, person, actor);
      return await reply.code(201).send({ url, until: until.toISOString() });
    },
  );
};

/** An approval as the API shows it. */
export function shownApproval(row: ApprovalRow): Static<typeof Approval> {
  return shown(Approval, withPolicy(row));
}

export function withPolicy<R extends ApprovalRow>(row: R) {
  const state = approvalState(row);
  return {
    ...row,
    responsible: askedNow(state),
    alternate: state.alternate?.ref ?? null,
    four_eyes: state.fourEyes,
    needed: state.needed,
    yes: [...state.yes],
  };
}
