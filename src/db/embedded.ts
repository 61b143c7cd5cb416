import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import type { Logger } from 'pino';
import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import { findBinaries, programOf } from './binaries.ts';
import { findPlace, type Place } from './place.ts';
import { asUser, findPostmaster, freePort, launch, logTail, stopPostmaster } from './postmaster.ts';
import { type ServerRecord, recordPort } from './record.ts';

/** A PostgreSQL server in the project's data folder, running. */
export interface Embedded {
  /** As the role that owns everything: for migrations, never for the program's own work. */
  readonly ownerUrl: string;
  /** As the role that the program works with. */
  readonly url: string;
  readonly port: number;
  /** Stops the server, unless another process of this project still uses it: the last one out does. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  /** The project's `.signalbox`. */
  readonly dataFolder: string;
  readonly log: Logger;
  /** More arguments for `postgres`, after ours: `['-c', 'fsync=off']`. For tests. */
  readonly flags?: readonly string[];
}

/** Everyone who uses the server holds this advisory lock, shared, on one connection for as long as they live. */
const inUse = 7_446_744_074;
/** Setting up and leaving are done one at a time. */
const turn = 7_446_744_075;

const launchesMax = 3;
const run = promisify(execFile);

/**
 * Starts the project's own PostgreSQL server, or finds the one that runs: another process's, or an orphan whose
 * parent was killed. Makes the data, the roles and the database the first time.
 * Throws AppError: `no_database_binary`, `unavailable` (with the end of the server's log).
 */
export async function startEmbedded({ dataFolder, log, flags = [] }: EmbeddedOptions): Promise<Embedded> {
  const { place, record, made } = await findPlace(dataFolder, await findBinaries());
  if ((await stat(place.data).catch(() => null)) === null) {
    if (!made) log.warn({ data: place.data }, 'the database was gone: a new, empty one is made');
    await initialise(place, record);
  }
  await refuseOtherMajor(place);
  const { keeper, port } = await reach(place, record, flags, log);
  await setUp(keeper, record);
  await recordPort(place.dataFolder, record, port);
  let stopping = false;
  keeper.on('error', (err) => {
    if (!stopping) log.error({ err }, 'the embedded PostgreSQL broke off');
  });
  return {
    ownerUrl: urlOf('signalbox_owner', record.ownerPassword, port, 'signalbox'),
    url: urlOf('signalbox_app', record.appPassword, port, 'signalbox'),
    port,
    stop: async () => {
      if (stopping) return;
      stopping = true;
      if (await leave(keeper)) await stopPostmaster(place);
      await keeper.end().catch(() => {});
    },
  };
}

/** Makes the server's data beside its final place and moves it there whole: a kill half-way leaves nothing that looks finished. */
async function initialise(place: Place, record: ServerRecord): Promise<void> {
  const draft = `${place.data}.${randomBytes(4).toString('hex')}`;
  const passwordFile = `${draft}.password`;
  await mkdir(draft, { recursive: true, mode: 0o700 });
  await writeFile(passwordFile, `${record.ownerPassword}\n`, { mode: 0o600, flag: 'wx' });
  if (place.user !== null) {
    for (const path of [draft, passwordFile]) await chown(path, place.user.uid, place.user.gid);
  }
  try {
    // Text sorts by code point, whatever the machine's language: the same everywhere and for ever.
    await run(
      programOf(place.binaries, 'initdb'),
      [
        `--pgdata=${draft}`,
        '--username=signalbox_owner',
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
      ],
      asUser(place),
    );
    await rename(draft, place.data);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // Another process was first, with the same passwords.
    if ((await stat(place.data).catch(() => null)) === null) throw initFailure(place, error);
  } finally {
    await rm(passwordFile, { force: true });
  }
}

function initFailure(place: Place, cause: unknown): AppError {
  const { code, stderr } = cause as { code?: unknown; stderr?: string };
  // The file is there but its loader is not (musl), or a library is missing.
  if (code === 'ENOENT' || code === 'ENOEXEC' || code === 127) {
    const message = `The PostgreSQL server in ${place.binaries.folder} does not run on this system.`;
    return new AppError('no_database_binary', `${message} ${stderr ?? ''}`.trim(), {
      help: 'Set DATABASE_URL to a PostgreSQL 15 or newer.',
      cause,
    });
  }
  return new AppError('unavailable', `The database could not be made in ${place.data}: ${stderr ?? cause}`, {
    help: 'Give it a folder it can write, or set DATABASE_URL to a PostgreSQL 15 or newer.',
    cause,
  });
}

