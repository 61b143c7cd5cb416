import type { Kysely } from 'kysely';
import pg from 'pg';
import type { Logger } from 'pino';
import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import { type Connection, connect } from './connect.ts';
import { startEmbedded } from './embedded.ts';
import { grantToApp } from './grants.ts';
import { migrate } from './migrate.ts';
import type { Database } from './schema.ts';

/** The project's database, migrated and connected. */
export interface OpenDatabase extends Connection {
  /** More connections to it, for statements that name their rows: they find them by their indexes, whatever the plan of old. */
  readonly byIndex: Kysely<Database>;
  /** What `pool` is connected to. */
  readonly url: string;
  /** As the owner of the tables; equal to `url` with DATABASE_URL. */
  readonly ownerUrl: string;
  readonly embedded: boolean;
}

/** The oldest PostgreSQL that is tried. */
const majorMin = 15;

/**
 * Opens the embedded database of a data folder, or the one at `databaseUrl`, and brings its schema up to date.
 * `close` ends the pool and stops the embedded server.
 * Throws AppError: `no_database_binary`, `unavailable`, `schema_too_new`, `schema_changed`.
 */
export async function openDatabase(options: {
  readonly dataFolder: string;
  readonly databaseUrl?: string | undefined;
  readonly log: Logger;
  readonly now: Date;
}): Promise<OpenDatabase> {
  const { dataFolder, databaseUrl, log, now } = options;
  // Its message alone: pg hangs the whole client on the error.
  const onError = ({ message }: Error) =>
    log.warn({ reason: message }, 'a database connection broke while idle');
  if (databaseUrl !== undefined && databaseUrl !== '') {
    await refuseOld(databaseUrl);
    await migrateAndTell(databaseUrl, now, log);
    const connection = bothWays(databaseUrl, onError);
    return { ...connection, url: databaseUrl, ownerUrl: databaseUrl, embedded: false };
  }
  const server = await startEmbedded({ dataFolder, log });
  try {
    await migrateAndTell(server.ownerUrl, now, log);
    await grantToApp(server.ownerUrl);
  } catch (error) {
    await server.stop();
    throw error;
  }
  const { url, ownerUrl } = server;
  const connection = bothWays(url, onError);
  const close = async () => {
    await connection.close();
    await server.stop();
  };
  return { ...connection, url, ownerUrl, embedded: true, close };
}

function bothWays(url: string, onError: (error: Error) => void): Connection & Pick<OpenDatabase, 'byIndex'> {
  const connection = connect(url, { onError });
  const byIndex = connect(url, { onError, byIndex: true, max: limits.byIndexConnectionsMax });
  const close = async () => {
    await byIndex.close();
    await connection.close();
  };
  return { ...connection, byIndex: byIndex.db, close };
}

async function migrateAndTell(ownerUrl: string, now: Date, log: Logger): Promise<void> {
  const { applied } = await migrate(ownerUrl, now).catch((cause) => {
    // insufficient_privilege
    if (cause.code !== '42501') throw cause;
    throw new AppError('unavailable', `The role of DATABASE_URL may not make the tables: ${cause.message}`, {
      help: 'Let it own the database, or grant it create on the database and on its schema public.',
      cause,
    });
  });
  for (const name of applied) log.info({ migration: name }, 'migration applied');
}

async function refuseOld(url: string): Promise<void> {
  const version = await serverVersion(url);
  const major = Math.floor(version / 10_000);
  if (major >= majorMin) return;
  throw new AppError('unavailable', `The PostgreSQL at DATABASE_URL is version ${major}.`, {
    help: `Use PostgreSQL ${majorMin} or newer, or unset DATABASE_URL for the one that Signalbox brings.`,
  });
}

/** `server_version_num`: 180004 is 18.4. */
async function serverVersion(url: string): Promise<number> {
  let client: pg.Client | null = null;
  try {
    client = new pg.Client({ connectionString: url, connectionTimeoutMillis: limits.connectMs });
    client.on('error', () => {});
    await client.connect();
    const { rows } = await client.query<{ version: string }>(
      `select current_setting('server_version_num') as version`,
    );
    return Number(rows[0]?.version);
  } catch (cause) {
    // The address itself may hold a password: it is not repeated.
    const reason = cause instanceof Error && cause.message !== '' ? cause.message : String(cause);
    throw new AppError('unavailable', `The PostgreSQL at DATABASE_URL cannot be reached: ${reason}`, {
      help: 'Check the address, the role and its password, and that the server is up.',
      cause,
    });
  } finally {
    await client?.end().catch(() => {});
  }
}
