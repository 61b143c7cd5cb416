import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { AppError } from '../errors.ts';
import { parseJson } from '../intake/parse.ts';

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

/** The JSON of a payload, as exact as intake reads it; `file` names it where it is none. */
export function payloadIn(bytes: Buffer, file: string): unknown {
  const parsed = parseJson(bytes);
  if (parsed.ok) return parsed.value;
  throw new AppError('bad_request', `${file} is no payload. ${parsed.problem}`);
}
