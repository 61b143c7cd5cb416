import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { AppError } from '../errors.ts';
import { keptValue } from '../intake/payload.ts';
import { limits } from '../limits.ts';
import { searchTickets } from '../ticket/search/store.ts';
import { findPayload, findTicket } from '../ticket/store.ts';
import { transferTicket } from '../ticket/transfer/worker.ts';
import type { Ref } from '../workflow/workflow.ts';
import type { Routes } from './deps.ts';
import { hiddenValues, type Show } from './hidden.ts';
import { actorOf } from './security.ts';
import { storyOf, Ticket, TicketStory } from './story.ts';
import { closed, Name, Next, paging, problems, RefText, Seq, shown, TicketId, text } from './wire.ts';

const States = Type.Enum(['handoff', 'triage', 'exception', 'done', 'discarded', 'rejected']);

/** GET /api/tickets…: what happened, and to what. */
export const ticketRoutes: Routes = async (app, { deps }) => {
  const { shell } = deps;
  const { db } = shell;
  const shownTo = hiddenValues(shell);

  app.get(
    '/tickets',
    {
      schema: {
        operationId: 'listTickets',
        summary: 'Tickets, newest first',
        description:
          '`identity` and open states are found by an index. `text` and `field` read what the time leaves: without `since` the 30 days before `until`, or before now.',
        tags: ['tickets'],
        querystring: closed({
          identity: Type.Optional(Name),
          state: Type.Optional(States),
          workflow: Type.Optional(Name),
          source: Type.Optional(Name),
          since: Type.Optional(Type.String({ format: 'date-time', description: 'received then or later' })),
          until: Type.Optional(Type.String({ format: 'date-time', description: 'received before then' })),
          text: Type.Optional(
            Type.String({
              minLength: 1,
              maxLength: 200,
              format: 'text',
              description: 'in the identity or any field',
            }),
          ),
          field: Type.Optional(
            Type.String({
              pattern: '^[^=]{1,100}=',
              maxLength: 600,
              format: 'text',
              description: '`email=a@b.example`',
            }),
          ),
          format: paging.format,
          limit: paging.limit,
          after: Type.Optional(TicketId),
        }),
        response: {
          200: closed({ tickets: Type.Array(Ticket), next: Next }),
          ...problems(400, 401, 403, 500),
        },
      },
    },
    async ({ query }) => {
      const { limit = 50, format: _, since, until, field, ...equals } = query;
      const reads = query.text !== undefined || field !== undefined;
      const end = until === undefined ? deps.shell.clock.now() : new Date(until);
      const filter = {
        ...equals,
        ...(reads && { since: new Date(end.getTime() - limits.searchMs) }),
        ...(since !== undefined && { since: new Date(since) }),
        ...(until !== undefined && { until: new Date(until) }),
        ...(field !== undefined && {
          field: { name: field.slice(0, field.indexOf('=')), value: field.slice(field.indexOf('=') + 1) },
        }),
      };
      const rows = await searchTickets(db, filter, limit + 1);
      const page = rows.slice(0, limit);
      return {
        tickets: page.map((row) => shown(Ticket, row)),
        next: rows.length > limit ? (page.at(-1)?.id ?? null) : null,
      };
    },
  );

  app.get(
    '/tickets/:id',
    {
      schema: {
        operationId: 'getTicket',
        summary: 'The whole story of one ticket',
        description:
          'The ticket with its entries, handoffs, attempts, outcomes, approvals, exceptions and payloads.',
        tags: ['tickets'],
        params: closed({ id: TicketId }),
        response: { 200: TicketStory, ...problems(400, 401, 403, 404, 500) },
      },
    },
    async ({ params }) => (await storyOf(db, params.id)) ?? missingTicket(params.id),
  );

  app.post(
    '/tickets/:id/transfer',
    {
      schema: {
        operationId: 'transferTicket',
        summary: 'Gives a ticket to another owner',
        description:
          'Who answers for it until its outcome is confirmed. The entry names who did until now. An alternate who becomes the owner is replaced by the owner until now.',
        tags: ['tickets'],
        params: closed({ id: TicketId }),
        body: closed({ to: RefText, reason: text(limits.noteCharsMax) }),
        response: { 200: Ticket, ...problems(400, 401, 403, 404, 409, 415, 422, 500, 503) },
      },
    },
    async (request) => {
      const { to, reason } = request.body;
      const actor = actorOf(request, shell.project());
      return shown(Ticket, await transferTicket(shell, request.params.id, { to: to as Ref, reason }, actor));
    },
  );

  app.get(
    '/tickets/:id/payload',
    {
      schema: {
        operationId: 'getTicketPayload',
        summary: 'The bytes of a payload, as they came in',
        description:
          'As plain text to be saved: a browser neither shows nor runs what a sender wrote. Who may not work on the ticket gets it written anew, with `[hidden]` for what its contract hides; `Signalbox-Hidden` counts these.',
        tags: ['tickets'],
        params: closed({ id: TicketId }),
        querystring: closed({ revision: Type.Optional(Seq) }),
        response: {
          200: {
            description: 'The bytes',
            content: { 'text/plain': { schema: Type.Unsafe<Buffer>({ type: 'string', format: 'binary' }) } },
          },
          ...problems(400, 401, 403, 404, 500),
        },
      },
    },
    async ({ params, query, caller }, reply) => {
      const ticket = (await findTicket(db, params.id)) ?? missingTicket(params.id);
      const revision = query.revision ?? ticket.revision;
      const payload = await findPayload(db, ticket.id, revision);
      if (payload === null) throw missing(`Ticket ${ticket.id} has no payload of revision ${revision}.`);
      if (payload.body === null) throw missing('This payload was erased; its digest is still in the record.');
      const show = await shownTo(caller, ticket);
      const body = show.whole ? payload.body : writtenAnew(show, keptValue(payload, show.jsonField), reply);
      return await reply
        .header('content-disposition', `attachment; filename="${ticket.id}-${revision}.txt"`)
        .type('text/plain; charset=utf-8')
        .send(body);
    },
  );
};

/** Bytes that cannot be read may hold anything: they are shown to nobody from whom something is hidden. */
function writtenAnew(show: Show, payload: unknown, reply: FastifyReply): Buffer {
  if (payload === null) {
    throw new AppError(
      'forbidden',
      'This payload cannot be read, so that its hidden values cannot be told.',
      {
        help: 'Who may work on the ticket can see it.',
      },
    );
  }
  const { value, hidden } = show(payload);
  reply.header('signalbox-hidden', String(hidden.length));
  return Buffer.from(JSON.stringify(value, null, 2));
}

export function missingTicket(id: string): never {
  throw missing(`There is no ticket ${id}.`);
}

function missing(message: string): AppError {
  return new AppError('not_found', message);
}
