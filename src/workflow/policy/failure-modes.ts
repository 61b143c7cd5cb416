import { type FailureMode, failureModes } from '../../exceptions/exception.ts';
import type { CompiledHandoff, CompiledRoutes, CompiledTrigger, CompiledWorkflow } from '../workflow.ts';

/** The failure modes that a ticket of this workflow can stop with, in the order of the path. Pure. */
export function raisableModes(workflow: Omit<CompiledWorkflow, 'version'>): readonly FailureMode[] {
  const { trigger, fields, checks, routes, handoffs } = workflow;
  const found = new Set<FailureMode>([
    ...triggerModes(trigger),
    ...when(fields.length > 0, 'transform_failed'),
    ...when(checks.length > 0, 'check_failed'),
    ...routeModes(routes),
    ...handoffs.flatMap(handoffModes),
  ]);
  return failureModes.filter((mode) => found.has(mode));
}

function triggerModes({ contract, identity, split, duplicates, onInvalid, ...expected }: CompiledTrigger) {
  const computes = identity !== null || split !== null || duplicates.version !== null;
  return [
    'unparseable' as const,
    ...when(onInvalid === 'exception' && demandsSomething(contract.schema), 'contract_violation'),
    // Without an identity the content is the identity: other content is another thing.
    ...when(identity !== null, 'conflicting_duplicate'),
    ...when(computes, 'transform_failed'),
    ...when(expected.expectEveryMs !== null || expected.falseAlarmEveryMs !== null, 'source_silent'),
  ];
}

function routeModes({ rules, threshold, otherwise }: CompiledRoutes) {
  const mayMissAll = rules.every((rule) => rule.when !== null);
  const destinations = new Set(rules.map(({ to }) => to));
  return [
    ...when(otherwise === 'triage' && mayMissAll, 'no_route'),
    // Without signals a rule that matches scores 1, and no threshold is higher.
    ...when(threshold > 0 && rules.some(({ signals }) => signals.length > 0), 'low_confidence'),
    ...when(threshold > 0 && destinations.size > 1, 'ambiguous'),
  ];
}

function handoffModes({ approval, request }: CompiledHandoff): readonly FailureMode[] {
  const checked = request.requestContract !== null || request.responseContract !== null;
  return [
    ...when(approval !== null, 'refused', 'approval_overdue'),
    'rejected',
    'attempts_exhausted',
    ...when(checked, 'destination_contract_violation'),
    'unconfirmed',
    'contradicted',
  ];
}

/** A contract of `true` or `{}` lets everything pass. */
export function demandsSomething(schema: unknown): boolean {
  return (
    schema !== true && !(typeof schema === 'object' && schema !== null && Object.keys(schema).length === 0)
  );
}

function when(condition: boolean, ...modes: readonly FailureMode[]): readonly FailureMode[] {
  return condition ? modes : [];
}
