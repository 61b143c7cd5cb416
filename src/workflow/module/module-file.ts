import type { Path } from '../source-file.ts';

/** What became of evaluating a TypeScript workflow, as `platform/evaluate.ts` found it. */
export type Evaluated =
  /** The default export as `dataText`. */
  { readonly text: string } | { readonly fault: ModuleFault };

export interface ModuleFault {
  readonly message: string;
  readonly help: string;
  /** Where in the file: line and column, counted from 1, or a place in the exported object; null: nobody knows. */
  readonly at: { readonly line: number; readonly column: number } | { readonly path: Path } | null;
}

/** Whether a workflow file is TypeScript, so that its default export counts and not its text. */
export function isModulePath(path: string): boolean {
  return path.endsWith('.ts');
}

/** Where a project's files hold what a module's default export came to, as JSON of `Evaluated`. No file is read under such a path. */
export function defaultExportPath(path: string): string {
  return `${path}#default`;
}

/**
 * The text of a default export, which is what belongs to a version: formatting and comments of the module do not.
 * Keys keep their author's order, for it is the order of the ticket's fields, as in YAML.
 */
export function dataText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** What became of a module of the project; null where it has not been evaluated. */
export function evaluatedIn(files: ReadonlyMap<string, string>, path: string): Evaluated | null {
  const text = files.get(defaultExportPath(path));
  return text === undefined ? null : (JSON.parse(text) as Evaluated);
}

/** The file of a stored version as a project holds it: of a module, its data stands for its text. */
export function storedFile(path: string, text: string): [path: string, text: string][] {
  if (!isModulePath(path)) return [[path, text]];
  return [
    [path, text],
    [defaultExportPath(path), JSON.stringify({ text } satisfies Evaluated)],
  ];
}
