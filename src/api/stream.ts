import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { Type } from 'typebox';
import type { Told } from '../change/change.ts';
import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Routes } from './deps.ts';
import { rightCheck } from './right-check.ts';
import { closed, problems } from './wire.ts';

const events = Type.Unsafe<Readable>({
  type: 'string',
  description:
    '`event: change`, data `{"changes": [{"kind": "exception", "ticket": …, "seq": 1, "state": "claimed", …}]}`. `event: reload`: what came between is not known any more, read again what you show. Comments keep it open.',
});

/** GET /api/stream: what changes, as it changes (server-sent events). */
export const streamRoutes: Routes = async (app, { deps }) => {
  const check = rightCheck(deps.shell, deps.key);
  const open = new Set<ServerResponse>();
  // A stream has no end of its own: the server would wait for it.
  app.addHook('preClose', async () => {
    for (const raw of open) raw.end();
  });

  app.get(
    '/stream',
    {
      // To ask for its head alone would be to wait for the end of what has none.
      exposeHeadRoute: false,
      schema: {
        operationId: 'streamChanges',
        summary: 'What changes, as it changes: kinds, ids and states (server-sent events)',
        description:
          'Kinds: ticket, exception, handoff, approval, workflow, destination, and `everything` where too much has changed to tell it one by one. ' +
          'With `Last-Event-ID` it goes on where it broke off. Who reads too slowly is cut off, and comes again.',
        tags: ['tickets'],
        headers: Type.Object({ 'last-event-id': Type.Optional(Type.String({ pattern: '^\\d{0,15}$' })) }),
        querystring: closed({
          after: Type.Optional(Type.String({ pattern: '^\\d{1,15}$', description: 'as Last-Event-ID' })),
        }),
        response: {
          200: { description: 'Events', content: { 'text/event-stream': { schema: events } } },
          ...problems(400, 401, 403, 500, 503),
        },
      },
    },
    async (request, reply) => {
      if (open.size >= limits.streamsMax) {
        throw new AppError('unavailable', `${limits.streamsMax} pages are watching this node already.`, {
          help: 'Close some, or come again later.',
        });
      }
      const given = request.headers['last-event-id'] || request.query.after;
      const { raw } = reply;
      // What comes while the beginning is looked up is written behind it.
      let waiting: string[] | null = [];
      const send = (text: string) => {
        if (waiting !== null) waiting.push(text);
        else if (raw.writableLength > limits.streamBytesMax) raw.destroy();
        else raw.write(text);
      };
      open.add(raw);
      const watching = await deps.changes
        .watch(given === undefined ? null : Number(given), (told) => send(eventOf(told)))
        .catch((error: unknown) => {
          open.delete(raw);
          throw error;
        });
      const heart = setInterval(() => void beat(), limits.streamBeatMs);
      const stop = () => {
        clearInterval(heart);
        open.delete(raw);
        watching.stop();
      };
      const beat = async () => {
        // Who is signed out meanwhile hears no more.
        await check(request).then(
          () => send(': still here\n\n'),
          () => raw.end(),
        );
      };
      reply.hijack();
      raw.on('close', stop);
      raw.on('error', stop);
      if (raw.destroyed) return stop();
      raw.writeHead(200, {
        ...(reply.getHeaders() as Record<string, string>),
        'content-type': 'text/event-stream; charset=utf-8',
        'x-accel-buffering': 'no',
      });
      raw.write(`retry: ${limits.streamRetryMs}\n`);
      raw.write(`id: ${watching.begins}\nevent: ${watching.forgotten ? 'reload' : 'ready'}\ndata: {}\n\n`);
      for (const text of waiting) raw.write(text);
      waiting = null;
    },
  );
};

function eventOf({ id, changes }: Told): string {
  return `id: ${id}\nevent: change\ndata: ${JSON.stringify({ changes })}\n\n`;
}
