import { Type } from 'typebox';
import { verifyAll, verifyOne } from '../audit/worker.ts';
import type { Routes } from './deps.ts';
import { closed, nullable, problems, Seq, TicketId } from './wire.ts';

const Verification = closed({
  tickets: Type.Integer(),
  entries: Type.Integer(),
  payloads: Type.Integer(),
  broken: nullable(
    closed(
      {
        ticket_id: TicketId,
        seq: nullable(Seq),
        what: Type.Enum(['entry', 'payload', 'delivery', 'head', 'handoff']),
        why: Type.String(),
      },
      { description: 'the first thing that is not as it was written; null: the record is whole' },
    ),
  ),
});

/** GET /api/audit/verify: re-hashes the record. */
export const auditRoutes: Routes = async (app, { deps }) => {
  app.get(
    '/audit/verify',
    {
      schema: {
        operationId: 'verifyAudit',
        summary: 'Verifies the record, or one ticket of it',
        description: 'Reads and hashes every entry and payload: on a large record this takes a while.',
        tags: ['audit'],
        querystring: closed({ ticket: Type.Optional(TicketId) }),
        response: { 200: Verification, ...problems(400, 401, 403, 404, 500) },
      },
    },
    async ({ query }) => {
      const { db } = deps.shell;
      const { broken, ...counts } =
        query.ticket === undefined ? await verifyAll(db) : await verifyOne(db, query.ticket);
      if (broken === null) return { ...counts, broken };
      const { ticketId, ...rest } = broken;
      return { ...counts, broken: { ticket_id: ticketId, ...rest } };
    },
  );
};
