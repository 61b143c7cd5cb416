import { type Static, Type } from 'typebox';
import { keptValue } from '../intake/payload.ts';
import { rehearsed } from '../intake/rehearsal/rehearsal.ts';
import { rehearseReplay, workflowInForce } from '../replay.ts';
import { findPayload, findTicket } from '../ticket/store.ts';
import type { Routes } from './deps.ts';
import { exactBodies } from './exact-body.ts';
import { hiddenValues, type Show } from './hidden.ts';
import { missingTicket } from './tickets.ts';
import { closed, Json, JsonObject, nullable, problems, RefText, TicketId } from './wire.ts';

const Id = closed({ id: TicketId });

const Violation = Type.Object({
  path: Type.String({ description: 'JSON pointer; empty: the whole payload' }),
  rule: Type.String(),
  message: Type.String(),
});

const ReplayBase = closed({
  workflow: Type.String(),
  version: Type.String({ description: 'content hash of the workflow in force' }),
  contract: closed({ name: Type.String(), schema: Json }),
  payload: Type.Unknown({ description: 'as the workflow reads it; null: erased, or not readable' }),
  hidden: Type.Array(Type.String(), {
    description:
      'JSON pointers of what the contract hides from who may not work on the ticket; `[hidden]` stands there',
  }),
});

const Rehearsal = closed({
  decision: Type.Enum(['routed', 'stopped', 'rejected']),
  reasons: Type.Array(closed({ rung: Type.String(), code: Type.String(), text: Type.String() })),
  violations: Type.Array(Violation),
  would_be: nullable(JsonObject),
});

/** What a replay starts from, and what it would do: for whoever repairs a payload. */
export const replayRoutes: Routes = async (app, { deps }) => {
  const { shell } = deps;
  exactBodies(app);
  const shownTo = hiddenValues(shell);

  app.get(
    '/tickets/:id/contract',
    {
      schema: {
        operationId: 'getReplayBase',
        summary: 'What a replay starts from: the payload as it is read, and the contract in force',
        tags: ['tickets'],
        params: Id,
        response: { 200: ReplayBase, ...problems(400, 401, 403, 404, 409, 500) },
      },
    },
    async ({ params, caller }) => {
      const ticket = (await findTicket(shell.db, params.id)) ?? missingTicket(params.id);
      const { name, version, trigger } = workflowInForce(shell, ticket);
      const kept = await findPayload(shell.db, ticket.id, ticket.revision);
      const { contract, jsonField } = trigger;
      return {
        workflow: name,
        version,
        contract: { name: contract.name, schema: contract.schema },
        ...payloadOf(await shownTo(caller, ticket), kept === null ? null : keptValue(kept, jsonField)),
      };
    },
  );

  app.post(
    '/tickets/:id/rehearsal',
    {
      schema: {
        operationId: 'rehearseReplay',
        summary: 'Decides what a replay would do, and stores nothing',
        description:
          'By the workflow in force, as a replay is. Without `payload`: on what came in. An exception that it would end in is told with the violations.',
        tags: ['tickets'],
        params: Id,
        body: closed({ payload: Type.Optional(Json), to: Type.Optional(RefText) }),
        response: { 200: Rehearsal, ...problems(400, 401, 403, 404, 409, 415, 500) },
      },
    },
    async ({ params, body }) => {
      const ticket = (await findTicket(shell.db, params.id)) ?? missingTicket(params.id);
      const options = {
        ...(body.payload !== undefined && { payload: body.payload }),
        ...(body.to !== undefined && { rerouteTo: body.to as `person:${string}` }),
      };
      const { decision } = await rehearseReplay(shell, shell.db, ticket, options, shell.clock.now());
      const detail = decision.kind === 'stopped' ? decision.exception.detail : {};
      const violations = Array.isArray(detail.violations) ? detail.violations : [];
      const told = rehearsed(decision);
      return {
        decision: decision.kind,
        reasons: told.decision.reasons,
        violations: violations as Static<typeof Violation>[],
        would_be: told.would_be,
      };
    },
  );
};

function payloadOf(show: Show, payload: unknown) {
  const { value, hidden } = payload === null ? { value: null, hidden: [] } : show(payload);
  return { payload: value, hidden: [...hidden] };
}
