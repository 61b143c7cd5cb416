import { namesOf } from '../expression-parse.ts';
import type { Place } from '../place.ts';
import type { Project } from '../project.ts';
import type { CompiledTrigger, CompiledWorkflow } from '../workflow.ts';

/**
 * Why the elements of a list cannot be held against the tickets of a workflow, as half a sentence; null: they can.
 * They are brought together by the identity, which must stand in the content. Pure.
 */
export function unreconcilable({ identity }: Pick<CompiledTrigger, 'identity'>): string | null {
  if (identity === null) {
    return 'it has no `identity`: what changes by a letter would look as if it had never come';
  }
  if (namesOf(identity.source).has('headers')) {
    return `its identity \`${identity.source}\` comes from a header, and the elements of a list have none`;
  }
  return null;
}

/** Reports lists whose elements cannot be recognised among our tickets. `root`: signalbox.yaml. */
export function checkReconcilable(
  root: Place,
  workflows: readonly Pick<CompiledWorkflow, 'name' | 'trigger'>[],
  { sources }: Pick<Project, 'sources'>,
): void {
  for (const { name, trigger } of workflows) {
    const why = unreconcilable(trigger);
    if (why === null || (sources.get(trigger.source)?.reconcile ?? null) === null) continue;
    root
      .get('sources')
      .get(trigger.source)
      .get('reconcile')
      .report({
        code: 'SB178',
        message: `the list cannot be held against the tickets of \`${name}\`: ${why}`,
        help: 'give the workflow an `identity` of its payload, as `payload.lead_id`',
        at: 'key',
      });
  }
}
