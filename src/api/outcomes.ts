import { Type } from 'typebox';
import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import { findConfirmation, listConfirmations } from '../outcome/confirmation/store.ts';
import { decideConfirmation } from '../outcome/confirmation/worker.ts';
import type { Routes } from './deps.ts';
import { actorOf } from './security.ts';
import { closed, Json, nullable, problems, RefText, Seq, shown, TicketId, Time, text } from './wire.ts';

const confirmation = {
  ticket_id: TicketId,
  handoff_seq: Seq,
  state: Type.Enum(['waiting', 'confirmed', 'denied', 'overdue']),
  by: RefText,
  checklist: Type.Array(Type.String()),
  asked_at: Time,
  due_at: Time,
  remind_at: nullable(Time),
  reminded_at: nullable(Time),
  decided_at: nullable(Time),
  decided_by: nullable(Type.String()),
  evidence: nullable(Type.String()),
};

export const Confirmation = closed(confirmation, { description: 'a person’s word for the outcome' });

export const WaitingConfirmation = closed({
  ...confirmation,
  workflow: Type.String(),
  identity: Type.String({ description: 'of the ticket' }),
  handoff: Type.String(),
  destination: Type.String(),
  request: Json,
  response: Json,
});

/** A row with its checklist as a list of its own. */
export function shownList<R extends { readonly checklist: readonly string[] }>(row: R) {
  return { ...row, checklist: [...row.checklist] };
}

/** /api/outcomes…: what waits for a person's word that it is done. */
export const outcomeRoutes: Routes = async (app, { deps }) => {
  const { shell } = deps;

  app.get(
    '/outcomes',
    {
      schema: {
        operationId: 'listOutcomes',
        summary: `Outcomes that wait for a person to confirm them, the most urgent first, at most ${limits.pageRowsMax}`,
        tags: ['outcomes'],
        response: {
          200: closed({ outcomes: Type.Array(WaitingConfirmation) }),
          ...problems(401, 403, 500),
        },
      },
    },
    async () => ({
      outcomes: (await listConfirmations(shell.db)).map((row) => shown(WaitingConfirmation, shownList(row))),
    }),
  );

  app.post(
    '/outcomes/:ticketId/:handoffSeq',
    {
      schema: {
        operationId: 'decideOutcome',
        summary: 'Confirms an outcome with evidence, or says that it is not done',
        description:
          'Only the person named, or a member of the team named. To confirm, every point of the checklist has to be in `checked`.',
        tags: ['outcomes'],
        params: closed({ ticketId: TicketId, handoffSeq: Seq }),
        body: closed({
          confirm: Type.Boolean(),
          evidence: text(limits.noteCharsMax),
          checked: Type.Optional(
            Type.Array(Seq, { maxItems: 50, description: 'points of the checklist, counted from 1' }),
          ),
        }),
        response: { 200: Confirmation, ...problems(400, 401, 403, 404, 409, 415, 422, 500, 503) },
      },
    },
    async (request) => {
      const { confirm, evidence, checked = [] } = request.body;
      const actor = actorOf(request, shell.project());
      await decideConfirmation(shell, request.params, { confirm, evidence, checked }, actor);
      const row = await findConfirmation(shell.db, request.params);
      if (row === null) throw new AppError('not_found', 'There is no such outcome.');
      return shown(Confirmation, shownList(row));
    },
  );
};
