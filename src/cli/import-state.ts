import { createHash } from 'node:crypto';
import { open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { AppError } from '../errors.ts';
import type { Row } from './import-rows.ts';
import type { Tally } from './import-tally.ts';

/** How far an import has come: every row to `line` is settled. Stands beside the file until it is done. */
export interface State {
  readonly source: string;
  /** Which server, by its key: another one has settled nothing. */
  readonly server: string;
  readonly line: number;
  /** Over all rows so far: a file that was changed before `line` is not gone on with. */
  readonly digest: string;
  /** Length of the file with the rejected rows; what was written beyond is written again. */
  readonly rejectedBytes: number;
  readonly tally: Tally;
}

export async function readState(path: string): Promise<State | null> {
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return JSON.parse(text) as State;
  } catch {
    throw new AppError('bad_request', `${path} is not what an import has written.`, {
      help: 'Give --restart to begin anew: what was committed is joined.',
    });
  }
}

/** Whole or not at all: a crash leaves the one before. */
export async function writeState(path: string, state: State): Promise<void> {
  await writeFile(`${path}.new`, `${JSON.stringify(state)}\n`);
  await rename(`${path}.new`, path);
}

export async function removeState(path: string): Promise<void> {
  await rm(path, { force: true });
}

/** The digest of all rows to and with this one. */
export function digestWith(digest: string, { line, raw }: Row): string {
  return createHash('sha256')
    .update(`${digest}\0${line}\0`)
    .update(raw ?? '')
    .digest('hex');
}

export function serverId(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 16);
}

/** Where rejected rows go, as they stand in the file. It is made with the first of them. */
export interface Rejects {
  readonly bytes: () => number;
  write(raw: Buffer): Promise<void>;
  close(): Promise<void>;
}

/** `from`: its length where an earlier run had come to, 0 begins it anew, null goes on at its end. `header` stands first in it. */
export async function openRejects(
  path: string,
  from: number | null,
  header: Buffer | null,
): Promise<Rejects> {
  let file = await open(path, 'r+').catch(() => null);
  const length = (await file?.stat())?.size ?? 0;
  let bytes = Math.min(from ?? length, length);
  await file?.truncate(bytes);
  if (bytes === 0) {
    await file?.close();
    await rm(path, { force: true });
    file = null;
  }
  return {
    bytes: () => bytes,
    async write(raw) {
      file ??= await open(path, 'w');
      const lines = bytes === 0 && header !== null ? [header, raw] : [raw];
      const text = Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]));
      await file.write(text, 0, text.length, bytes);
      bytes += text.length;
    },
    close: async () => await file?.close(),
  };
}
