import type { IdentityClaim, Reason, RouteResult, Stopped } from '../decision.ts';
import type { CompiledWorkflow } from '../workflow/workflow.ts';
import type { FailureMode } from './exception.ts';
import { draftException } from './open.ts';

/** A trigger on its way; `reasons` grows rung by rung. */
export interface Path {
  readonly workflow: CompiledWorkflow;
  readonly claim: IdentityClaim;
  readonly reasons: Reason[];
}

/** Stops on a rung, with the fields and the route as far as they were made. Pure. */
export function stop(
  { workflow, claim, reasons }: Path,
  mode: FailureMode,
  summary: string,
  detail: Readonly<Record<string, unknown>>,
  made: { fields?: Stopped['fields']; route?: RouteResult | null; checklist?: readonly string[] } = {},
): Stopped {
  const { fields = {}, route = null, checklist = [] } = made;
  const exception = draftException(workflow.exceptions, mode, { summary, detail, checklist });
  return { kind: 'stopped', identity: claim, reasons, fields, route, exception };
}
