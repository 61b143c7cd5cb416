/** Arrays as PostgreSQL's binary format has them: no quoting and no parsing on either side. */

export type ArrayType = 'text' | 'uuid' | 'int4' | 'int8' | 'float8' | 'bytea' | 'timestamptz';

/**
 * One array parameter. Values: strings for text and uuid, numbers, Buffers for bytea, Dates for timestamptz; null and
 * undefined are null. A value of another kind throws TypeError, a number out of range RangeError.
 */
export function binaryArray(type: ArrayType, values: readonly unknown[]): Buffer {
  const { oid, write } = types[type];
  const header = 20;
  let nulls = 0;
  let at = header;
  for (const value of values) {
    if (value === null || value === undefined) {
      nulls = 1;
      at = room(at, 4).writeInt32BE(-1, at);
    } else {
      const end = write(value, at + 4);
      room(at, 4).writeInt32BE(end - at - 4, at);
      at = end;
    }
  }
  // Dimensions, whether there are nulls, the elements' type, their number, the first index.
  [1, nulls, oid, values.length, 1].forEach((word, index) => {
    scratch.writeInt32BE(word, index * 4);
  });
  return Buffer.from(scratch.subarray(0, at));
}

/** Grows to the largest array written, and is copied from before anybody else can write. */
let scratch = Buffer.allocUnsafe(1 << 20);

/** The buffer with room for so many bytes at a place; it may be another one than before. */
function room(at: number, bytes: number): Buffer {
  if (at + bytes > scratch.length) {
    const larger = Buffer.allocUnsafe(Math.max(scratch.length * 2, at + bytes));
    scratch.copy(larger, 0, 0, at);
    scratch = larger;
  }
  return scratch;
}

/** Writes a value after the length that goes before it; returns where it ends. */
type Write = (value: unknown, at: number) => number;

const postgresEpochMs = Date.UTC(2000, 0, 1);

const types: Readonly<Record<ArrayType, { readonly oid: number; readonly write: Write }>> = {
  text: {
    oid: 25,
    write: (value, at) => {
      if (typeof value !== 'string') throw new TypeError(`${typeof value} is not text`);
      return at + room(at, value.length * 3).write(value, at, 'utf8');
    },
  },
  uuid: {
    oid: 2950,
    write: (value, at) => at + room(at, 16).write(String(value).replaceAll('-', ''), at, 16, 'hex'),
  },
  int4: { oid: 23, write: (value, at) => room(at, 4).writeInt32BE(Number(value), at) },
  int8: { oid: 20, write: (value, at) => room(at, 8).writeBigInt64BE(BigInt(Number(value)), at) },
  float8: { oid: 701, write: (value, at) => room(at, 8).writeDoubleBE(Number(value), at) },
  bytea: {
    oid: 17,
    write: (value, at) => {
      if (!(value instanceof Uint8Array)) throw new TypeError(`${typeof value} is not bytes`);
      room(at, value.length).set(value, at);
      return at + value.length;
    },
  },
  timestamptz: {
    oid: 1184,
    write: (value, at) => {
      if (!(value instanceof Date)) throw new TypeError(`${typeof value} is not a time`);
      const microseconds = BigInt(value.getTime() - postgresEpochMs) * 1_000n;
      return room(at, 8).writeBigInt64BE(microseconds, at);
    },
  },
};
