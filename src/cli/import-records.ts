import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { AppError } from '../errors.ts';

/** One record of a file as it stands there, without its line end. */
export interface RawRecord {
  /** Where it begins, from 1. */
  readonly line: number;
  /** Null: it is longer than what is kept of one. */
  readonly raw: Buffer | null;
}

/** The bytes of a file, unpacked where its name ends in `.gz`; `-` is standard input. */
export async function openFile(file: string): Promise<AsyncIterable<Uint8Array>> {
  if (file === '-') return process.stdin;
  await access(file).catch((cause: NodeJS.ErrnoException) => {
    throw new AppError('not_found', `The file ${file} cannot be read (${cause.code}).`, {
      help: 'Name a file, or - for standard input.',
      cause,
    });
  });
  const stream = createReadStream(file);
  // What goes wrong in one of the two is told by whoever reads the last.
  return file.endsWith('.gz') ? pipeline(stream, createGunzip(), () => {}) : stream;
}

/** The bytes of a file that is in memory, some at a time: all else that the process does has its turn in between. */
export async function* inTurns(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += bytesInTurn) {
    await turn();
    yield bytes.subarray(from, from + bytesInTurn);
  }
}

/** As many as a stream of a file brings at once. */
const bytesInTurn = 65_536;

/**
 * Splits bytes into records, blank ones too. `quoted`: a line end between quotation marks belongs to the record, as in
 * CSV. A mark that nobody closes within `bytesMax` ends with its line, so that it cannot swallow the rest of a file.
 */
export async function* recordsOf(
  bytes: AsyncIterable<Uint8Array>,
  { quoted, bytesMax }: { readonly quoted: boolean; readonly bytesMax: number },
): AsyncGenerator<RawRecord> {
  let line = 1;
  let pending: Buffer = Buffer.alloc(0);
  /** Inside a line of which nothing is kept. */
  let skipping = false;

  const take = (length: number): RawRecord => {
    const record = { line, raw: skipping ? null : pending.subarray(0, length) };
    line += 1 + (skipping ? 0 : count(pending.subarray(0, length), lineFeed));
    pending = pending.subarray(length + 1);
    skipping = false;
    return record;
  };

  for await (const chunk of bytes) {
    pending = Buffer.concat([pending, chunk]);
    for (;;) {
      const end = quoted && !skipping ? endOfQuoted(pending) : pending.indexOf(lineFeed);
      if (end !== -1) {
        yield take(end);
        continue;
      }
      if (pending.length <= bytesMax) break;
      const first = pending.indexOf(lineFeed);
      if (first === -1) {
        skipping = true;
        pending = Buffer.alloc(0);
        break;
      }
      yield take(first);
    }
  }
  while (pending.length > 0 || skipping) yield take(endAtLast(pending, quoted));
}

const lineFeed = 0x0a;
const quotationMark = 0x22;

/** Where the first record ends when no more bytes come. */
function endAtLast(pending: Buffer, quoted: boolean): number {
  const end = quoted ? endOfQuoted(pending) : pending.indexOf(lineFeed);
  if (end !== -1) return end;
  const isOpen = quoted && count(pending, quotationMark) % 2 === 1;
  const first = isOpen ? pending.indexOf(lineFeed) : -1;
  return first === -1 ? pending.length : first;
}

/** The first line end outside quotation marks; -1: there is none. */
function endOfQuoted(bytes: Buffer): number {
  for (let at = 0; ; at += 1) {
    const end = bytes.indexOf(lineFeed, at);
    if (end === -1) return -1;
    const opened = bytes.indexOf(quotationMark, at);
    if (opened === -1 || opened > end) return end;
    const closed = bytes.indexOf(quotationMark, opened + 1);
    if (closed === -1) return -1;
    at = closed;
  }
}

function count(bytes: Buffer, byte: number): number {
  let found = 0;
  for (let at = bytes.indexOf(byte); at !== -1; at = bytes.indexOf(byte, at + 1)) found += 1;
  return found;
}
