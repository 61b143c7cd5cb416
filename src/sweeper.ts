import { sql } from 'kysely';
import { limits } from './limits.ts';
import { earliest } from './platform/instant.ts';
import type { Shell } from './shell.ts';

/** One repeated scan for rows whose time has come. */
export interface Sweep {
  /** `exceptions`, `handoffs`: its row in the table `sweep`. */
  readonly name: string;
  /** Returns how many rows changed. Throws RowsFailed where it did its round but some rows could not be handled. */
  run(now: Date): Promise<number>;
}

/** A sweep did its round, and set some rows aside: told to people, and no reason to call the sweeper dead. */
export class RowsFailed extends Error {
  override readonly name = 'RowsFailed';

  constructor(rows: number) {
    super(`${rows} rows could not be handled; they are tried again later, and the log says why`);
  }
}

export interface Sweeper {
  /** When every sweep had last succeeded; null before. `/health/ready` fails when it lies too far back. */
  lastSuccess(): Date | null;
  /** All sweeps once, after the round under way. Never rejects: what fails is logged and recorded. */
  runOnce(): Promise<void>;
  /** No further round; resolves when the one under way has ended. */
  stop(): Promise<void>;
}

/**
 * Runs sweeps at once, then each `everyMs` (default limits.sweepEveryMs) after the round before, one after the other.
 * Nothing is remembered between rounds: what is due stands in the rows, so that any node finds it after any restart.
 */
export function startSweeper({
  shell,
  sweeps,
  everyMs = limits.sweepEveryMs,
}: {
  readonly shell: Shell;
  readonly sweeps: readonly Sweep[];
  readonly everyMs?: number;
}): Sweeper {
  const succeeded = new Map<string, Date>();
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let last: Promise<void> = Promise.resolve();

  async function round(): Promise<void> {
    for (const sweep of sweeps) {
      if (stopped) return;
      const at = await runSweep(shell, sweep);
      if (at !== null) succeeded.set(sweep.name, at);
    }
  }

  function runOnce(): Promise<void> {
    last = last.then(round);
    return last;
  }

  function schedule(delayMs: number): void {
    timer = setTimeout(async () => {
      await runOnce();
      if (!stopped) schedule(everyMs);
    }, delayMs).unref();
  }

  schedule(0);
  return {
    runOnce,
    lastSuccess: () =>
      sweeps.every(({ name }) => succeeded.has(name)) ? earliest(...succeeded.values()) : null,
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await last;
    },
  };
}

/** One sweep, recorded. When it succeeded; null: it did not. */
async function runSweep(shell: Shell, sweep: Sweep): Promise<Date | null> {
  const now = shell.clock.now();
  try {
    const trouble = await troubleOf(sweep, now);
    await record(shell, sweep.name, now, now, trouble);
    return now;
  } catch (error) {
    shell.log.error({ err: error, sweep: sweep.name }, 'sweep failed');
    await record(shell, sweep.name, now, null, String(error)).catch((unrecorded: unknown) => {
      shell.log.error({ err: unrecorded, sweep: sweep.name }, 'failed sweep could not be recorded');
    });
    return null;
  }
}

async function troubleOf(sweep: Sweep, now: Date): Promise<string | null> {
  try {
    await sweep.run(now);
    return null;
  } catch (error) {
    if (error instanceof RowsFailed) return error.message;
    throw error;
  }
}

async function record(
  { db }: Shell,
  name: string,
  ranAt: Date,
  succeededAt: Date | null,
  error: string | null,
): Promise<void> {
  await db
    .insertInto('sweep')
    .values({ name, ran_at: ranAt, succeeded_at: succeededAt, error })
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet({
        ran_at: ranAt,
        succeeded_at: sql`coalesce(${succeededAt}::timestamptz, sweep.succeeded_at)`,
        error,
      }),
    )
    .execute();
}
