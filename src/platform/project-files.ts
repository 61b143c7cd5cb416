import { open, readdir, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import { projectFile, referencedFiles, workflowPaths } from '../workflow/load.ts';
import { defaultExportPath, isModulePath } from '../workflow/module/module-file.ts';
import { evaluateModules } from './evaluate.ts';

/**
 * Reads the files of a project folder for `loadProject`: `signalbox.yaml`, `workflows/*.yaml`, `workflows/*.ts` with what
 * they export, and only what these refer to. Paths are relative to the folder, with `/`. A file that does not exist is left out.
 * Nothing outside of the folder is read, by no symbolic link either. A file may have limits.fileBytesMax,
 * all together limits.projectBytesMax. Throws AppError('invalid_project').
 */
export async function readProjectFiles(folder: string): Promise<Map<string, string>> {
  const root = await rootOf(folder);
  const files = new Map<string, string>();
  let bytes = 0;
  const read = async (path: string) => {
    const text = await readInside(root, path);
    if (text === null) return;
    bytes += Buffer.byteLength(text);
    if (bytes > limits.projectBytesMax) throw tooBig('The project', limits.projectBytesMax);
    files.set(path, text);
  };
  await read(projectFile);
  const workflows = await workflowFiles(root);
  for (const path of workflows) await read(path);
  await evaluate(root, workflows.filter(isModulePath), files, read);
  for (const path of referencedFiles(files)) if (!files.has(path)) await read(path);
  return files;
}

/** Adds what TypeScript workflows export, and the modules of the project that they are made from. */
async function evaluate(
  root: string,
  paths: readonly string[],
  files: Map<string, string>,
  read: (path: string) => Promise<void>,
): Promise<void> {
  if (paths.length === 0) return;
  const { exports, modules } = await evaluateModules(root, paths);
  for (const [path, evaluated] of exports) files.set(defaultExportPath(path), JSON.stringify(evaluated));
  for (const path of modules) if (!files.has(path)) await read(path);
}

async function rootOf(folder: string): Promise<string> {
  try {
    return await realpath(folder);
  } catch (cause) {
    throw new AppError('invalid_project', `There is no folder ${folder}`, {
      help: 'Name the project folder, the one with signalbox.yaml',
      cause,
    });
  }
}

async function workflowFiles(root: string): Promise<string[]> {
  const names = await readdir(join(root, 'workflows')).catch(() => []);
  const paths = workflowPaths(new Map(names.map((name) => [`workflows/${name}`, ''])));
  if (paths.length > limits.workflowsMax) {
    throw new AppError('invalid_project', `workflows/ holds more than ${limits.workflowsMax} files`, {
      help: 'Split the project in two, each with its own sources',
    });
  }
  return paths;
}

/** Null: there is no such file. */
async function readInside(root: string, path: string): Promise<string | null> {
  const real = await realpath(join(root, path)).catch(() => null);
  if (real === null) return null;
  if (!real.startsWith(root.endsWith(sep) ? root : root + sep)) {
    throw new AppError('invalid_project', `${path} leads out of the project folder, to ${real}`, {
      help: 'Copy the file into the project, so that it is versioned with the workflows',
    });
  }
  const handle = await open(real, 'r');
  try {
    const found = await handle.stat();
    if (!found.isFile()) return null;
    if (found.size > limits.fileBytesMax) throw tooBig(path, limits.fileBytesMax);
    return decoded(path, await handle.readFile());
  } finally {
    await handle.close();
  }
}

function decoded(path: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new AppError('invalid_project', `${path} is not UTF-8 text`, { help: 'Save it as UTF-8', cause });
  }
}

function tooBig(what: string, max: number): AppError {
  return new AppError('invalid_project', `${what} is larger than ${max} bytes`, {
    help: 'A project is some kilobytes of text: is this the right file?',
  });
}
