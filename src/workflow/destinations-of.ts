import type { CompiledWorkflow } from './workflow.ts';

/** Keys of the destinations that a workflow hands off to, or takes something back at. Pure. */
export function destinationsOf({ handoffs }: Pick<CompiledWorkflow, 'handoffs'>): ReadonlySet<string> {
  return new Set(
    handoffs.flatMap(({ destination, undo }) => [destination, undo?.destination ?? destination]),
  );
}
