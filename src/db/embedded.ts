import { stat } from 'node:fs/promises';
import type pg from 'pg';
import type { Logger } from 'pino';
import { findBinaries } from './binaries.ts';
import { initialise, refuseOtherMajor } from './initialise.ts';
import { leave, turn } from './keeper.ts';
import { findPlace } from './place.ts';
import { freePort, stopPostmaster } from './postmaster.ts';
import { reach } from './reach.ts';
import { recordPort, type ServerRecord } from './record.ts';
import { supervise } from './supervise.ts';

/** A PostgreSQL server in the project's data folder, running. */
export interface Embedded {
  /** As the role that owns everything: for migrations, never for the program's own work. */
  readonly ownerUrl: string;
  /** As the role that the program works with. */
  readonly url: string;
  readonly port: number;
  /** Stops the server and its supervision, unless another process of this project still uses it: the last one out does. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  /** The project's `.signalbox`. */
  readonly dataFolder: string;
  readonly log: Logger;
  /** More arguments for `postgres`, after ours: `['-c', 'fsync=off']`. For tests. */
  readonly flags?: readonly string[];
}

/**
 * Starts the project's own PostgreSQL server, or finds the one that runs: another process's, or an orphan whose
 * parent was killed. Makes the data, the roles and the database the first time; starts the server again when it dies.
 * Throws AppError: `no_database_binary`, `unavailable` (with the end of the server's log).
 */
export async function startEmbedded({ dataFolder, log, flags = [] }: EmbeddedOptions): Promise<Embedded> {
  const { place, record, made } = await findPlace(dataFolder, await findBinaries());
  if ((await stat(place.data).catch(() => null)) === null) {
    if (!made) log.warn({ data: place.data }, 'the database was gone: a new, empty one is made');
    await initialise(place, record);
  }
  await refuseOtherMajor(place);
  const reached = {
    place,
    log,
    flags,
    url: (at: number) => urlOf('signalbox_owner', record.ownerPassword, at, 'postgres'),
  };
  const { keeper, port } = await reach({
    ...reached,
    // The port may have been taken since it was looked at: the next launch asks for another.
    portFor: (launch) => freePort(launch === 0 ? record.port : null),
  });
  // Its address is known by now, so it comes back at the same port or not at all.
  const restart = async (signal: AbortSignal) =>
    (await reach({ ...reached, portFor: async () => port, signal })).keeper;
  const supervisor = supervise(keeper, restart, log);
  let stopping: Promise<void> | null = null;
  const end = async () => {
    const current = await supervisor.stop();
    if (current !== null && (await leave(current))) await stopPostmaster(place);
    await current?.end().catch(() => {});
  };
  const stop = () => {
    stopping ??= end();
    return stopping;
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
