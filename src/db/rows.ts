import { CompiledQuery } from 'kysely';
import { ArrayParameter, type Columns, RowsParameter } from './array.ts';
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
  /** Whether a ticket is changed at all hangs on whether these rows are. */
  readonly leads: boolean;
}

/** A ticket as it was read: where its chain ended. */
export interface ReadHead {
  readonly id: string;
  readonly headSeq: number;
}

/** Rows of several tables that are written with one statement: references between them are looked at when all are there. */
export class Batch {
  readonly #inserts: Insert[] = [];
  readonly #updates: Update[] = [];

  add(table: Table, rows: readonly Row[]): void {
    if (rows.length > 0) this.#inserts.push({ table, rows });
  }

  /** Changes rows in the same statement: `text` is an update of the table from `$rows as becomes`, and ends with its condition. */
  update(table: Table, rows: readonly Row[], text: string, { leads = false } = {}): void {
    if (rows.length > 0) this.#updates.push({ table, rows, text, leads });
  }

  async write(tx: Tx): Promise<void> {
    const inserts = this.#inserts.splice(0);
    const updates = this.#updates.splice(0);
    if (inserts.length + updates.length === 0) return;
    const parameters = [...inserts, ...updates].map(parameterOf);
    const text = statement(`all ${namesOf(inserts, updates)}`, () => {
      const texts = [
        ...insertTexts(inserts.map(({ table }) => table)),
        ...updates.map((update, index) => updateText(update, inserts.length + index + 1)),
      ];
      const last = texts.pop();
      const before = texts.map((each, index) => `w${index} as (${each})`);
      return before.length === 0 ? `${last}` : `with ${before.join(', ')} ${last}`;
    });
    await tx.executeQuery(CompiledQuery.raw(text, parameters));
  }

  /**
   * Writes what happens to tickets, to each wholly or not at all: only to those whose chain still ends where it did when they
   * were read, and whose leading rows are as they were then. Returns the ids of the tickets that were written. One
   * statement, so that it needs no transaction around it: it locks the tickets first, in the order of their ids, as
   * everybody does. `free`: a ticket that somebody else is at work on is left out instead of waited for.
   */
  async writeUnmoved(db: Db, heads: readonly ReadHead[], { free = false } = {}): Promise<Set<string>> {
    const inserts = this.#inserts.splice(0);
    const updates = this.#updates.splice(0);
    if (heads.length === 0) return new Set();
    const parameters = [
      new ArrayParameter(
        'uuid',
        heads.map(({ id }) => id),
      ),
      new ArrayParameter(
        'int4',
        heads.map(({ headSeq }) => headSeq),
      ),
      ...[...inserts, ...updates].map(parameterOf),
    ];
    const text = statement(`unmoved ${free} ${namesOf(inserts, updates)}`, () =>
      unmovedText(
        inserts.map(({ table }) => table),
        updates,
        free,
      ),
    );
    const { rows } = await db.executeQuery<{ id: string }>(CompiledQuery.raw(text, parameters));
    return new Set(rows.map(({ id }) => id));
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
      const won = 'won as (select count(*) = cardinality($1::identity_row[]) as every from claimed)';
      return `with ${[claimed, won, ...written].join(', ')} select ticket_id::text as id from ${rowsAt(1, 'identity')}
        where not (select every from won) and ticket_id not in (select ticket_id from claimed)`;
    });
    const { rows } = await db.executeQuery<{ id: string }>(CompiledQuery.raw(text, parameters));
    return rows.map(({ id }) => id);
  }
}

function namesOf(inserts: readonly Insert[], updates: readonly Update[]): string {
  return `${inserts.map(({ table }) => table)} ${updates.map(({ text }) => text)}`;
}

function updateText({ table, text }: Pick<Update, 'table' | 'text'>, parameter: number): string {
  return text.replace('$rows', () => rowsAt(parameter, table));
}

function ticketOf(table: Table): string {
  return table === 'ticket' ? 'id' : 'ticket_id';
}

/**
 * The tickets are locked, then the leading rows are changed, and all else is written of those that were. (`… in (select …)) is
 * true` is looked up in a hash, where a bare `in` would be planned as a join of rows of which nothing is known.)
 */
function unmovedText(inserts: readonly Table[], updates: readonly Update[], free: boolean): string {
  const only = (column: string, among: string) => `(${column} in (select ${among})) is true`;
  const first = 3;
  const written = inserts.map(
    (table, index) =>
      `i${index} as (insert into ${table} select r.* from ${rowsAt(index + first, table)} as r
        where ${only(`r.${ticketOf(table)}`, 'ticket_id from moved')})`,
  );
  const changed = updates.map((update, index) => {
    const column = `becomes.${ticketOf(update.table)}`;
    const text = updateText(update, inserts.length + index + first);
    return update.leads
      ? `u${index} as (${text} and ${only(column, 'id from locked')} returning ${column} as ticket_id)`
      : `u${index} as (${text} and ${only(column, 'ticket_id from moved')})`;
  });
  const isLeading = (_: unknown, index: number) => updates[index]?.leads === true;
  const leading = updates.flatMap(({ leads }, index) => (leads ? [`select ticket_id from u${index}`] : []));
  const parts = [
    `locked as materialized (
      select ticket.id from unnest($1::uuid[], $2::int4[]) as read (id, head_seq)
      join ticket on ticket.id = read.id and ticket.head_seq = read.head_seq
      order by ticket.id for update of ticket ${free ? 'skip locked' : ''})`,
    ...changed.filter(isLeading),
    `moved as materialized (${leading.join(' union all ')})`,
    ...changed.filter((each, index) => !isLeading(each, index)),
    ...written,
  ];
  return `with ${parts.join(', ')} select ticket_id::text as id from moved`;
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

/** Many rows as one parameter; `rowsAt` is how a statement reads them. */
export function parameterOf({ table, rows }: Insert): RowsParameter {
  return new RowsParameter(`${table}_row`, writtenTables[table], rows);
}

/** The rows of the parameter of a number. Their type is the table's without its constraints: migrations/0012_row_types.sql. */
export function rowsAt(parameter: number, table: Table): string {
  return `unnest($${parameter}::${table}_row[])`;
}

/** An insert for each table, whose rows are the parameter of the same number. */
function insertTexts(named: readonly Table[]): string[] {
  return named.map((table, index) => `insert into ${table} select r.* from ${rowsAt(index + 1, table)} as r`);
}
