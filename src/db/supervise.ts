import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';
import type { Logger } from 'pino';
import { limits } from '../limits.ts';

export interface Supervisor {
  /** No further restarts. The connection that keeps the server; null: it is gone, or was just being started again. */
  stop(): Promise<pg.Client | null>;
}

/**
 * Keeps an embedded server running: when the connection that keeps it breaks, `restart` is called until it gives another,
 * at most every limits.serverRestartMaxMs, for as long as it takes: a full disk may be emptied. Each failure is logged.
 */
export function supervise(
  keeper: pg.Client,
  restart: (signal: AbortSignal) => Promise<pg.Client>,
  log: Logger,
): Supervisor {
  const stopping = new AbortController();
  let current: pg.Client | null = keeper;
  let mending: Promise<void> = Promise.resolve();

  function watch(client: pg.Client): void {
    client.once('end', () => {
      current = null;
      if (!stopping.signal.aborted) mending = mend();
    });
  }

  async function mend(): Promise<void> {
    log.error('the embedded PostgreSQL broke off: it is started again where it is gone');
    let delayMs: number = limits.serverRestartFirstMs;
    while (!stopping.signal.aborted) {
      try {
        current = await restart(stopping.signal);
        watch(current);
        log.warn('the embedded PostgreSQL is back');
        return;
      } catch (err) {
        if (stopping.signal.aborted) return;
        log.error({ err, againMs: delayMs }, 'the embedded PostgreSQL could not be started again');
      }
      await wait(delayMs, undefined, { signal: stopping.signal }).catch(() => {});
      delayMs = Math.min(delayMs * 2, limits.serverRestartMaxMs);
    }
  }

  watch(keeper);
  return {
    async stop() {
      stopping.abort();
      await mending;
      return current;
    },
  };
}
