import { Type } from 'typebox';
import type { Routes } from './deps.ts';
import { closed, Json, nullable, problems, TicketId } from './wire.ts';

export const PollReport = closed({
  source: Type.String(),
  dry_run: Type.Boolean(),
  end: Type.Enum(['caught_up', 'more', 'busy', 'interrupted', 'taken_over', 'failed'], {
    description:
      'caught_up: read to the end of the list; more: the next poll goes on at once; busy: nothing more was taken; interrupted: the server is stopping; taken_over: another node goes on with it',
  }),
  error: nullable(Type.String({ description: 'why it failed, one sentence' })),
  pages: Type.Integer({ description: 'pages of which all was committed; in a dry run, read' }),
  found: Type.Integer({ description: 'triggers on them' }),
  triggers: Type.Array(
    closed({
      ticket: nullable(TicketId),
      kind: Type.Enum(['routed', 'stopped', 'joined', 'rejected', 'revised']),
      text: Type.String({ description: 'where it goes, or what keeps it' }),
    }),
    { description: 'the first 500' },
  ),
  cursor: Json,
});

/** POST /api/sources/{key}/poll. */
export const pollRoutes: Routes = async (app, { deps }) => {
  app.post(
    '/sources/:key/poll',
    {
      schema: {
        operationId: 'pollSource',
        summary: 'Polls a source now, and answers when what it found is committed',
        description:
          'A dry run reads one page and decides what is on it; it commits nothing and leaves the cursor.',
        tags: ['project'],
        params: closed({ key: Type.String({ maxLength: 63, format: 'text' }) }),
        body: closed({ dry_run: Type.Optional(Type.Boolean({ default: false })) }),
        response: { 200: PollReport, ...problems(400, 401, 403, 404, 409, 415, 500, 503) },
      },
    },
    async ({ params, body }) => {
      const { dryRun, triggers, ...report } = await deps.poll(params.key, { dryRun: body.dry_run === true });
      return {
        ...report,
        dry_run: dryRun,
        triggers: triggers.map(({ ticketId, kind, text }) => ({ ticket: ticketId, kind, text })),
      };
    },
  );
};