async function refuseOtherMajor(place: Place): Promise<void> {
  const written = (await readFile(join(place.data, 'PG_VERSION'), 'utf8')).trim();
  const [major] = place.binaries.version.split('.');
  if (written === major) return;
  throw new AppError(
    'unavailable',
    `The data in ${place.data} is of PostgreSQL ${written}, and this Signalbox brings ${major}.`,
    { help: 'Dump it with the Signalbox that wrote it and restore it here, or set DATABASE_URL.' },
  );
}

/** Connects to the server, starting it where none runs. The connection returned keeps it: see `leave`. */
async function reach(place: Place, record: ServerRecord, flags: readonly string[], log: Logger) {
  const giveUpAt = performance.now() + limits.serverStartMs;
  let launches = 0;
  let launched: { ended: boolean } | null = null;
  while (performance.now() < giveUpAt) {
    const found = await findPostmaster(place.data);
    if (found?.ready) {
      const keeper = await keep(urlOf('signalbox_owner', record.ownerPassword, found.port, 'postgres'));
      if (keeper !== null) return { keeper, port: found.port };
    } else if (found === null && (launched === null || launched.ended)) {
      if (launches === launchesMax) break;
      // The port may have been taken since it was looked at: the next launch asks for another.
      const port = await freePort(launches === 0 ? record.port : null);
      launches += 1;
      launched = watch(await launch(place, port, flags));
      log.debug({ data: place.data, port }, 'starting the embedded PostgreSQL');
    }
    await wait(20);
  }
  throw new AppError(
    'unavailable',
    `The database in ${place.data} does not start. Its log ends:\n${await logTail(place)}`,
    { help: 'Remove what the log complains of, or set DATABASE_URL to a PostgreSQL 15 or newer.' },
  );
}

function watch(child: Awaited<ReturnType<typeof launch>>): { ended: boolean } {
  const state = { ended: false };
  const end = () => {
    state.ended = true;
  };
  child.on('exit', end).on('error', end).unref();
  return state;
}

/** A connection that holds the lock of those who use the server. Null: it is going down, look again. */
async function keep(url: string): Promise<pg.Client | null> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'signalbox keeper',
    connectionTimeoutMillis: limits.connectMs,
    keepAlive: true,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('select pg_advisory_lock_shared($1)', [inUse]);
    return client;
  } catch (error) {
    await client.end().catch(() => {});
    const code = (error as { code?: string }).code ?? '';
    const wrong = code.startsWith('28');
    if (!wrong) return null;
    throw new AppError('unavailable', 'The embedded PostgreSQL does not take the password in postgres.json.', {
      help: 'Restore .signalbox/postgres.json as it was when the database was made.',
      cause: error,
    });
  }
}

/** True: nobody else uses the server, and nobody can come in any more. False: somebody does. */
async function leave(keeper: pg.Client): Promise<boolean> {
  try {
    await keeper.query('select pg_advisory_lock($1)', [turn]);
    const { rows } = await keeper.query('select pg_try_advisory_lock($1) as alone', [inUse]);
    if (rows[0]?.alone === true) return true;
    // In this order: whoever leaves after us must not take us for somebody who stays.
    await keeper.query('select pg_advisory_unlock_shared($1)', [inUse]);
    await keeper.query('select pg_advisory_unlock($1)', [turn]);
    return false;
  } catch {
    // The connection is gone, so most likely the server is; if not, the next start finds it.
    return true;
  }
}

async function setUp(keeper: pg.Client, record: ServerRecord): Promise<void> {
  await keeper.query('select pg_advisory_lock($1)', [turn]);
  const { rows } = await keeper.query(
    `select exists (select from pg_roles where rolname = 'signalbox_app') as role,
            exists (select from pg_database where datname = 'signalbox') as database`,
  );
  if (!rows[0]?.role) await keeper.query(`create role signalbox_app login password '${record.appPassword}'`);
  if (!rows[0]?.database) await keeper.query('create database signalbox');
  await keeper.query('select pg_advisory_unlock($1)', [turn]);
}

function urlOf(role: string, password: string, port: number, database: string): string {
  return `postgres://${role}:${password}@127.0.0.1:${port}/${database}`;
}
