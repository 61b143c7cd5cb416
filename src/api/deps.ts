import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Act } from '../exceptions/lifecycle.ts';
import type { Shell } from '../shell.ts';
import type { HealthCheck } from './health.ts';

/** What the API is given by `app.ts`. */
export interface ApiDeps {
  readonly shell: Shell;
  /** The local key that every /api request must show. */
  readonly key: string;
  /** What changes anything; each throws an AppError where it does not apply. `actor`: `person:dana` or `local`. */
  readonly acts: {
    onException(at: { ticketId: string; seq: number }, act: Act, actor: string): Promise<unknown>;
    onApproval(
      at: { ticketId: string; handoffSeq: number },
      decision: { approve: boolean; reason: string },
      actor: string,
    ): Promise<unknown>;
  };
  /** Each is asked by GET /health/ready. */
  readonly health: readonly HealthCheck[];
}

/** One group of routes, typed by its schemas. */
export type Routes = FastifyPluginAsyncTypebox<{ readonly deps: ApiDeps }>;
