import { AppError } from '../../errors.ts';
import type { Diagnostic } from '../diagnostics.ts';
import { loadProject, workflowPaths } from '../load.ts';
import { storedFile } from '../module/module-file.ts';
import { type Bundle, readBundle } from '../version.ts';
import type { CompiledWorkflow } from '../workflow.ts';

/** Findings that are told in the error itself; all of them stand in its details. */
const toldMax = 5;

/**
 * Compiles a version that was sent or stored as if its files stood in this project: its people, sources and destinations
 * are there, and its destinations are described as they were where it was made. `files`: the texts of this project.
 * Pure. Throws AppError: `bad_request` for what is no bundle, `invalid_project` with the findings.
 */
export function fitted(bundle: string, files: ReadonlyMap<string, string>): CompiledWorkflow {
  const parsed = readBundle(bundle);
  const { project, diagnostics } = loadProject(filesWith(parsed, files));
  const [name] = project?.bundles.keys() ?? [];
  const workflow = name === undefined ? undefined : project?.workflows.get(name);
  if (project === null || name === undefined || workflow === undefined) {
    throw refused(parsed.workflow, diagnostics);
  }
  if (project.bundles.get(name) !== bundle) {
    throw new AppError(
      'invalid_project',
      `The destinations of \`${name}\` stand otherwise in this server’s signalbox.yaml: ${destinationsOf(parsed)}.`,
      { help: 'Give them the same `openapi` and `idempotency_header` there as here, and try again.' },
    );
  }
  return workflow;
}

/** This project without its workflows, and with the files of the version. */
function filesWith(
  { files: own, workflow }: Bundle,
  files: ReadonlyMap<string, string>,
): Map<string, string> {
  const others = new Map(files);
  for (const path of workflowPaths(files)) others.delete(path);
  for (const [path, text] of Object.entries(own)) {
    for (const [at, content] of path === workflow ? storedFile(path, text) : [[path, text] as const]) {
      others.set(at, content);
    }
  }
  return others;
}

function destinationsOf({ destinations }: Bundle): string {
  return Object.entries(destinations)
    .map(([key, { document, idempotencyHeader }]) => {
      return `\`${key}\` with ${document ?? 'no document'} and the header ${idempotencyHeader}`;
    })
    .join(', ');
}

function refused(path: string, diagnostics: readonly Diagnostic[]): AppError {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const told = errors.slice(0, toldMax).map(({ file, line, message }) => `${file}:${line} ${message}`);
  const more = errors.length > told.length ? `; and ${errors.length - told.length} more` : '';
  return new AppError(
    'invalid_project',
    `${path} does not compile on this server: ${told.join('; ')}${more}.`,
    {
      help: 'What it names (people, teams, sources, destinations) stands in the server’s own signalbox.yaml: add it there, or change the workflow.',
      details: { diagnostics },
    },
  );
}
