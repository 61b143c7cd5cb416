import { stat } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';
import type { Logger } from 'pino';
import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import { findBinaries } from './binaries.ts';
import { initialise, refuseOtherMajor } from './initialise.ts';
import { keep, leave, turn } from './keeper.ts';
import { findPlace, type Place } from './place.ts';
import { findPostmaster, freePort, launch, logTail, stopPostmaster } from './postmaster.ts';
import { recordPort, type ServerRecord } from './record.ts';

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

const launchesMax = 3;

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
  let stopping = false;
  keeper.on('error', ({ message }) => {
    if (!stopping) log.error({ reason: message }, 'the embedded PostgreSQL broke off');
  });
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    if (await leave(keeper)) await stopPostmaster(place);
    await keeper.end().catch(() => {});
  };
  try {
    await setUp(keeper, record);
    await recordPort(place.dataFolder, record, port);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ownerUrl: urlOf('signalbox_owner', record.ownerPassword, port, 'signalbox'),
    url: urlOf('signalbox_app', record.appPassword, port, 'signalbox'),
    port,
    stop,
  };
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
  // It may have ended before anybody listens: then no event comes.
  const state = { ended: child.exitCode !== null || child.signalCode !== null };
  const end = () => {
    state.ended = true;
  };
  child.on('exit', end).on('error', end).unref();
  return state;
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
