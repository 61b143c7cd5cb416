import { limits } from '../limits.ts';
import { analyseWorkflow } from './analysis/analyse.ts';
import { compileWorkflow } from './compile.ts';
import { checkDetection } from './compile-detection.ts';
import { compileProject, directoryOf, type ProjectParts } from './compile-project.ts';
import type { DestinationParts } from './compile-request.ts';
import type { Diagnostic } from './diagnostics.ts';
import { type Documents, documentsOf, projectPath, recordingDocuments, splitFragment } from './documents.ts';
import { deepFrozen } from './frozen.ts';
import { evaluatedIn, isModulePath } from './module/module-file.ts';
import { moduleSourceFile } from './module/module-source.ts';
import { diagnosticAt, isMapping, type Place, placeOf } from './place.ts';
import { checkApprovers } from './policy/approvers.ts';
import { checkCallers } from './policy/callers.ts';
import { checkChecklists } from './policy/checklists.ts';
import { checkDocuments } from './policy/documents.ts';
import { checkOwnership } from './policy/ownership.ts';
import { checkReach } from './policy/reach.ts';
import { type Readiness, readinessOf } from './policy/readiness.ts';
import { checkReconcilable } from './policy/reconcilable.ts';
import { checkUnused } from './policy/unused.ts';
import type { Project } from './project.ts';
import { parseSourceFile, type SourceFile } from './source-file.ts';
import { checkStructure } from './structure.ts';
import { bundleText, versionOf } from './version.ts';
import type { CompiledWorkflow } from './workflow.ts';
import type { World } from './world.ts';

/** The file that makes a folder a project. */
export const projectFile = 'signalbox.yaml';

/** Null where there is an error among the diagnostics. Both are in the order of the files. */
export interface Loaded {
  readonly project: Project | null;
  readonly diagnostics: readonly Diagnostic[];
  /** One a workflow file, also where there are errors. */
  readonly readiness: readonly Readiness[];
}

/**
 * Compiles and checks a whole project from its texts. Pure, and never throws: everything that is wrong is told at once.
 * `files`: text by path relative to the project folder, with `/`; `signalbox.yaml`, `workflows/*.yaml`, `workflows/*.ts`
 * with what their default exports came to (`defaultExportPath`), and what `referencedFiles` names.
 * `withoutWorkflows`: they come from elsewhere, and those among the files are left aside.
 */
export function loadProject(
  files: ReadonlyMap<string, string>,
  { withoutWorkflows = false }: { readonly withoutWorkflows?: boolean } = {},
): Loaded {
  const diagnostics: Diagnostic[] = [];
  const read = new Set<string>();
  const documents = recordingDocuments(documentsOf(files), read);
  const root = openFile(projectFile, 'project', files, diagnostics);
  const parts = compileProject(root, documents);
  const world: World = {
    documents,
    destinations: parts.destinationParts,
    // Without a project file every name would be unknown; one finding says it.
    directory: isMapping(root.value) ? directoryOf(root) : null,
  };
  const paths = withoutWorkflows ? [] : workflowPaths(files);
  if (paths.length === 0 && !withoutWorkflows) diagnostics.push(missingWorkflows);
  const workflows = paths.map((path) => loadWorkflow(path, files, world, diagnostics));
  reportShared(workflows);
  checkPolicies(root, parts, workflows);
  diagnostics.push(...checkDocuments(read, documents, files));
  const readiness = workflows.map(({ path, compiled }) =>
    readinessOf(compiled.name === '' ? { ...compiled, name: path } : compiled),
  );
  diagnostics.sort(byPlace([projectFile, ...paths]));
  if (diagnostics.some(({ severity }) => severity === 'error'))
    return { project: null, diagnostics, readiness };
  const { destinationParts: _, ...project } = parts;
  return {
    project: {
      ...deepFrozen(project),
      workflows: new Map(workflows.map(({ compiled }) => [compiled.name, compiled])),
      bundles: new Map(workflows.map(({ compiled, bundle }) => [compiled.name, bundle])),
    },
    diagnostics,
    readiness,
  };
}

/**
 * The files that a project's YAML refers to: contracts and API documents, as paths in the project folder.
 * Leaves out what leads out of the folder; `loadProject` reports it.
 */
export function referencedFiles(files: ReadonlyMap<string, string>): readonly string[] {
  const referenced = new Set<string>();
  const open = (path: string) => placeOf(sourceFileAt(path, files.get(path) ?? '', files), []);
  const add = (file: string, place: Place) => {
    const path = projectPath(file, splitFragment(place.text()).path);
    if (path !== null) referenced.add(path);
  };
  for (const [, destination] of open(projectFile).get('destinations').entries()) {
    add(projectFile, destination.get('openapi'));
  }
  for (const path of workflowPaths(files)) add(path, open(path).get('trigger').get('contract'));
  return [...referenced];
}

/** The workflow files among a project's paths, sorted. */
export function workflowPaths(files: ReadonlyMap<string, string>): string[] {
  return [...files.keys()].filter(isWorkflowPath).sort();
}

function isWorkflowPath(path: string): boolean {
  return /^workflows\/[^/]+\.(ya?ml|ts)$/.test(path) && !/\.(d|test|spec)\.ts$/.test(path);
}

interface LoadedWorkflow {
  readonly path: string;
  readonly place: Place;
  readonly compiled: CompiledWorkflow;
  readonly bundle: string;
}

