import { CompiledQuery } from 'kysely';
import { type Columns, RowsParameter } from './array.ts';
import { prepared } from './prepared.ts';
import type { Db, Tx } from './schema.ts';

const keptBytes = {
  content_type: 'text',
  headers: 'text',
  body: 'bytea',
  salt: 'bytea',
  digest: 'bytea',
  erased_at: 'timestamptz',
} as const;

/** The tables whose rows are written many at once, with all columns in the order that they have there. */
export const writtenTables = {
  delivery: { id: 'uuid', source: 'text', received_at: 'timestamptz', ...keptBytes },
  ticket: {
    id: 'uuid',
    source: 'text',
    delivery_id: 'uuid',
    part: 'int4',
    workflow: 'text',
    workflow_version: 'text',
    identity: 'text',
    digest: 'text',
    state: 'text',
    owner: 'text',
    alternate: 'text',
    fields: 'json',
    route: 'text',
    confidence: 'float8',
    revision: 'int4',
    joined: 'int4',
    received_at: 'timestamptz',
    updated_at: 'timestamptz',
    settled_at: 'timestamptz',
    head_seq: 'int4',
    head_hash: 'bytea',
  },
  payload: { ticket_id: 'uuid', revision: 'int4', ...keptBytes },
  identity: {
    source: 'text',
    identity: 'text',
    ticket_id: 'uuid',
    digest: 'text',
    version: 'json',
    until: 'timestamptz',
  },
  entry: {
    ticket_id: 'uuid',
    seq: 'int4',
    at: 'timestamptz',
    kind: 'text',
    actor: 'text',
    data: 'text',
    previous: 'bytea',
    hash: 'bytea',
  },
  handoff: {
    ticket_id: 'uuid',
    seq: 'int4',
    handoff: 'text',
    destination: 'text',
    plan: 'json',
    idempotency_key: 'text',
    state: 'text',
    attempts: 'int4',
    give_up_at: 'timestamptz',
    due_at: 'timestamptz',
    response: 'json',
    accepted_at: 'timestamptz',
    probes: 'int4',
    confirm_by: 'timestamptz',
    created_at: 'timestamptz',
    settled_at: 'timestamptz',
    excused: 'int4',
  },
  attempt: {
    ticket_id: 'uuid',
    handoff_seq: 'int4',
    attempt: 'int4',
    started_at: 'timestamptz',
    ended_at: 'timestamptz',
    result: 'text',
    status: 'int4',
    detail: 'text',
    response: 'text',
  },
  outcome: {
    ticket_id: 'uuid',
    handoff_seq: 'int4',
    state: 'text',
    compared: 'json',
    evidence: 'text',
    decided_at: 'timestamptz',
    decided_by: 'text',
  },
  approval: {
    ticket_id: 'uuid',
    handoff_seq: 'int4',
    state: 'text',
    by: 'text',
    digest: 'text',
    due_at: 'timestamptz',
    decided_at: 'timestamptz',
    decided_by: 'text',
    reason: 'text',
    policy: 'json',
    alternate_at: 'timestamptz',
    remind_at: 'timestamptz',
    reminded_at: 'timestamptz',
    yes: 'json',
  },
  exception: {
    ticket_id: 'uuid',
    seq: 'int4',
    mode: 'text',
    handoff_seq: 'int4',
    summary: 'text',
    detail: 'json',
    state: 'text',
    owner: 'text',
    alternate: 'text',
    responsible: 'text',
    policy: 'json',
    fingerprint: 'text',
    ttl_ms: 'int8',
    resolve_by: 'timestamptz',
    lapses_at: 'timestamptz',
    due_at: 'timestamptz',
    level: 'int4',
    sla_missed_at: 'timestamptz',
    claimed_by: 'text',
    claimed_at: 'timestamptz',
    checklist: 'json',
    root_cause: 'text',
    resolution: 'text',
    resolution_note: 'text',
    opened_at: 'timestamptz',
    resolved_at: 'timestamptz',
    resolved_by: 'text',
  },
} as const satisfies Readonly<Record<string, Columns>>;

type Table = keyof typeof writtenTables;

/** A row by column, JSON as text; a column that is missing is null. */
type Row = Readonly<Record<string, unknown>>;

/**
 * Writes many rows with one statement and one parameter a table (`unnest`), whatever their number.
 * Rows: at most limits.groupSizeMax times a few. With a `Batch` they are written when the batch is.
 */
export async function insertRows(into: Tx | Batch, table: Table, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  const batch = into instanceof Batch ? into : new Batch();
  batch.add(table, rows);
  if (!(into instanceof Batch)) await batch.write(into);
}

interface Insert {
  readonly table: Table;
  readonly rows: readonly Row[];
}

