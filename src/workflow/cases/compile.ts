import type { Trigger } from '../../decision.ts';
import { limits } from '../../limits.ts';
import { plusMs } from '../../platform/instant.ts';
import type { Diagnostic } from '../diagnostics.ts';
import { projectPath } from '../documents.ts';
import { parseDuration } from '../duration.ts';
import { diagnosticAt, type Place, placeOf } from '../place.ts';
import type { Project } from '../project.ts';
import { parseSourceFile, type SourceFile } from '../source-file.ts';
import { checkStructure } from '../structure.ts';
import { suggest } from '../suggest.ts';
import type { CompiledWorkflow } from '../workflow.ts';
import type { Case, Held } from './case.ts';
import { type CasePayloads, type ContentWorld, makeTrigger, referredFile } from './content.ts';
import { checkClaims } from './names.ts';
import type { CaseEntry, CaseFile } from './schema.ts';

/** The clock of a case that says nothing: some Monday morning, the same on every machine. */
const defaultNow = '2026-01-05T09:00:00Z';

/** A case file that has been read. */
export interface OpenedCases {
  readonly file: SourceFile;
  /** Null where its shape is wrong: what stands in it is not looked at further. */
  readonly content: CaseFile | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads one case file and checks its shape. Never throws. */
export function openCases(path: string, text: string): OpenedCases {
  const diagnostics: Diagnostic[] = [];
  const file = parseSourceFile(path, text.length > limits.fileBytesMax ? '' : text);
  for (const { span, ...fault } of file.faults) diagnostics.push(diagnosticAt(file, span, fault));
  if (file.faults.every(({ code }) => code === 'SB102')) checkStructure('cases', file, diagnostics);
  const content = diagnostics.length === 0 ? (file.value as CaseFile) : null;
  return { file, content, diagnostics };
}

/** The files that a case file refers to, as paths in the project folder, without what leads out of it. */
export function payloadPaths({ file, content }: OpenedCases): readonly string[] {
  const referred = (content?.cases ?? []).flatMap((entry) => [
    referredFile(entry),
    entry.held === undefined || entry.held === 'same' ? null : referredFile(entry.held),
  ]);
  const paths = referred.flatMap((text) => (text === null ? [] : [projectPath(file.path, text)]));
  return [...new Set(paths.filter((path) => path !== null))];
}

/** The cases of a project's files, with what is wrong with them; a case that is wrong is left out. */
export function compileCases(
  opened: readonly OpenedCases[],
  payloads: CasePayloads,
  project: Project,
): { readonly cases: readonly Case[]; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = opened.flatMap((each) => each.diagnostics);
  const cases = opened.flatMap(({ file, content }) => {
    if (content === null) return [];
    const world = { file: file.path, payloads, headers: content.headers };
    const place = placeOf(file, diagnostics);
    reportNames(place.get('cases').elements());
    return place
      .get('cases')
      .elements()
      .flatMap((at, index) => {
        const entry = content.cases[index];
        const found = diagnostics.length;
        const one = entry && compileCase(at, { ...content, ...entry }, project, world);
        if (!one || diagnostics.length > found) return [];
        return [{ ...one, file, path: ['cases', index] }];
      });
  });
  return { cases, diagnostics };
}

function compileCase(
  place: Place,
  entry: CaseEntry,
  project: Project,
  world: ContentWorld,
): Omit<Case, 'file' | 'path'> | null {
  const workflow = workflowOf(place, entry.workflow, project);
  if (workflow === null) return null;
  const made = makeTrigger(place, entry, workflow, world);
  checkClaims(place, workflow, project);
  if (made === null) return null;
  const now = new Date(entry.now ?? made.recordedAt ?? defaultNow);
  const held = heldBy(place, entry, made.trigger, { now, workflow, world });
  if (held === undefined) return null;
  return {
    name: entry.name,
    workflow,
    trigger: made.trigger,
    held,
    rerouteTo: entry.reroute ?? null,
    now,
    says: entry,
  };
}

function workflowOf(place: Place, name: string | undefined, { workflows }: Project): CompiledWorkflow | null {
  const [only] = workflows.size === 1 ? workflows.values() : [];
  const workflow = name === undefined ? only : workflows.get(name);
  if (workflow !== undefined) return workflow;
  const meant = name === undefined ? null : suggest(name, workflows.keys());
  const known = [...workflows.keys()].join(', ');
  const at = place.get('workflow');
  (at.value === undefined ? place : at).report({
    code: 'SB180',
    message: name === undefined ? 'the case names no workflow' : `there is no workflow \`${name}\``,
    help:
      meant === null
        ? `name one of: ${known}; at the top of the file it counts for all its cases`
        : `did you mean \`${meant}\`?`,
  });
  return null;
}

/** Null: nothing came first. Undefined: what did cannot be made, which has been reported. */
function heldBy(
  place: Place,
  entry: CaseEntry,
  made: Trigger,
  { now, workflow, world }: { now: Date; workflow: CompiledWorkflow; world: ContentWorld },
): Held | null | undefined {
  const { held } = entry;
  if (held === undefined) return null;
  if (held === 'same') return { trigger: made, at: now, fixed: null };
  const own = [held.payload, held.body, held.recorded].some((given) => given !== undefined);
  // Without content of its own it is that of the case, with the changes of both.
  const content = own ? held : { ...entry, ...held, with: { ...entry.with, ...held.with } };
  const first = makeTrigger(own ? place.get('held') : place, content, workflow, world);
  if (first === null) return undefined;
  const ago = held.ago === undefined ? 0 : msOf(held.ago);
  return { trigger: first.trigger, at: plusMs(now, -ago), fixed: held.fixed ?? null };
}

/** A duration that the schema has found to be one. */
export function msOf(text: string): number {
  const parsed = parseDuration(text);
  return 'ms' in parsed ? parsed.ms : 0;
}

function reportNames(cases: readonly Place[]): void {
  const seen = new Set<string>();
  for (const place of cases) {
    const name = place.get('name');
    if (seen.has(name.text())) {
      name.report({
        code: 'SB126',
        message: `there are two cases with the name \`${name.text()}\``,
        help: 'a case is found by its name in every report: say what is different about this one',
      });
    }
    seen.add(name.text());
  }
}
