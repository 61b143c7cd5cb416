import { destinationsOf } from '../destinations-of.ts';
import type { Place } from '../place.ts';
import type { Project } from '../project.ts';
import type { CompiledWorkflow } from '../workflow.ts';

/**
 * Reports sources that no workflow reads and destinations that nothing goes to. `root`: signalbox.yaml.
 * Where a workflow names one that does not exist, that is the finding, and the one it meant is not reported too.
 */
export function checkUnused(
  root: Place,
  workflows: readonly Omit<CompiledWorkflow, 'version'>[],
  { sources, destinations }: Pick<Project, 'sources' | 'destinations'>,
): void {
  const read = new Set([
    ...workflows.map(({ trigger }) => trigger.source),
    ...workflows.flatMap(({ handoffs }) => handoffs.flatMap(({ outcome }) => outcome.callback?.from ?? [])),
  ]);
  const used = new Set(workflows.flatMap((workflow) => [...destinationsOf(workflow)]));
  const polled = [...sources.values()].flatMap(({ poll, reconcile }) =>
    [poll, reconcile].flatMap((list) => list?.from ?? []),
  );
  for (const key of unnamed(sources, read)) {
    root
      .get('sources')
      .get(key)
      .report({
        code: 'SB172',
        message: `no workflow reads the source \`${key}\``,
        help: `what it sends becomes nobody's work: write a workflow with \`source: ${key}\`, or take the source out`,
        severity: 'warning',
        at: 'key',
      });
  }
  for (const key of unnamed(destinations, new Set([...used, ...polled]))) {
    root
      .get('destinations')
      .get(key)
      .report({
        code: 'SB173',
        message: `nothing goes to the destination \`${key}\``,
        help: `its address and credential are kept for nothing: write a handoff \`to: ${key}\`, or take it out`,
        severity: 'warning',
        at: 'key',
      });
  }
}

function unnamed(parts: ReadonlyMap<string, unknown>, names: ReadonlySet<string>): string[] {
  const all = [...names].every((name) => parts.has(name));
  return all ? [...parts.keys()].filter((key) => !names.has(key)) : [];
}
