import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import pg from 'pg';
import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';

interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  /** SHA-256 (hex) of the file. */
  readonly checksum: string;
}

/** The same relative place from `src/db` and from `dist/db`. */
const migrationsFolder = new URL('../../migrations/', import.meta.url);

/** Any constant: nodes that migrate or grant at once queue up behind this advisory lock. */
export const lockKey = 7_446_744_073;

/**
 * Brings a database's schema up to this program's: applies the numbered files that it does not have yet,
 * each in a transaction of its own, and records them in the table `migration`. Returns the names it applied.
 * Throws AppError: `schema_too_new` where the database knows migrations that this program does not;
 * `schema_changed` where a file is not what was applied under its number.
 */
export async function migrate(
  ownerUrl: string,
  now: Date,
  folder: URL = migrationsFolder,
): Promise<{ applied: string[] }> {
  const migrations = await readMigrations(folder);
  const client = new pg.Client({
    connectionString: ownerUrl,
    application_name: 'signalbox migrate',
    connectionTimeoutMillis: limits.connectMs,
  });
  // A connection that breaks between two queries fails the next one; without a listener it would end the process.
  client.on('error', () => {});
  await client.connect();
  try {
    const applied: string[] = [];
    for (;;) {
      const name = await applyNext(client, migrations, now);
      if (name === null) return { applied };
      applied.push(name);
    }
  } finally {
    await client.end();
  }
}

/** Applies the first file that is not in the database, in one transaction. Null: all of them are. */
async function applyNext(
  client: pg.Client,
  migrations: readonly Migration[],
  now: Date,
): Promise<string | null> {
  await client.query('begin');
  try {
    // Held until the end of the transaction, not of the session: it works through a transaction pooler too.
    await client.query('select pg_advisory_xact_lock($1)', [lockKey]);
    const next = nextMigration(migrations, await recorded(client));
    if (next !== null) {
      await client.query(next.sql);
      await client.query(
        'insert into migration (number, name, checksum, applied_at) values ($1, $2, $3, $4)',
        [next.number, next.name, next.checksum, now],
      );
    }
    await client.query('commit');
    return next?.name ?? null;
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  }
}

type Recorded = Pick<Migration, 'number' | 'name' | 'checksum'>;

async function recorded(client: pg.Client): Promise<Recorded[]> {
  const { rows: found } = await client.query<{ there: boolean }>(
    `select to_regclass('migration') is not null as there`,
  );
  if (!found[0]?.there) {
    await client.query(`
      create table migration (
        number integer primary key check (number >= 1),
        name text not null,
        checksum text not null check (checksum ~ '^[0-9a-f]{64}$'),
        applied_at timestamptz(3) not null
      )`);
  }
  const { rows } = await client.query<Recorded>(
    'select number, name, checksum from migration order by number',
  );
  return rows;
}

/** Pure: the file to apply next, null where there is none; throws where files and database contradict each other. */
function nextMigration(migrations: readonly Migration[], recorded: readonly Recorded[]): Migration | null {
  const known = new Map(migrations.map((migration) => [migration.number, migration]));
  for (const row of recorded) {
    const file = known.get(row.number);
    if (file === undefined) {
      throw new AppError(
        'schema_too_new',
        `The database has migration ${row.name}, which this Signalbox does not know.`,
        { help: 'Start the newer Signalbox that wrote it, or point this one at another database.' },
      );
    }
    if (file.checksum !== row.checksum) {
      throw new AppError(
        'schema_changed',
        `Migration ${file.name} is not the one that was applied to this database as number ${row.number}.`,
        { help: 'A landed migration is never edited: restore the file and put the change into a new one.' },
      );
    }
  }
  const done = new Set(recorded.map((row) => row.number));
  return migrations.find((migration) => !done.has(migration.number)) ?? null;
}

async function readMigrations(folder: URL): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{4}_\w+\.sql$/.test(name)).sort();
  const migrations = await Promise.all(
    names.map(async (name) => {
      // A checkout on Windows may have turned the line ends.
      const sql = (await readFile(new URL(name, folder), 'utf8')).replaceAll('\r\n', '\n');
      const checksum = createHash('sha256').update(sql).digest('hex');
      return { number: Number(name.slice(0, 4)), name, sql, checksum };
    }),
  );
  const numbers = new Set(migrations.map((migration) => migration.number));
  if (numbers.size !== migrations.length) throw new Error(`two migrations in ${folder.href} have one number`);
  return migrations;
}
