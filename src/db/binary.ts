import type { MessageWriter } from './message.ts';

/** Values as PostgreSQL's binary format has them: no quoting and no parsing on either side. */

export type BinaryType = 'text' | 'json' | 'uuid' | 'int4' | 'int8' | 'float8' | 'bytea' | 'timestamptz';

interface Encoding {
  readonly oid: number;
  /**
   * Writes a value with its length before it. Values: strings for text, json and uuid, numbers, bytes for bytea, Dates for
   * timestamptz. Throws TypeError for a value of another kind, RangeError for a number out of range.
   */
  write(value: unknown, to: MessageWriter): void;
}

export const encodings: Readonly<Record<BinaryType, Encoding>> = {
  text: { oid: 25, write: writeText },
  json: { oid: 114, write: writeText },
  uuid: { oid: 2950, write: writeUuid },
  int4: {
    oid: 23,
    write(value, to) {
      const number = Number(value);
      if ((number | 0) !== number) throw new RangeError(`${number} is no whole number of 32 bits`);
      to.int32(4);
      to.int32(number);
    },
  },
  int8: {
    oid: 20,
    write(value, to) {
      to.int32(8);
      writeWhole(Number(value), to);
    },
  },
  float8: {
    oid: 701,
    write(value, to) {
      to.int32(8);
      to.float64(Number(value));
    },
  },
  bytea: {
    oid: 17,
    write(value, to) {
      if (!(value instanceof Uint8Array)) throw new TypeError(`${typeof value} is not bytes`);
      to.int32(value.length);
      to.reserve(value.length);
      to.buffer.set(value, to.at);
      to.at += value.length;
    },
  },
  timestamptz: {
    oid: 1184,
    write(value, to) {
      if (!(value instanceof Date)) throw new TypeError(`${typeof value} is not a time`);
      to.int32(8);
      writeWhole((value.getTime() - postgresEpochMs) * 1_000, to);
    },
  },
};

const postgresEpochMs = Date.UTC(2000, 0, 1);

/** Writes a value that may be null or undefined, which are null. */
export function writeNullable({ write }: Encoding, value: unknown, to: MessageWriter): void {
  if (value === null || value === undefined) to.int32(-1);
  else write(value, to);
}

/** Calling into the runtime costs more than so many characters one by one. */
const shortChars = 40;

function writeText(value: unknown, to: MessageWriter): void {
  if (typeof value !== 'string') throw new TypeError(`${typeof value} is not text`);
  to.reserve(4 + value.length * 3);
  const place = to.lengthHere();
  const start = to.at;
  const { buffer } = to;
  let length = 0;
  if (value.length <= shortChars) {
    for (; length < value.length; length += 1) {
      const code = value.charCodeAt(length);
      if (code > 0x7f) break;
      buffer[start + length] = code;
    }
  }
  if (length < value.length) length = buffer.write(value, start);
  to.at = start + length;
  to.setLength(place, 0);
}

function writeUuid(value: unknown, to: MessageWriter): void {
  const text = String(value);
  to.reserve(20);
  to.int32(16);
  const { buffer } = to;
  let { at } = to;
  const end = at + 16;
  for (let place = 0; place < text.length; place += 2) {
    if (text.charCodeAt(place) === hyphen) place += 1;
    buffer[at] = digit(text, place) * 16 + digit(text, place + 1);
    at += 1;
  }
  if (at !== end) throw new TypeError('not a UUID');
  to.at = at;
}

const hyphen = 0x2d;

function digit(text: string, place: number): number {
  const code = text.charCodeAt(place) | 0x20;
  if (code >= 0x61 && code <= 0x66) return code - 0x57;
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  throw new TypeError('not a UUID');
}

/** A whole number of 64 bits, as far as a double holds it. */
function writeWhole(value: number, to: MessageWriter): void {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no whole number of 64 bits`);
  to.int32(Math.floor(value / 2 ** 32));
  to.int32(value | 0);
}
