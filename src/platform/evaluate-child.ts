import { registerHooks } from 'node:module';
import { join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Evaluated } from '../workflow/module/module-file.ts';
import { evaluatedFrom } from '../workflow/module/plain-data.ts';
import type { Said } from './evaluate.ts';

/** Started by `evaluate.ts` with a project's folder and its TypeScript workflows: imports each and says what it exports. */

const [root = '', ...paths] = process.argv.slice(2);
const define = new URL(import.meta.url.replace(/platform\/evaluate-child(\.[jt]s)$/, 'workflow/define$1'));

registerHooks({
  resolve(specifier, context, next) {
    // A project need not have installed this package to be read by it.
    if (specifier === 'signalbox/workflow') return { url: define.href, shortCircuit: true };
    const found = next(specifier, context);
    const module = found.url.startsWith('file:') ? relative(root, fileURLToPath(found.url)) : '..';
    if (!module.startsWith('..') && !module.split(sep).includes('node_modules')) {
      say({ module: module.replaceAll(sep, '/') });
    }
    return found;
  },
});

for (const path of paths) say({ path, evaluated: await evaluate(path) });
// What a module left running, a timer say, is not waited for.
process.disconnect();
process.exit();

async function evaluate(path: string): Promise<Evaluated> {
  const url = pathToFileURL(join(root, path)).href;
  try {
    const module: { readonly default?: unknown } = await import(url);
    return evaluatedFrom(module.default);
  } catch (error) {
    return faultFrom(error, url);
  }
}

function faultFrom(error: unknown, url: string): Evaluated {
  const known = error instanceof Error ? error : new Error(String(error));
  const [message = ''] = known.message.split('\n');
  const text = `${known.stack ?? ''}\n${known.message}`;
  const help =
    'correct it there; TypeScript here is what Node runs by leaving the types out: no enums, no namespaces';
  const at = placeIn(text, url) ?? placeIn(text, fileURLToPath(url));
  return { fault: { message: `this file cannot be evaluated: ${message}`, help, at } };
}

/** Where a file is named in an error's text with a line: `file:///…/lead.ts:3:7`. */
function placeIn(text: string, file: string): { readonly line: number; readonly column: number } | null {
  const index = text.indexOf(`${file}:`);
  const [, line, column = '1'] = /^:(\d+)(?::(\d+))?/.exec(text.slice(index + file.length)) ?? [];
  return index === -1 || line === undefined ? null : { line: Number(line), column: Number(column) };
}

function say(said: Said): void {
  process.send?.(said);
}
