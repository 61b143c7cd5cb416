import { fork } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { limits } from '../limits.ts';
import type { Evaluated } from '../workflow/module/module-file.ts';

/** What a project's TypeScript workflows came to, and the project's other modules that they are made from. */
export interface Evaluation {
  /** By path. */
  readonly exports: ReadonlyMap<string, Evaluated>;
  /** Paths in the project folder; what lies in node_modules is not among them. */
  readonly modules: readonly string[];
}

/** What the child says: of each file as it ends. */
export type Said = { readonly path: string; readonly evaluated: Evaluated } | { readonly module: string };

/** The same relative place from `src/platform` and from `dist/platform`. */
const child = fileURLToPath(import.meta.url).replace(/evaluate(\.[jt]s)$/, 'evaluate-child$1');

/** Of each folder, the last evaluation with the texts that it was made from: they are mostly as they were. */
const kept = new Map<
  string,
  { readonly texts: ReadonlyMap<string, string | null>; readonly evaluation: Evaluation }
>();

/**
 * Evaluates TypeScript workflows of a folder in a process of their own, which sees none of our environment and has
 * limits.evaluateMs for all of them together. Never rejects for what they do: what fails is the fault of its file.
 */
export async function evaluateModules(root: string, paths: readonly string[]): Promise<Evaluation> {
  const before = kept.get(root);
  if (before !== undefined && isSame(before.texts, await textsOf(root, before.texts.keys()), paths)) {
    return before.evaluation;
  }
  // Read before they are run: what changes meanwhile is noticed the next time.
  const early = await textsOf(root, paths);
  const evaluation = await run(root, paths, limits.evaluateMs);
  const others = await textsOf(root, evaluation.modules);
  kept.set(root, { texts: new Map([...others, ...early]), evaluation });
  return evaluation;
}

async function textsOf(root: string, paths: Iterable<string>): Promise<Map<string, string | null>> {
  const read = async (path: string) =>
    [path, await readFile(join(root, path), 'utf8').catch(() => null)] as const;
  return new Map(await Promise.all([...paths].map(read)));
}

function isSame(
  before: ReadonlyMap<string, string | null>,
  now: ReadonlyMap<string, string | null>,
  paths: readonly string[],
): boolean {
  return (
    paths.every((path) => before.has(path)) && [...before].every(([path, text]) => now.get(path) === text)
  );
}

async function run(root: string, paths: readonly string[], withinMs: number): Promise<Evaluation> {
  const exports = new Map<string, Evaluated>();
  const modules = new Set<string>();
  const worker = fork(child, [root, ...paths], {
    // No secret of ours, and nothing that makes one machine's workflow another than the next one's.
    env: { NODE_NO_WARNINGS: '1', ...(process.env.SystemRoot && { SystemRoot: process.env.SystemRoot }) },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const { promise: ended, resolve: end } = Promise.withResolvers<string>();
  const timer = setTimeout(
    () => end(`this file has not come to its end within ${withinMs / 1_000} s`),
    withinMs,
  );
  worker.on('message', (said: Said) => {
    if ('module' in said) modules.add(said.module);
    else exports.set(said.path, said.evaluated);
  });
  worker.once('error', (error) => end(`this file cannot be run: ${error.message}`));
  worker.once('close', () => end('this file ended the process that evaluates it'));
  const why = await ended;
  clearTimeout(timer);
  worker.kill('SIGKILL');
  const help =
    'a workflow only states what it is: what it needs is written in it or imported, and not waited for';
  // They are evaluated one after the other: the first that is missing is the one that did it.
  const missing = paths.filter((path) => !exports.has(path));
  for (const path of missing) {
    const message =
      path === missing[0] ? why : `this file was not reached, for ${missing[0]} has not come to its end`;
    exports.set(path, { fault: { message, help, at: null } });
  }
  return { exports, modules: [...modules].filter((path) => !paths.includes(path)).sort() };
}
