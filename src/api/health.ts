import { Type } from 'typebox';
import { limits } from '../limits.ts';
import { late, within } from '../platform/within.ts';
import type { Routes } from './deps.ts';
import { closed, problems, Time } from './wire.ts';

/** One thing that must be so before this server can do its work. */
export interface HealthCheck {
  /** `database`, `migrations`, `sweeper`, `queue`. */
  readonly name: string;
  /** Null: it is so; otherwise what is wrong, one sentence. A throw says the same. */
  readonly check: () => Promise<string | null>;
  /** Told, and no reason to restart or route around this server: another system is in trouble. */
  readonly advisory?: true;
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
  checks: Type.Array(
    closed({
      name: Type.String(),
      ok: Type.Boolean(),
      why: Type.Optional(Type.String()),
      advisory: Type.Optional(
        Type.Boolean({ description: 'the trouble of another system: this server is ready all the same' }),
      ),
    }),
  ),
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
      const checks = await lookAt(deps.health, (name, error) => {
        request.log.warn({ err: error, check: name }, 'health check failed');
      });
      const ready = checks.every(({ ok, advisory }) => ok || advisory);
      reply.code(ready ? 200 : 503);
      return { ready, at: deps.shell.clock.now().toISOString(), checks };
    },
  );
};

/** Every check with what it said. */
async function lookAt(health: readonly HealthCheck[], failed: (name: string, error: unknown) => void) {
  return await Promise.all(
    health.map(async ({ name, check, advisory = false }) => {
      const why = await soon(check()).catch((error: unknown) => {
        failed(name, error);
        return 'It does not answer.';
      });
      const about = { name, ...(advisory && { advisory }) };
      return why === null ? { ...about, ok: true } : { ...about, ok: false, why };
    }),
  );
}

/** Whether every check passes that this server answers for itself. Null: yes; otherwise which does not, and why. */
export async function checksPass(health: readonly HealthCheck[]): Promise<string | null> {
  const checks = await lookAt(health, () => {});
  const bad = checks.find(({ ok, advisory }) => !ok && !advisory);
  return bad === undefined ? null : `${bad.name}: ${'why' in bad ? bad.why : ''}`;
}

/** Rejects where it takes too long: a database that hangs is as little ready as one that is gone. */
async function soon<T>(promise: Promise<T>): Promise<T> {
  const found = await within(promise, limits.healthMs);
  if (found === late) throw new Error(`no answer in ${limits.healthMs} ms`);
  return found;
}
