import { type Static, Type } from 'typebox';
import { AppError } from '../errors.ts';
import { attemptFiguresOf, queuesOf } from '../handoff/figures/store.ts';
import { actOnDestination } from '../handoff/pace/acts/worker.ts';
import { healthy } from '../handoff/pace/circuit.ts';
import { actsOn, readCircuits } from '../handoff/pace/store.ts';
import { limits } from '../limits.ts';
import { plusMs } from '../platform/instant.ts';
import type { Shell } from '../shell.ts';
import type { Routes } from './deps.ts';
import { actorOf } from './security.ts';
import { closed, Name, nullable, problems, Time, text } from './wire.ts';

const Destination = closed({
  key: Type.String(),
  summary: nullable(Type.String({ description: 'null: it is no longer in the project' })),
  url: nullable(Type.String()),
  scheme: nullable(Type.String({ description: 'how we prove ourselves there' })),
  idempotency_header: nullable(Type.String()),
  timeout_ms: nullable(Type.Integer()),
  concurrency: Type.Integer({ description: 'handoffs that one node works on at once' }),
  rate: nullable(closed({ requests: Type.Integer(), per_ms: Type.Integer() })),
  state: Type.Enum(['closed', 'open', 'recovering', 'paused'], {
    description:
      'closed: handoffs go to it; open: it fails, and is tried now and then; recovering: more and more go to it; paused: a person has stopped them',
  }),
  reason: Type.String({ description: 'why, in a sentence' }),
  since: nullable(Time),
  probe_at: nullable(Time),
  held_until: nullable(Time),
  paused_by: nullable(Type.String()),
  in_flight: Type.Integer({ description: 'attempts under way, on all nodes' }),
  queued: Type.Integer({ description: 'handoffs that wait for their time, for room, or for their proof' }),
  oldest_due_at: nullable(Time),
  succeeded: Type.Integer({ description: 'of the recent attempts: accepted' }),
  failed: Type.Integer({ description: 'of the recent attempts: everything else' }),
  p50_ms: nullable(Type.Number()),
  p99_ms: nullable(Type.Number()),
});

const DestinationWithActs = closed({
  ...Destination.properties,
  acts: Type.Array(
    closed({
      act: Type.Enum(['opened', 'recovering', 'closed', 'paused', 'resumed']),
      at: Time,
      actor: Type.String(),
      reason: Type.String(),
    }),
    { description: 'latest first' },
  ),
});

/** A destination on the wire. */
export type DestinationJson = Static<typeof Destination>;

/** /api/destinations…: how the systems that handoffs go to are doing, and whether anything is sent to them. */
export const destinationRoutes: Routes = async (app, { deps }) => {
  const { shell } = deps;
  const params = closed({ key: Name });

  app.get(
    '/destinations',
    {
      schema: {
        operationId: 'listDestinations',
        summary: 'How the destinations are doing: circuit, queue, and what came of recent attempts',
        tags: ['project'],
        response: { 200: closed({ destinations: Type.Array(Destination) }), ...problems(401, 403, 500) },
      },
    },
    async () => ({ destinations: await destinationsNow(shell) }),
  );

  app.get(
    '/destinations/:key',
    {
      schema: {
        operationId: 'getDestination',
        summary: 'How one destination is doing, and what was done to it',
        tags: ['project'],
        params,
        response: { 200: DestinationWithActs, ...problems(400, 401, 403, 404, 500) },
      },
    },
    async (request) => await withActs(shell, request.params.key),
  );

  for (const act of ['pause', 'resume'] as const) {
    app.post(
      `/destinations/:key/${act}`,
      {
        schema: {
          operationId: `${act}Destination`,
          summary:
            act === 'pause'
              ? 'Stops handoffs to a destination, on all nodes; their attempts are not used up'
              : 'Lets handoffs go to a paused destination again, few at first',
          tags: ['project'],
          params,
          body: closed({ reason: text(limits.noteCharsMax) }),
          response: { 200: DestinationWithActs, ...problems(400, 401, 403, 404, 409, 415, 500) },
        },
      },
      async (request) => {
        const { key } = request.params;
        const actor = actorOf(request, shell.project());
        await actOnDestination(shell, key, act, { actor, reason: request.body.reason });
        return await withActs(shell, key);
      },
    );
  }
};

async function withActs(shell: Shell, key: string): Promise<Static<typeof DestinationWithActs>> {
  const found = (await destinationsNow(shell)).find((each) => each.key === key);
  if (found === undefined) throw new AppError('not_found', `There is no destination ${key}`);
  const acts = await actsOn(shell.db, key, limits.destinationActsListed);
  return {
    ...found,
    acts: acts.map(({ act, at, actor, reason }) => ({ act, at: at.toISOString(), actor, reason })),
  };
}

/** Those of the project, and those that left it and have a state or work of their own. */
async function destinationsNow(shell: Shell): Promise<DestinationJson[]> {
  const now = shell.clock.now();
  const [circuits, queues] = [await readCircuits(shell.db), await queuesOf(shell.db)];
  const since = plusMs(now, -limits.destinationAttemptsMs);
  const figures = await attemptFiguresOf(shell.db, since, limits.destinationAttemptsMax);
  const keys = new Set([...shell.project().destinations.keys(), ...circuits.keys(), ...queues.keys()]);
  return [...keys].sort().map((key) => {
    const stored = circuits.get(key);
    const circuit = stored?.circuit ?? healthy(now);
    const queue = queues.get(key);
    const recent = figures.get(key);
    const stated = shell.project().destinations.get(key);
    const rate = stated?.pace?.rate;
    return {
      key,
      summary: stated?.summary ?? null,
      url: stated?.url ?? null,
      scheme: stated?.auth.scheme ?? null,
      idempotency_header: stated?.idempotencyHeader ?? null,
      timeout_ms: stated?.timeoutMs ?? null,
      concurrency: stated?.pace?.concurrency ?? limits.destinationConcurrency,
      rate: rate ? { requests: rate.requests, per_ms: rate.perMs } : null,
      state: circuit.state,
      reason: circuit.reason,
      since: stored === undefined ? null : circuit.since.toISOString(),
      probe_at: circuit.probeAt?.toISOString() ?? null,
      held_until:
        circuit.heldUntil !== null && circuit.heldUntil > now ? circuit.heldUntil.toISOString() : null,
      paused_by: circuit.pausedBy,
      in_flight: queue?.in_flight ?? 0,
      queued: queue?.queued ?? 0,
      oldest_due_at: queue?.oldest_due_at?.toISOString() ?? null,
      succeeded: recent?.succeeded ?? 0,
      failed: recent?.failed ?? 0,
      p50_ms: recent?.p50_ms ?? null,
      p99_ms: recent?.p99_ms ?? null,
    };
  });
}
