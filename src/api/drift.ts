import { type Static, Type } from 'typebox';
import { type DriftRow, listDrift } from '../detection/drift/store.ts';
import { acknowledgeDrift } from '../detection/drift/worker.ts';
import { limits } from '../limits.ts';
import { noPlace } from '../platform/cursor.ts';
import type { Routes } from './deps.ts';
import { actorOf } from './security.ts';
import { closed, Name, Next, nullable, paging, problems, shown, Time, text } from './wire.ts';

const Drift = closed({
  id: Type.Integer(),
  source: Type.String(),
  kind: Type.String({
    description: 'the label of the payloads that it is about; empty: those that have none',
  }),
  path: Type.String({
    description: '`utm.campaign`, `rows[].price`; a name that reads as a path in quotes: `["utm.source"]`',
  }),
  change: Type.Enum(['appeared', 'vanished', 'type', 'format'], {
    description: 'type: one that was not seen before; format: texts that no longer have theirs',
  }),
  what: Type.String({ description: 'the type or format that it is about; empty: none' }),
  before_seen: Type.Integer({ description: 'payloads in which it was seen, when it was found' }),
  before_of: Type.Integer({ description: 'of so many that could have had it' }),
  now_seen: Type.Integer(),
  now_of: Type.Integer(),
  described: Type.Boolean({ description: 'whether the contract spoke of it when it was found' }),
  opened_at: Time,
  acknowledged_at: nullable(Time),
  acknowledged_by: nullable(Type.String()),
  reason: nullable(Type.String({ description: 'why it may be as it is, as a person said' })),
  closed_at: nullable(Time),
  closed_because: nullable(
    Type.Enum(['over', 'in_contract'], {
      description:
        'over: payloads are as they were; in_contract: the contract speaks of it by now, or no longer',
    }),
  ),
});

/** A finding on the wire. */
export type DriftJson = Static<typeof Drift>;

/** /api/drift…: where payloads have changed though they satisfy their contract. */
export const driftRoutes: Routes = async (app, { deps }) => {
  const { shell } = deps;

  app.get(
    '/drift',
    {
      schema: {
        operationId: 'listDrift',
        summary:
          'Where the payloads of sources have changed, though they satisfy their contract; newest first',
        tags: ['project'],
        querystring: closed({
          source: Type.Optional(Name),
          state: Type.Optional(
            Type.Enum(['open', 'acknowledged', 'closed', 'all'], {
              description: 'default: what is not over, acknowledged or not',
            }),
          ),
          ...paging,
        }),
        response: {
          200: closed({ findings: Type.Array(Drift), next: Next }),
          ...problems(400, 401, 403, 500),
        },
      },
    },
    async ({ query }) => {
      const { limit = 50, after, source, state } = query;
      const filter = {
        ...(source !== undefined && { source }),
        ...(state !== undefined && { state }),
        ...(after !== undefined && { after: placeOf(after) }),
      };
      const rows = await listDrift(shell.db, filter, limit + 1);
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      return {
        findings: page.map(shownFinding),
        next: rows.length > limit && last !== undefined ? String(last.id) : null,
      };
    },
  );

  app.post(
    '/drift/:id/acknowledge',
    {
      schema: {
        operationId: 'acknowledgeDrift',
        summary: 'Notes that a person knows of a finding: it is no longer told by /health/ready',
        tags: ['project'],
        params: closed({ id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) }),
        body: closed({ reason: text(limits.noteCharsMax) }),
        response: { 200: Drift, ...problems(400, 401, 403, 404, 409, 415, 500) },
      },
    },
    async (request) => {
      const actor = actorOf(request, shell.project());
      const { reason } = request.body;
      return shownFinding(await acknowledgeDrift(shell, request.params.id, { actor, reason }));
    },
  );
};

function placeOf(after: string): number {
  if (/^\d{1,15}$/.test(after)) return Number(after);
  throw noPlace(after);
}

function shownFinding(row: DriftRow): DriftJson {
  return shown(Drift, row);
}
