import type { ExceptionPolicy } from '../exceptions/exception.ts';
import type { Project } from '../workflow/project.ts';
import type { CompiledWorkflow } from '../workflow/workflow.ts';

type Policies = Pick<Project, 'workflows' | 'detection'>;

/** Who settles a finding: of a workflow what it says itself, of all else what the project says. Null: nobody is known. Pure. */
export function policyFor(project: Policies, workflow: string | null = null): ExceptionPolicy | null {
  const own = workflow === null ? undefined : project.workflows.get(workflow);
  const [first] = [...project.workflows.keys()].sort();
  return own?.exceptions ?? project.detection.policy ?? policyOf(project, first);
}

function policyOf({ workflows }: Policies, name: string | undefined): ExceptionPolicy | null {
  return name === undefined ? null : (workflows.get(name)?.exceptions ?? null);
}

/** The workflow that reads a source. Pure. */
export function readerOf({ workflows }: Policies, source: string): CompiledWorkflow | null {
  return [...workflows.values()].find(({ trigger }) => trigger.source === source) ?? null;
}