interface Update extends Insert {
  readonly text: string;
  /** Each of the rows has to be there to be changed. */
  readonly exact: boolean;
}

/** Rows that were to be changed are no longer as they were read: nothing was written. */
export class RowsMoved extends Error {
  override readonly name = 'RowsMoved';
}

/** Rows of several tables that are written with one statement: references between them are looked at when all are there. */
export class Batch {
  readonly #inserts: Insert[] = [];
  readonly #updates: Update[] = [];

  add(table: Table, rows: readonly Row[]): void {
    this.#inserts.push({ table, rows });
  }

  /**
   * Changes rows in the same statement: `text` is an update of the table from `$rows as becomes`. With `exact`, `write`
   * throws RowsMoved, and the caller's transaction has to end, where one of them is not changed.
   */
  update(table: Table, rows: readonly Row[], text: string, { exact = false } = {}): void {
    if (rows.length > 0) this.#updates.push({ table, rows, text, exact });
  }

  async write(tx: Tx): Promise<void> {
    const inserts = this.#inserts.splice(0);
    const updates = this.#updates.splice(0);
    if (inserts.length + updates.length === 0) return;
    const parameters = [...inserts, ...updates].map(parameterOf);
    const key = `all ${inserts.map(({ table }) => table)} ${updates.map(({ text }) => text)}`;
    const text = statement(key, () => {
      const texts = insertTexts(inserts.map(({ table }) => table));
      const last = updates.length === 0 ? texts.pop() : countsOf(updates);
      const before = [
        ...texts.map((insert, index) => `i${index} as (${insert})`),
        ...updates.map((update, index) => `u${index} as (${updateText(update, inserts.length + index + 1)})`),
      ];
      return before.length === 0 ? `${last}` : `with ${before.join(', ')} ${last}`;
    });
    const { rows } = await tx.executeQuery<Record<string, number>>(CompiledQuery.raw(text, parameters));
    for (const [index, { table, rows: wanted, exact }] of updates.entries()) {
      const changed = rows[0]?.[`u${index}`] ?? 0;
      if (exact && changed !== wanted.length)
        throw new RowsMoved(`${wanted.length - changed} rows of ${table} have moved`);
    }
  }

  /**
   * Writes the rows of new tickets, but only of those whose identity nobody holds, not even in the past. Returns the ids
   * of the others, of which nothing is written. One statement, so that it needs no transaction around it.
   */
  async writeClaimed(db: Db, claims: readonly Row[]): Promise<string[]> {
    const inserts = [{ table: 'identity' as const, rows: claims }, ...this.#inserts.splice(0)];
    const parameters = inserts.map(parameterOf);
    const text = statement(`claimed ${inserts.map(({ table }) => table)}`, () => {
      const [claim, ...others] = insertTexts(inserts.map(({ table }) => table));
      const written = others.map((insert, index) => {
        const ticket = inserts[index + 1]?.table === 'ticket' ? 'id' : 'ticket_id';
        return `i${index} as (${insert} where (select every from won) or ${ticket} in (select ticket_id from claimed))`;
      });
      const claimed = `claimed as (${claim} on conflict do nothing returning ticket_id)`;
      // Nearly always all are won, and then nothing is looked up in a table of them.
      const won = 'won as (select count(*) = cardinality($1::identity[]) as every from claimed)';
      return `with ${[claimed, won, ...written].join(', ')} select ticket_id::text as id from unnest($1::identity[])
        where not (select every from won) and ticket_id not in (select ticket_id from claimed)`;
    });
    const { rows } = await db.executeQuery<{ id: string }>(CompiledQuery.raw(text, parameters));
    return rows.map(({ id }) => id);
  }
}

function updateText({ table, text }: Update, parameter: number): string {
  return `${text.replace('$rows', () => `unnest($${parameter}::${table}[])`)} returning 1`;
}

function countsOf(updates: readonly Update[]): string {
  return `select ${updates.map((_, index) => `(select count(*) from u${index})::int4 as u${index}`).join(', ')}`;
}

/** Texts of statements by what they do: put together once. */
const statements = new Map<string, string>();

function statement(key: string, make: () => string): string {
  const known = statements.get(key);
  if (known !== undefined) return known;
  const text = prepared(make());
  statements.set(key, text);
  return text;
}

function parameterOf({ table, rows }: Insert): RowsParameter {
  return new RowsParameter(table, writtenTables[table], rows);
}

/** An insert for each table, whose rows are the parameter of the same number. */
function insertTexts(named: readonly Table[]): string[] {
  return named.map(
    (table, index) => `insert into ${table} select r.* from unnest($${index + 1}::${table}[]) as r`,
  );
}
