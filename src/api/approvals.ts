import { Type } from 'typebox';
import { findApproval, listApprovals } from '../approval/store.ts';
import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Routes } from './deps.ts';
import { actorOf } from './security.ts';
import { closed, Json, nullable, problems, RefText, Seq, shown, TicketId, Time, text } from './wire.ts';

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
};

export const Approval = closed(approval);

export const WaitingApproval = closed({
  ...approval,
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
        tags: ['approvals'],
        response: { 200: closed({ approvals: Type.Array(WaitingApproval) }), ...problems(401, 403, 500) },
      },
    },
    async () => ({ approvals: (await listApprovals(shell.db)).map((row) => shown(WaitingApproval, row)) }),
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
        }),
        response: { 200: Approval, ...problems(400, 401, 403, 404, 409, 415, 422, 500, 503) },
      },
    },
    async (request) => {
      const { approve, reason = '' } = request.body;
      const actor = actorOf(request, shell.project());
      await acts.onApproval(request.params, { approve, reason }, actor);
      const row = await findApproval(shell.db, request.params.ticketId, request.params.handoffSeq);
      if (row === null) throw new AppError('not_found', 'There is no such approval.');
      return shown(Approval, row);
    },
  );
};
