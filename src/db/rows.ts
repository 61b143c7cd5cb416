import { CompiledQuery } from 'kysely';
import type { Database, Tx } from './schema.ts';

/** How each column's values are sent; what is not named here is `text`. */
const columnTypes: Readonly<Record<string, string>> = {
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
function typeOf(table: string, column: string): string {
  if (column === 'digest' && table !== 'payload' && table !== 'delivery') return 'text';
  if (/_at$|_by$|^at$|^until$/.test(column) && !/^(claimed|resolved|decided|deployed)_by$/.test(column))
    return 'timestamptz';
  return columnTypes[column] ?? 'text';
}

/**
 * Writes many rows with one statement and one parameter a column (`unnest`), whatever their number.
 * All rows have the same keys, in the same order. JSON columns take text. Rows: at most limits.groupSizeMax times a few.
 */
export async function insertRows<T extends keyof Database & string>(
  tx: Tx,
  table: T,
  rows: readonly Readonly<Record<string, unknown>>[],
): Promise<void> {
  const first = rows[0];
  if (first === undefined) return;
  const columns = Object.keys(first);
  const types = columns.map((column) => typeOf(table, column));
  const parameters = types.map((type, index) => `$${index + 1}::${type === 'json' ? 'text' : type}[]`);
  const names = columns.map((_, index) => `c${index}`);
  const selected = types.map((type, index) => (type === 'json' ? `c${index}::json` : `c${index}`));
  const text =
    `insert into ${table} (${columns.map((column) => `"${column}"`).join(', ')}) ` +
    `select ${selected.join(', ')} from unnest(${parameters.join(', ')}) as r(${names.join(', ')})`;
  await tx.executeQuery(
    CompiledQuery.raw(
      text,
      columns.map((column) => rows.map((row) => row[column])),
    ),
  );
}
