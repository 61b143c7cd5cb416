import { AppError } from '../errors.ts';
import { readProjectFiles } from '../platform/project-files.ts';
import { type Diagnostic, formatDiagnostic } from '../workflow/diagnostics.ts';
import { loadProject } from '../workflow/load.ts';
import type { Readiness } from '../workflow/policy/readiness.ts';
import type { Project } from '../workflow/project.ts';
import { suggest } from '../workflow/suggest.ts';
import type { CompiledWorkflow } from '../workflow/workflow.ts';
import { paintFor } from './output.ts';

/** A project folder as the compiler sees it. `project` is null where it has errors. */
export interface CheckedProject {
  readonly project: Project | null;
  readonly diagnostics: readonly Diagnostic[];
  readonly readiness: readonly Readiness[];
  /** The findings as a compiler prints them. */
  readonly text: string;
}

/** Reads and compiles a project folder. */
export async function checkProject(root: string): Promise<CheckedProject> {
  const files = await readProjectFiles(root);
  const { project, diagnostics, readiness } = loadProject(files);
  const colours = paintFor(process.stderr)('bad', '!') !== '!';
  const texts = diagnostics.map((each) => formatDiagnostic(each, files.get(each.file), { colours }));
  return { project, diagnostics, readiness, text: texts.join('\n\n') };
}

/** The project of a command that needs a sound one. Throws AppError('invalid_project') with the findings. */
export async function soundProject(root: string): Promise<Project> {
  const { project, diagnostics, text } = await checkProject(root);
  if (project !== null) return project;
  throw new AppError('invalid_project', `The project in ${root} does not compile.\n\n${text}\n`, {
    help: '`signalbox check` shows the same; repair it and try again.',
    details: { diagnostics },
  });
}

/** The workflow of that name. Throws AppError('not_found') with the name that was meant. */
export function workflowNamed(project: Project, name: string): CompiledWorkflow {
  return named(project.workflows, 'workflow', name);
}

/** The part of a project of that name. Throws AppError('not_found') with the name that was meant. */
export function named<T>(parts: ReadonlyMap<string, T>, noun: string, name: string): T {
  const part = parts.get(name);
  if (part !== undefined) return part;
  const meant = suggest(name, parts.keys());
  const known = [...parts.keys()].join(', ');
  throw new AppError('not_found', `The project has no ${noun} "${name}".`, {
    help: meant === null ? `It has: ${known || 'none'}.` : `Did you mean \`${meant}\`?`,
  });
}
