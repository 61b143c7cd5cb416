import { Type } from 'typebox';
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
      const readers = new Map([...workflows.values()].map(({ name, trigger }) => [trigger.source, name]));
      const polls = new Map((await findPolls(shell.db, [...sources.keys()])).map((row) => [row.source, row]));
      return {
        sources: [...sources.values()].map(({ key, summary, owner, verify, poll, bodyBytesMax }) => ({
          key,
          summary,
          owner,
          path: verify === null ? null : `/in/${key}`,
          scheme: verify?.scheme ?? null,
          poll: poll === null ? null : shownPoll(poll, polls.get(key)),
          body_bytes_max: bodyBytesMax,
          workflow: readers.get(key) ?? null,
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
