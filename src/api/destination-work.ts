import { type Static, Type } from 'typebox';
import {
  type AttemptStep,
  attemptStepsOf,
  latestAttemptsAt,
  type WaitingKey,
  waitingHandoffs,
} from '../handoff/figures/store.ts';
import { limits } from '../limits.ts';
import { timedPlaceFrom } from '../platform/cursor.ts';
import { plusMs } from '../platform/instant.ts';
import type { Routes } from './deps.ts';
import {
  closed,
  Name,
  Next,
  nullable,
  paging,
  problems,
  RefText,
  Seq,
  shown,
  TicketId,
  Time,
} from './wire.ts';

const Step = closed({
  at: Time,
  accepted: Type.Integer(),
  rejected: Type.Integer(),
  unknown: Type.Integer({ description: 'it may have arrived' }),
  not_sent: Type.Integer(),
  p50_ms: nullable(Type.Number()),
  p99_ms: nullable(Type.Number()),
});

const AttemptAt = closed({
  ticket_id: TicketId,
  handoff_seq: Seq,
  handoff: Type.String(),
  attempt: Seq,
  started_at: Time,
  ended_at: nullable(Time),
  result: nullable(Type.Enum(['not_sent', 'rejected', 'accepted', 'unknown'])),
  status: nullable(Type.Integer({ description: 'HTTP status of the answer' })),
  detail: nullable(Type.String()),
});

const HandoffTo = closed({
  ticket_id: TicketId,
  seq: Seq,
  handoff: Type.String(),
  state: Type.Enum(['awaiting_approval', 'waiting', 'ready', 'attempting', 'confirming']),
  attempts: Type.Integer(),
  probes: Type.Integer(),
  due_at: nullable(Time),
  give_up_at: Time,
  confirm_by: nullable(Time),
  created_at: Time,
  workflow: Type.String(),
  identity: Type.String(),
  owner: RefText,
});

/** /api/destinations/{key}/attempts, …/handoffs: what came of the latest attempts at one, and what waits for it. */
export const destinationWorkRoutes: Routes = async (app, { deps }) => {
  const { shell } = deps;
  const params = closed({ key: Name });

  app.get(
    '/destinations/:key/attempts',
    {
      schema: {
        operationId: 'listAttemptsAt',
        summary: 'What came of the recent attempts at a destination, over time, and the latest of them',
        description: `The last ${limits.destinationAttemptsMs / 60_000} minutes, at most the newest ${limits.destinationAttemptsMax} attempts.`,
        tags: ['project'],
        params,
        response: {
          200: closed({
            since: Time,
            step_ms: Type.Integer(),
            steps: Type.Array(Step, { description: 'first to last; a time without attempts is there too' }),
            attempts: Type.Array(AttemptAt, {
              description: `latest first, at most ${limits.destinationAttemptsListed}`,
            }),
          }),
          ...problems(400, 401, 403, 500),
        },
      },
    },
    async ({ params: { key } }) => {
      const { destinationStepMs: stepMs, destinationAttemptsMs, destinationAttemptsMax } = limits;
      // Steps begin at round times: a figure does not move from one to the next while one looks at it.
      const ends = Math.floor(shell.clock.now().getTime() / stepMs) + 1;
      const since = plusMs(new Date(ends * stepMs), -destinationAttemptsMs);
      const [counted, latest] = await Promise.all([
        attemptStepsOf(shell.db, key, { since, stepMs, rowsMax: destinationAttemptsMax }),
        latestAttemptsAt(shell.db, key, since, limits.destinationAttemptsListed),
      ]);
      return {
        since: since.toISOString(),
        step_ms: stepMs,
        steps: stepsFrom(since, counted),
        attempts: latest.map((row) => shown(AttemptAt, row)),
      };
    },
  );

  app.get(
    '/destinations/:key/handoffs',
    {
      schema: {
        operationId: 'listHandoffsTo',
        summary: 'Handoffs to a destination that are not settled, what is due first before',
        tags: ['project'],
        params,
        querystring: closed(paging),
        response: {
          200: closed({ handoffs: Type.Array(HandoffTo), next: Next }),
          ...problems(400, 401, 403, 500),
        },
      },
    },
    async ({ params: { key }, query: { limit = 50, after } }) => {
      const from = after === undefined ? null : keyOf(after);
      const rows = await waitingHandoffs(shell.db, key, from, limit + 1);
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      return {
        handoffs: page.map((row) => shown(HandoffTo, row as typeof row & { state: WaitingState })),
        next:
          rows.length > limit && last?.due_at
            ? `${last.due_at.toISOString()}~${last.ticket_id}~${last.seq}`
            : null,
      };
    },
  );
};

type WaitingState = Static<typeof HandoffTo>['state'];

/** Every step of the time shown, counted or not. Pure. */
function stepsFrom(since: Date, counted: readonly AttemptStep[]): Static<typeof Step>[] {
  const byStep = new Map(counted.map(({ step, ...figures }) => [step, figures]));
  const nothing = { accepted: 0, rejected: 0, unknown: 0, not_sent: 0, p50_ms: null, p99_ms: null };
  const steps = limits.destinationAttemptsMs / limits.destinationStepMs;
  return Array.from({ length: steps }, (_, step) => ({
    at: plusMs(since, step * limits.destinationStepMs).toISOString(),
    ...(byStep.get(step) ?? nothing),
  }));
}

function keyOf(text: string): WaitingKey {
  const { at: dueAt, ...row } = timedPlaceFrom(text);
  return { dueAt, ...row };
}
