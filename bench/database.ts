import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import { startEmbedded } from '../src/db/embedded.ts';

/** The one PostgreSQL of a run, with the settings that every user gets, and a database each for what is compared. */
export interface BenchDatabase {
  readonly dataFolder: string;
  readonly urls: Readonly<Record<DatabaseName, string>>;
  /** A query as the owner, to one of the databases. */
  ask<T extends pg.QueryResultRow>(database: DatabaseName, text: string, values?: unknown[]): Promise<T[]>;
  stop(): Promise<void>;
}

export type DatabaseName = 'ours' | 'baseline' | 'plain';

/** Starts the embedded server in a folder of its own; `stop` removes both. */
export async function openBenchDatabase(): Promise<BenchDatabase> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'signalbox-bench-'));
  const server = await startEmbedded({ dataFolder, log: pino({ level: 'warn' }) });
  const named = (name: string) => server.ownerUrl.replace(/signalbox$/, name);
  const urls = { ours: named('bench_ours'), baseline: named('bench_baseline'), plain: named('bench_plain') };
  const pools = {
    ours: new pg.Pool({ connectionString: urls.ours, max: 4 }),
    baseline: new pg.Pool({ connectionString: urls.baseline, max: 4 }),
    plain: new pg.Pool({ connectionString: urls.plain, max: 4 }),
  };
  const admin = new pg.Client(named('postgres'));
  await admin.connect();
  for (const url of Object.values(urls))
    await admin.query(`create database ${new URL(url).pathname.slice(1)}`);
  await admin.end();
  await pools.baseline.query(await readFile(new URL('baseline/schema.sql', import.meta.url), 'utf8'));
  return {
    dataFolder,
    urls,
    ask: async (database, text, values) => (await pools[database].query(text, values)).rows,
    stop: async () => {
      await Promise.all(Object.values(pools).map((pool) => pool.end()));
      await server.stop();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

/** Bytes of write-ahead log so far: all that is written to be durable. */
export async function walBytes({ ask }: BenchDatabase): Promise<number> {
  const [row] = await ask<{ bytes: string }>('ours', `select pg_current_wal_lsn() - '0/0'::pg_lsn as bytes`);
  return Number(row?.bytes);
}

/** The rows of all our tables, counted, and their bytes as stored, by the newest of each. */
export async function writtenRows({ ask }: BenchDatabase): Promise<{ rows: number; bytes: number }> {
  const tables = await ask<{ name: string }>(
    'ours',
    `select oid::regclass::text as name from pg_class
     where relkind = 'r' and relnamespace = 'public'::regnamespace`,
  );
  let [rows, bytes] = [0, 0];
  for (const { name } of tables) {
    const [found] = await ask<{ rows: number; bytes: number }>(
      'ours',
      `select (select count(*) from ${name})::float8 as rows, coalesce(avg(pg_column_size(newest)), 0)::float8 as bytes
       from (select * from ${name} order by ctid desc limit 2000) newest`,
    );
    rows += found?.rows ?? 0;
    bytes += (found?.rows ?? 0) * (found?.bytes ?? 0);
  }
  return { rows, bytes };
}
