import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { AppError } from '../errors.ts';

/** The bytes of a file; `-` is standard input. */
export async function readPayload(file: string): Promise<Buffer> {
  if (file === '-') return await buffer(process.stdin);
  try {
    return await readFile(file);
  } catch (error) {
    throw new AppError(
      'not_found',
      `The payload ${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`,
      {
        help: 'Name a file, or - for standard input.',
        cause: error,
      },
    );
  }
}

/** The JSON of a payload; `file` names it where it is none. */
export function parseJson(bytes: Buffer, file: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new AppError('bad_request', `${file} is not JSON: ${(error as Error).message}.`);
  }
}
