import { CompiledQuery } from 'kysely';
import { type ArrayType, binaryArray } from './array.ts';
import { prepared } from './prepared.ts';
import type { Database, Tx } from './schema.ts';

type ColumnType = ArrayType | 'json';

/** How each column's values are sent; what is not named here is `text`. */
const columnTypes: Readonly<Record<string, ColumnType>> = {
  ticket_id: 'uuid',
  id: 'uuid',
  delivery_id: 'uuid',
  fields: 'json',
  detail: 'json',
  plan: 'json',
  policy: 'json',
  checklist: 'json',
  seq: 'int4',
  revision: 'int4',
  handoff_seq: 'int4',
  part: 'int4',
  head_seq: 'int4',
  ttl_ms: 'int8',
  confidence: 'float8',
  body: 'bytea',
  salt: 'bytea',
  digest: 'bytea',
  previous: 'bytea',
  hash: 'bytea',
  head_hash: 'bytea',
};

/** `digest` is bytes where it is of kept bytes, and hex text elsewhere. */
function typeOf(table: string, column: string): ColumnType {
  if (column === 'digest' && table !== 'payload' && table !== 'delivery') return 'text';
  if (/_at$|_by$|^at$|^until$/.test(column) && !/^(claimed|resolved|decided|deployed)_by$/.test(column))
    return 'timestamptz';
  return columnTypes[column] ?? 'text';
}

/**
 * Writes many rows with one statement and one parameter a column (`unnest`), whatever their number.
 * All rows have the same keys, in the same order. JSON columns take text. Rows: at most limits.groupSizeMax times a few.
 * With a `Batch` they are written when the batch is.
 */
export async function insertRows<T extends keyof Database & string>(
  into: Tx | Batch,
  table: T,
  rows: readonly Row[],
): Promise<void> {
  if (rows.length === 0) return;
  if (into instanceof Batch) into.add(table, rows);
  else await insertAll(into, [{ table, rows }]);
}

type Row = Readonly<Record<string, unknown>>;

interface TableRows {
  readonly table: string;
  readonly rows: readonly Row[];
}

/** Rows of several tables that are written with one statement: references between them are looked at when all are there. */
export class Batch {
  readonly #all: TableRows[] = [];

  add(table: string, rows: readonly Row[]): void {
    this.#all.push({ table, rows });
  }

  async write(tx: Tx): Promise<void> {
    if (this.#all.length > 0) await insertAll(tx, this.#all.splice(0));
  }
}

async function insertAll(tx: Tx, all: readonly TableRows[]): Promise<void> {
  const parameters: Buffer[] = [];
  const inserts = all.map(({ table, rows }) => {
    const columns = Object.keys(rows[0] ?? {});
    const types = columns.map((column) => typeOf(table, column));
    const arrays = types.map((type, index) => {
      const column = columns[index] ?? '';
      const sent = type === 'json' ? 'text' : type;
      return `$${parameters.push(
        binaryArray(
          sent,
          rows.map((row) => row[column]),
        ),
      )}::${sent}[]`;
    });
    const names = columns.map((_, index) => `c${index}`);
    const selected = types.map((type, index) => (type === 'json' ? `c${index}::json` : `c${index}`));
    return (
      `insert into ${table} (${columns.map((column) => `"${column}"`).join(', ')}) ` +
      `select ${selected.join(', ')} from unnest(${arrays.join(', ')}) as r(${names.join(', ')})`
    );
  });
  const last = inserts.pop();
  const before = inserts.map((insert, index) => `i${index} as (${insert})`);
  const text = before.length === 0 ? `${last}` : `with ${before.join(', ')} ${last}`;
  await tx.executeQuery(CompiledQuery.raw(prepared(text), parameters));
}
