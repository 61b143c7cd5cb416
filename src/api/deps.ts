import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { SignInShell } from '../account/sign-in/worker.ts';
import type { Changes } from '../change/worker.ts';
import type { Trigger } from '../decision.ts';
import type { Reconciler } from '../detection/reconciliation/worker.ts';
import type { Act } from '../exceptions/lifecycle.ts';
import type { Rehearsal } from '../intake/rehearsal/worker.ts';
import type { Intake } from '../intake/worker.ts';
import type { PollReport } from '../poll/report.ts';
import type { Shell } from '../shell.ts';
import type { WorkflowsInForce } from '../workflow/in-force/worker.ts';
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
      decision: { approve: boolean; reason: string; digest?: string },
      actor: string,
    ): Promise<unknown>;
  };
  /** Polls a source now, or only tries what a poll would find. Throws AppError where there is no such source, or one is under way. */
  readonly poll: (source: string, options: { readonly dryRun: boolean }) => Promise<PollReport>;
  /** Holds a source's own list, or a file of it, against our tickets. */
  readonly reconcile: Pick<Reconciler, 'list' | 'file'>;
  /** Takes a delivery, or only tries what would become of it. */
  readonly intake: Pick<Intake, 'receive'> & { rehearse(whole: Trigger): Promise<Rehearsal> };
  /** Puts workflows in force. */
  readonly workflows: Pick<WorkflowsInForce, 'deploy' | 'rollBack'>;
  /** What signing in needs besides: what failed, and what seals the secrets of codes. */
  readonly people: SignInShell;
  /** What changes, for those who watch. */
  readonly changes: Pick<Changes, 'watch'>;
  /** Each is asked by GET /health/ready. */
  readonly health: readonly HealthCheck[];
}

/** One group of routes, typed by its schemas. */
export type Routes = FastifyPluginAsyncTypebox<{ readonly deps: ApiDeps }>;
