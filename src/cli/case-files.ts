import { open, readdir, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import { readProjectFiles } from '../platform/project-files.ts';
import { type OpenedCases, openCases, payloadPaths } from '../workflow/cases/compile.ts';

/** The case files of a project with their texts, and the files that they refer to. */
export interface CaseFiles {
  readonly opened: readonly OpenedCases[];
  /** Bytes of payload files, by path in the project folder. */
  readonly payloads: ReadonlyMap<string, Uint8Array>;
  readonly texts: ReadonlyMap<string, string>;
}

/**
 * Reads `cases/*.yaml` of a project folder and the payloads they name, none of them from outside of the folder.
 * Throws AppError('invalid_project') where they are too many or too big.
 */
export async function readCaseFiles(folder: string): Promise<CaseFiles> {
  const root = await realpath(folder);
  const names = (await readdir(join(root, 'cases')).catch(() => [])).filter((name) => /\.ya?ml$/.test(name));
  if (names.length > limits.caseFilesMax) {
    throw tooMuch(
      `cases/ holds more than ${limits.caseFilesMax} files`,
      'Put the cases of a workflow into one file',
    );
  }
  const read = boundedReader(root);
  const texts = new Map<string, string>();
  const opened: OpenedCases[] = [];
  for (const path of names.sort().map((name) => `cases/${name}`)) {
    const bytes = await read(path);
    if (bytes === null) continue;
    const text = bytes.toString('utf8');
    texts.set(path, text);
    opened.push(openCases(path, text));
  }
  const payloads = new Map<string, Uint8Array>();
  for (const path of new Set(opened.flatMap(payloadPaths))) {
    const bytes = await read(path);
    if (bytes !== null) payloads.set(path, bytes);
  }
  return { opened, payloads, texts };
}

/** Everything that a test of the project depends on, as texts by path: what `--watch` looks at. */
export async function caseTexts(folder: string): Promise<Map<string, string>> {
  const texts = await readProjectFiles(folder);
  const files = await readCaseFiles(folder);
  for (const [path, text] of files.texts) texts.set(path, text);
  for (const [path, bytes] of files.payloads) texts.set(path, Buffer.from(bytes).toString('latin1'));
  return texts;
}

/** Reads files inside of a folder, all together at most limits.projectBytesMax; null: there is no such file. */
function boundedReader(root: string): (path: string) => Promise<Buffer | null> {
  let total = 0;
  return async (path) => {
    const real = await realpath(join(root, path)).catch(() => null);
    if (real === null || !real.startsWith(root + sep)) return null;
    const handle = await open(real, 'r');
    try {
      const found = await handle.stat();
      if (!found.isFile()) return null;
      total += found.size;
      if (found.size > limits.fileBytesMax || total > limits.projectBytesMax) {
        throw tooMuch(
          `${path} makes the cases too big`,
          `A file may have ${limits.fileBytesMax} bytes, all together ${limits.projectBytesMax}`,
        );
      }
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  };
}

function tooMuch(message: string, help: string): AppError {
  return new AppError('invalid_project', message, { help });
}
