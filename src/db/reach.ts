import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';
import type { Logger } from 'pino';
import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import { keep } from './keeper.ts';
import type { Place } from './place.ts';
import { findPostmaster, type Launched, launch, logTail } from './postmaster.ts';

export interface Reached {
  /** The connection that keeps the server: see `leave`. */
  readonly keeper: pg.Client;
  readonly port: number;
}

export interface ReachOptions {
  readonly place: Place;
  readonly log: Logger;
  readonly flags: readonly string[];
  /** The address of a server on this port, as the owner, for the keeper. */
  url(port: number): string;
  /** The port for a launch, the first being 0. */
  portFor(launch: number): Promise<number>;
  readonly signal?: AbortSignal;
}

const launchesMax = 3;

/**
 * Connects to the server of a place, starting it where none runs.
 * Throws AppError `unavailable` with the end of the server's log where it does not start, and when `signal` is aborted.
 */
export async function reach(options: ReachOptions): Promise<Reached> {
  const { place, log, flags, signal } = options;
  const giveUpAt = performance.now() + limits.serverStartMs;
  let launches = 0;
  let launched: Launched | null = null;
  while (performance.now() < giveUpAt && signal?.aborted !== true) {
    const found = await findPostmaster(place.data);
    if (found?.ready) {
      const keeper = await keep(options.url(found.port));
      if (keeper !== null) return { keeper, port: found.port };
    } else if (found === null && (launched === null || launched.ended)) {
      if (launches === launchesMax) break;
      const port = await options.portFor(launches);
      launches += 1;
      launched = await launch(place, port, flags);
      log.debug({ data: place.data, port }, 'starting the embedded PostgreSQL');
    }
    await wait(20);
  }
  // What was started in vain would still come up when nobody waits for it any more. SIGINT is its fast shutdown.
  if (launched?.ended === false) launched.child.kill('SIGINT');
  throw new AppError(
    'unavailable',
    `The database in ${place.data} does not start. ${launched?.fault ?? `Its log ends:\n${await logTail(place)}`}`,
    { help: 'Remove what the log complains of, or set DATABASE_URL to a PostgreSQL 15 or newer.' },
  );
}
