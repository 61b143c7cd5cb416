import type pg from 'pg';

const header = `-- The schema after all migrations, for readers; nothing runs it. Written by: npx vitest run test/db/migrate.test.ts -u
`;

/**
 * Reads a database's types, tables, functions and triggers from its catalog and writes them as SQL.
 * There is no pg_dump in the embedded server; and this text has nothing in it but what the migrations say.
 */
export async function describeSchema(client: pg.Client): Promise<string> {
  const parts = [header, ...(await functions(client))];
  for (const { oid, name } of await relations(client, 'c')) {
    parts.push(`create type ${name} as (\n  ${(await columns(client, oid)).join(',\n  ')}\n);\n`);
  }
  for (const { oid, name } of await relations(client, 'r')) {
    const lines = [...(await columns(client, oid)), ...(await constraints(client, oid))];
    parts.push(`create table ${name} (\n  ${lines.join(',\n  ')}\n);\n${await belongings(client, oid)}`);
  }
  return parts.join('\n');
}

/** Tables (`r`) or composite types (`c`). */
async function relations(client: pg.Client, kind: 'r' | 'c') {
  const { rows } = await client.query<{ oid: number; name: string }>(
    `select oid, relname as name from pg_class
     where relnamespace = 'public'::regnamespace and relkind = $1 order by relname`,
    [kind],
  );
  return rows;
}

async function functions(client: pg.Client): Promise<string[]> {
  return await texts(
    client,
    `select pg_get_functiondef(oid) || ';' || chr(10) as text from pg_proc
     where pronamespace = 'public'::regnamespace order by proname`,
  );
}

async function columns(client: pg.Client, table: number): Promise<string[]> {
  return await texts(
    client,
    `select attname || ' ' || format_type(atttypid, atttypmod)
       || coalesce(' default ' || pg_get_expr(adbin, adrelid), '')
       || case when attnotnull then ' not null' else '' end as text
     from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
     where attrelid = $1 and attnum > 0 and not attisdropped order by attnum`,
    table,
  );
}

/** Without the not-null ones, which PostgreSQL 18 lists here too: they stand with their columns. */
async function constraints(client: pg.Client, table: number): Promise<string[]> {
  return await texts(
    client,
    `select pg_get_constraintdef(oid) as text from pg_constraint
     where conrelid = $1 and contype <> 'n'
     order by position(contype in 'pufc'), pg_get_constraintdef(oid)`,
    table,
  );
}

/** Indexes that are no constraint's, then triggers. */
async function belongings(client: pg.Client, table: number): Promise<string> {
  const lines = await texts(
    client,
    `select pg_get_indexdef(indexrelid) || ';' as text from pg_index
     where indrelid = $1 and not exists (select from pg_constraint where conindid = indexrelid and conrelid = $1)
     union all
     select pg_get_triggerdef(oid) || ';' || case tgenabled when 'A' then ' -- always' else '' end from pg_trigger
     where tgrelid = $1 and not tgisinternal
     order by text`,
    table,
  );
  return lines.map((line) => `${line}\n`).join('');
}

async function texts(client: pg.Client, query: string, ...values: unknown[]): Promise<string[]> {
  const { rows } = await client.query<{ text: string }>(query, values);
  return rows.map((row) => row.text);
}
