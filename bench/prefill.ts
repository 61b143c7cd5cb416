import type { BenchDatabase } from './database.ts';

/** What differs from the ticket that is copied, by column; `new` is the row with its number and id. */
type Changes = Readonly<Record<string, string>>;

const identity = `'stored-' || new.number`;

/** The tables of a ticket whose work is done, the ticket's own first. */
const tables: Readonly<Record<'ours' | 'baseline', Readonly<Record<string, Changes>>>> = {
  ours: {
    ticket: { id: 'new.id', identity, state: `'done'`, settled_at: 'old.updated_at' },
    payload: { ticket_id: 'new.id' },
    identity: { ticket_id: 'new.id', identity },
    entry: { ticket_id: 'new.id' },
    handoff: {
      ticket_id: 'new.id',
      idempotency_key: `'sb_' || new.id || '_create-project_r1'`,
      state: `'confirmed'`,
      due_at: 'null',
      confirm_by: 'old.created_at',
      settled_at: 'old.created_at',
    },
  },
  baseline: {
    lead_ticket: { id: 'new.id', identity, state: `'done'` },
    lead_payload: { ticket_id: 'new.id' },
    lead_identity: { ticket_id: 'new.id', identity },
    lead_audit: { ticket_id: 'new.id' },
  },
};

const chunk = 50_000;

/**
 * Makes `count` more tickets on the server itself: copies of one that came through the door, as they look when their work
 * is done, each under an id and identity of its own, a hundredth of a second apart and up to now.
 * Their hashes are copies too, so their chains do not verify; nothing that is measured reads them.
 */
export async function prefill(
  name: 'ours' | 'baseline',
  count: number,
  { ask }: BenchDatabase,
  tell: (line: string) => void,
): Promise<void> {
  const [ticketTable = ''] = Object.keys(tables[name]);
  const [pattern] = await ask<{ id: string }>(name, `select id from ${ticketTable} limit 1`);
  if (pattern === undefined) throw new Error('there is no ticket to copy');
  const copies = await Promise.all(
    Object.entries(tables[name]).map(([table, changes]) =>
      copySql({ ask }, name, table, changes, pattern.id),
    ),
  );
  await ask(name, 'create unlogged table prefill (number integer primary key, id uuid not null)');
  for (let from = 1; from <= count; from += chunk) {
    const to = Math.min(count, from + chunk - 1);
    await ask(name, newIds, [from, to, Date.now() - (count - from) * 10]);
    // As a replica applies rows: that what they refer to is there is known, and not looked at again.
    await ask(
      name,
      `begin; set local session_replication_role = replica; ${copies.join('; ')}; truncate prefill; commit`,
    );
    tell(`${name}: ${to} of ${count} tickets stored`);
  }
  await ask(name, 'drop table prefill');
  await ask(name, 'vacuum analyze');
}

/** UUIDv7: the time in its first 48 bits, the rest as good as random. */
const newIds = `
  insert into prefill
  select number, (lpad(to_hex($3::bigint + (number - $1::integer) * 10), 12, '0') || '7' || substr(md5(number::text), 1, 3)
    || '8' || substr(md5(number::text), 4, 15))::uuid
  from generate_series($1::integer, $2::integer) as number`;

async function copySql(
  { ask }: Pick<BenchDatabase, 'ask'>,
  name: 'ours' | 'baseline',
  table: string,
  changes: Changes,
  pattern: string,
): Promise<string> {
  const found = await ask<{ name: string }>(
    name,
    `select attname as name from pg_attribute
     where attrelid = $1::regclass and attnum > 0 and not attisdropped and attidentity = ''`,
    [table],
  );
  const columns = found.map((column) => column.name);
  const key = 'ticket_id' in changes ? 'ticket_id' : 'id';
  return (
    `insert into ${table} (${columns.map((column) => `"${column}"`).join(', ')}) ` +
    `select ${columns.map((column) => changes[column] ?? `old."${column}"`).join(', ')} ` +
    `from prefill as new, ${table} as old where old.${key} = '${pattern}'`
  );
}