function loadWorkflow(
  path: string,
  files: ReadonlyMap<string, string>,
  world: World,
  diagnostics: Diagnostic[],
): LoadedWorkflow {
  const place = openFile(path, 'workflow', files, diagnostics);
  const asked = new Set<string>([path]);
  const documents: Documents = recordingDocuments(world.documents, asked);
  const compiled = compileWorkflow(place, path, { ...world, documents });
  analyseWorkflow(place, compiled);
  const bundle = bundleText({
    workflow: path,
    files: Object.fromEntries([...asked].map((one) => [one, contentAt(one, files)])),
    destinations: usedDestinations(compiled, world),
  });
  return { path, place, compiled: deepFrozen({ ...compiled, version: versionOf(bundle) }), bundle };
}

function usedDestinations(
  { handoffs }: Omit<CompiledWorkflow, 'version'>,
  { destinations }: World,
): Record<string, DestinationParts> {
  const used: Record<string, DestinationParts> = {};
  for (const { destination } of handoffs) {
    const parts = destinations.get(destination);
    if (parts !== undefined) used[destination] = parts;
  }
  return used;
}

/** Parses a file and checks its shape. A file that is missing or no YAML is a place without a value. */
function openFile(
  path: string,
  kind: 'project' | 'workflow',
  files: ReadonlyMap<string, string>,
  diagnostics: Diagnostic[],
): Place {
  const text = files.get(path);
  const tooLong = (text?.length ?? 0) > limits.fileBytesMax;
  const file = sourceFileAt(path, tooLong ? '' : (text ?? ''), files);
  if (text === undefined) diagnostics.push({ ...atTop(path), ...missingProject });
  else if (tooLong) diagnostics.push({ ...atTop(path), ...tooBig });
  else {
    for (const { span, ...fault } of file.faults) diagnostics.push(diagnosticAt(file, span, fault));
    if (isUsable(file)) checkStructure(kind, file, diagnostics);
  }
  return placeOf(file, diagnostics);
}

function sourceFileAt(path: string, text: string, files: ReadonlyMap<string, string>): SourceFile {
  return isModulePath(path)
    ? moduleSourceFile(path, text, evaluatedIn(files, path))
    : parseSourceFile(path, text);
}

/** What of a file belongs to a version: of a module, the data that it exports. */
function contentAt(path: string, files: ReadonlyMap<string, string>): string {
  const evaluated = isModulePath(path) ? evaluatedIn(files, path) : null;
  return evaluated !== null && 'text' in evaluated ? evaluated.text : (files.get(path) ?? '');
}

function isUsable(file: SourceFile): boolean {
  return file.faults.every(({ code }) => code === 'SB102');
}

/** Whom work waits for, and what there is for nothing. Of a stored version it is not asked again. */
function checkPolicies(root: Place, parts: ProjectParts, workflows: readonly LoadedWorkflow[]): void {
  // What a file that cannot be read would have named is not known.
  if (![root, ...workflows.map(({ place }) => place)].every(({ value }) => isMapping(value))) return;
  const compiled = workflows.map((each) => each.compiled);
  for (const { place, compiled: workflow } of workflows) {
    checkOwnership(place, workflow, parts);
    checkApprovers(place, workflow, parts);
    checkCallers(place, workflow, parts);
    checkChecklists(place, workflow);
  }
  checkReach(root, compiled, parts);
  checkReconcilable(root, compiled, parts);
  if (compiled.length > 0) checkUnused(root, compiled, parts);
  checkDetection(root, compiled, parts.detection);
}

/** Names are unique, and a source is read by one workflow. */
function reportShared(workflows: readonly LoadedWorkflow[]): void {
  const byName = new Map<string, string>();
  const bySource = new Map<string, string>();
  for (const { path, place, compiled } of workflows) {
    const { name, trigger } = compiled;
    if (name !== '' && byName.has(name)) {
      place.get('workflow').report({
        code: 'SB126',
        message: `there are two workflows with the name \`${name}\``,
        help: `the other stands in ${byName.get(name)}: tickets and versions are kept by name, so give each its own`,
      });
    }
    const other = bySource.get(trigger.source);
    if (trigger.source !== '' && other !== undefined) {
      place
        .get('trigger')
        .get('source')
        .report({
          code: 'SB128',
          message: `the workflow \`${other}\` reads the source \`${trigger.source}\` already`,
          help: 'a trigger becomes one ticket: give this workflow a source of its own, or make both one workflow with two routes',
        });
    }
    byName.set(name, path);
    bySource.set(trigger.source, name);
  }
}

function byPlace(order: readonly string[]) {
  // Documents come after the files that name them.
  const rank = ({ file }: Diagnostic) => (order.includes(file) ? order.indexOf(file) : order.length);
  return (a: Diagnostic, b: Diagnostic): number =>
    rank(a) - rank(b) || a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column;
}

function atTop(file: string) {
  return { file, line: 1, column: 1, length: 1, severity: 'error' as const };
}

const missingProject = {
  code: 'SB104',
  message: 'there is no signalbox.yaml in this folder',
  help: 'go to the project folder, or make one here with `signalbox init`',
} as const;

const tooBig = {
  code: 'SB105',
  message: `the file is larger than ${limits.fileBytesMax} bytes`,
  help: 'a workflow is some kilobytes of text: is this the right file?',
} as const;

const missingWorkflows: Diagnostic = {
  ...atTop('workflows'),
  code: 'SB104',
  message: 'there is no workflow',
  help: 'write the first one to workflows/<name>.yaml; docs/reference/workflow.md shows one',
};
