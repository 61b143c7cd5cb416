import { type BinaryType, encodings, writeNullable } from './binary.ts';
import type { MessageWriter } from './message.ts';

/** A parameter of a prepared statement that is written, without its length, when the statement is sent. */
export abstract class BinaryParameter {
  /** `rowTypes`: the OIDs of the composite types in this database. */
  abstract write(to: MessageWriter, rowTypes: ReadonlyMap<string, number>): void;
}

/** Many values of one type. */
export class ArrayParameter extends BinaryParameter {
  readonly #type: BinaryType;
  readonly #values: readonly unknown[];

  constructor(type: BinaryType, values: readonly unknown[]) {
    super();
    this.#type = type;
    this.#values = values;
  }

  write(to: MessageWriter): void {
    const encoding = encodings[this.#type];
    writeHeader(to, encoding.oid, this.#values.length);
    for (const value of this.#values) writeNullable(encoding, value, to);
  }
}

/** The columns of a composite type, all of them, in its own order. */
export type Columns = Readonly<Record<string, BinaryType>>;

/** Many rows of a composite type; a column that is missing is null. */
export class RowsParameter extends BinaryParameter {
  readonly #type: string;
  readonly #columns: Columns;
  readonly #rows: readonly Readonly<Record<string, unknown>>[];

  constructor(type: string, columns: Columns, rows: readonly Readonly<Record<string, unknown>>[]) {
    super();
    this.#type = type;
    this.#columns = columns;
    this.#rows = rows;
  }

  write(to: MessageWriter, rowTypes: ReadonlyMap<string, number>): void {
    const rowType = rowTypes.get(this.#type);
    if (rowType === undefined) throw new Error(`the database has no type ${this.#type}`);
    const columns = encoded(this.#columns);
    writeHeader(to, rowType, this.#rows.length);
    for (const row of this.#rows) {
      const length = to.lengthHere();
      to.int32(columns.length);
      for (const { name, encoding } of columns) {
        to.int32(encoding.oid);
        writeNullable(encoding, row[name], to);
      }
      to.setLength(length, 0);
    }
  }
}

function encoded(columns: Columns): readonly EncodedColumn[] {
  const known = encodedColumns.get(columns);
  if (known !== undefined) return known;
  const made = Object.entries(columns).map(([name, type]) => ({ name, encoding: encodings[type] }));
  encodedColumns.set(columns, made);
  return made;
}

type EncodedColumn = { readonly name: string; readonly encoding: (typeof encodings)[BinaryType] };

/** Tables are few, and written again and again. */
const encodedColumns = new WeakMap<Columns, readonly EncodedColumn[]>();

/** Dimensions, whether there may be nulls, the elements' type, their number, the first index. */
function writeHeader(to: MessageWriter, elementType: number, count: number): void {
  to.int32(1);
  to.int32(1);
  to.int32(elementType);
  to.int32(count);
  to.int32(1);
}
