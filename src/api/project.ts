import { Type } from 'typebox';
import { lastArrivals } from '../detection/silence/store.ts';
import { findPolls, type PollRow } from '../poll/store.ts';
import type { Poll as SourcePoll } from '../workflow/project.ts';
import type { Routes } from './deps.ts';
import { closed, Json, nullable, problems, RefText, Time } from './wire.ts';

const Poll = closed({
  from: Type.String({ description: 'the destination that is read' }),
  operation: Type.String(),
  every_ms: Type.Integer(),
  due_at: nullable(Time),
  last_success_at: nullable(Time),
  failures: Type.Integer({ description: 'in a row' }),
  error: nullable(Type.String({ description: 'of the last one' })),
  cursor: Json,
});

const Source = closed({
  key: Type.String(),
  summary: Type.String(),
  owner: RefText,
  path: nullable(Type.String({ description: 'where its triggers are posted; null: it is only polled' })),
  scheme: nullable(Type.String({ description: 'how it proves itself' })),
  expected_every_ms: nullable(Type.Integer({ description: 'longer silence is an exception; null: none is' })),
  last_seen_at: nullable(
    Type.String({ format: 'date-time', description: 'its last ticket, as detection has counted it' }),
  ),
  poll: nullable(Poll),
  body_bytes_max: Type.Integer(),
  workflow: nullable(Type.String()),
});

/** GET /api/sources: the project in force, without its secrets. */
export const projectRoutes: Routes = async (app, { deps }) => {
  const { shell } = deps;

  app.get(
    '/sources',
    {
      schema: {
        operationId: 'listSources',
        summary: 'Sources, and where each posts its triggers',
        tags: ['project'],
        response: { 200: closed({ sources: Type.Array(Source) }), ...problems(401, 403, 500) },
      },
    },
    async () => {
      const { sources, workflows } = shell.project();
      const readers = new Map([...workflows.values()].map((workflow) => [workflow.trigger.source, workflow]));
      const seen = await lastArrivals(shell.db, [...sources.keys()]);
      const polls = new Map((await findPolls(shell.db, [...sources.keys()])).map((row) => [row.source, row]));
      return {
        sources: [...sources.values()].map(({ key, summary, owner, verify, poll, bodyBytesMax }) => ({
          key,
          summary,
          owner,
          path: verify === null ? null : `/in/${key}`,
          scheme: verify?.scheme ?? null,
          expected_every_ms: readers.get(key)?.trigger.expectEveryMs ?? null,
          last_seen_at: seen.get(key)?.toISOString() ?? null,
          poll: poll === null ? null : shownPoll(poll, polls.get(key)),
          body_bytes_max: bodyBytesMax,
          workflow: readers.get(key)?.name ?? null,
        })),
      };
    },
  );
};

/** Without a row: it has not been looked at yet. */
function shownPoll({ from, request, everyMs, start }: SourcePoll, row: PollRow | undefined) {
  return {
    from,
    operation: request.operation,
    every_ms: everyMs,
    due_at: row?.dueAt.toISOString() ?? null,
    last_success_at: row?.lastSuccessAt?.toISOString() ?? null,
    failures: row?.failures ?? 0,
    error: row?.error ?? null,
    cursor: row === undefined ? start : row.position.cursor,
  };
}
