import { Readable } from 'node:stream';
import { Type } from 'typebox';
import type { Db } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { firstTicketId } from '../platform/ids.ts';
import { recordedTrigger } from '../ticket/recorded/recorded.ts';
import { type RecordedFilter, recordedPage } from '../ticket/recorded/store.ts';
import { findTicket } from '../ticket/store.ts';
import type { Routes } from './deps.ts';
import { closed, Json, JsonObject, Name, nullable, problems, RefText, TicketId, Time } from './wire.ts';

const Handoff = closed({
  handoff: Type.String({ description: 'its id in the workflow file' }),
  destination: Type.String(),
  request: JsonObject,
  approval: nullable(closed({ by: RefText })),
});

const Decided = closed(
  {
    kind: Type.Enum(['routed', 'stopped', 'rejected']),
    state: Type.Enum(['handoff', 'triage', 'exception', 'done', 'rejected'], {
      description: 'of the ticket, just after',
    }),
    route: nullable(RefText),
    confidence: nullable(Type.Number({ minimum: 0, maximum: 1 })),
    owner: RefText,
    alternate: RefText,
    identity: Type.String(),
    first_ticket: nullable(Type.String({ description: 'the ticket that held this identity then' })),
    exception: nullable(
      closed({
        mode: Type.String(),
        summary: Type.String(),
        detail: Json,
        owner: RefText,
        alternate: RefText,
      }),
    ),
    handoffs: Type.Array(Handoff),
    reasons: Type.Array(closed({ rung: Type.String(), code: Type.String(), text: Type.String() })),
  },
  { description: 'what was decided on it then, whatever has been done to the ticket since' },
);

const RecordedTrigger = closed(
  {
    ticket: TicketId,
    source: Type.String(),
    workflow: Type.String(),
    workflow_version: Type.String({ description: 'content hash of the workflow that decided it' }),
    received_at: Time,
    content_type: Type.String(),
    headers: Type.Record(Type.String(), Type.String()),
    body: nullable(
      Type.String({
        description: 'the bytes as they came, base64; of a split delivery those of this part; null: erased',
      }),
    ),
    part: nullable(Type.Integer({ minimum: 0, description: 'where it stood in its delivery, from 0' })),
    decided: Decided,
  },
  { description: 'one line' },
);

const lines = Type.Unsafe<Readable>(RecordedTrigger);

/** GET /api/triggers: what came in, as it came in, with what was decided on it. */
export const recordedTriggerRoutes: Routes = async (app, { deps }) => {
  const { db } = deps.shell;

  app.get(
    '/triggers',
    {
      schema: {
        operationId: 'listTriggers',
        summary: 'Recorded triggers with what was decided on them, oldest first, one JSON object a line',
        description:
          'The first payload of every ticket, and the decision on it: what a person or newer content has changed since is not in it. The answer is a stream of any length; it has come whole when it ends without an error.',
        tags: ['tickets'],
        querystring: closed({
          workflow: Type.Optional(Name),
          source: Type.Optional(Name),
          ticket: Type.Optional(TicketId),
          since: Type.Optional(Type.String({ format: 'date-time', description: 'received then or later' })),
          until: Type.Optional(Type.String({ format: 'date-time', description: 'received before then' })),
          after: Type.Optional(Type.String({ format: 'uuid', description: 'goes on after this ticket' })),
          limit: Type.Optional(
            Type.Integer({ minimum: 1, description: 'at most so many lines; default: all' }),
          ),
        }),
        response: {
          200: {
            description: 'One recorded trigger a line',
            content: { 'application/x-ndjson': { schema: lines } },
          },
          ...problems(400, 401, 403, 404, 500),
        },
      },
    },
    async ({ query }, reply) => {
      const { since, until, limit = Number.POSITIVE_INFINITY, ...filter } = query;
      if (filter.ticket !== undefined && (await findTicket(db, filter.ticket)) === null) {
        throw new AppError('not_found', `There is no ticket ${filter.ticket}.`);
      }
      const window = {
        ...(since !== undefined && { from: firstTicketId(new Date(since)) }),
        ...(until !== undefined && { to: firstTicketId(new Date(until)) }),
      };
      const stream = Readable.from(recordedLines(db, { ...filter, ...window }, limit));
      return await reply.type('application/x-ndjson').send(stream);
    },
  );
};

/** Sent at once: as many lines as make about so many characters. */
const chunkChars = 65_536;

/** A page of the database at a time, and the next only when the reader has taken this one. */
export async function* recordedLines(db: Db, filter: RecordedFilter, limit: number): AsyncGenerator<string> {
  let { after } = filter;
  for (let left = limit; left > 0; ) {
    const page = await recordedPage(db, { ...filter, ...(after !== undefined && { after }) }, left);
    let chunk = '';
    for (const rows of page) {
      const recorded = recordedTrigger(rows);
      if (recorded !== null) chunk += `${JSON.stringify(recorded)}\n`;
      if (chunk.length >= chunkChars) {
        yield chunk;
        chunk = '';
      }
    }
    if (chunk !== '') yield chunk;
    after = page.at(-1)?.trigger.id;
    if (after === undefined) return;
    left -= page.length;
  }
}
