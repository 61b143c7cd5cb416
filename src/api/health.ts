import { Type } from 'typebox';
import { limits } from '../limits.ts';
import type { Routes } from './deps.ts';
import { closed, problems, Time } from './wire.ts';

/** One thing that must be so before this server can do its work. */
export interface HealthCheck {
  /** `database`, `migrations`, `sweeper`, `queue`. */
  readonly name: string;
  /** Null: it is so; otherwise what is wrong, one sentence. A throw says the same. */
  readonly check: () => Promise<string | null>;
}

/** What is wrong with the sweeper that last succeeded then; null: nothing. Pure. */
export function sweeperTrouble(succeededAt: Date | null, now: Date): string | null {
  if (succeededAt === null) return 'No sweep of the deadlines has succeeded yet.';
  const silentMs = now.getTime() - succeededAt.getTime();
  if (silentMs <= limits.sweepSilentMs) return null;
  return `No sweep of the deadlines has succeeded for ${Math.round(silentMs / 1000)} s.`;
}

const Ready = closed({
  ready: Type.Boolean(),
  at: Time,
  checks: Type.Array(closed({ name: Type.String(), ok: Type.Boolean(), why: Type.Optional(Type.String()) })),
});

/** GET /health/live and /health/ready, without a key: for what restarts or routes around this process. */
export const healthRoutes: Routes = async (app, { deps }) => {
  app.get(
    '/health/live',
    {
      schema: {
        operationId: 'getLive',
        summary: 'Whether the process answers',
        tags: ['health'],
        security: [],
        response: { 200: closed({ live: Type.Literal(true) }), ...problems(403, 500) },
      },
    },
    async () => ({ live: true }) as const,
  );

  app.get(
    '/health/ready',
    {
      schema: {
        operationId: 'getReady',
        summary: 'Whether the server can do its work, and why not',
        tags: ['health'],
        security: [],
        response: { 200: Ready, 503: Ready, ...problems(403, 500) },
      },
    },
    async (request, reply) => {
      const checks = await Promise.all(
        deps.health.map(async ({ name, check }) => {
          const why = await check().catch((error: unknown) => {
            request.log.warn({ err: error, check: name }, 'health check failed');
            return 'It does not answer.';
          });
          return why === null ? { name, ok: true } : { name, ok: false, why };
        }),
      );
      const ready = checks.every(({ ok }) => ok);
      reply.code(ready ? 200 : 503);
      return { ready, at: deps.shell.clock.now().toISOString(), checks };
    },
  );
};
