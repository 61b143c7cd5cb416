import { limits } from '../../../limits.ts';
import type { Shell } from '../../../shell.ts';

/** Why something was not had, for the log. */
export class Unfetched extends Error {
  override readonly name = 'Unfetched';
}

/** `value` null: there is none. `problem`: why the last try to fetch it failed, or was not made; null: it did not. */
export interface Kept<T> {
  readonly value: T | null;
  readonly problem: string | null;
}

export interface Wanted<T> {
  /** What it is known by: all that its value depends on. */
  readonly name: string;
  /** Whether a value will do for who asks. */
  readonly fits: (value: T) => boolean;
  readonly isFresh: (value: T, ageMs: number) => boolean;
  readonly mayFetch: (now: Date) => boolean;
  /** Throws Unfetched. */
  readonly fetch: () => Promise<T>;
}

export interface Keeper<T> {
  take(shell: Pick<Shell, 'clock' | 'log'>, wanted: Wanted<T>): Promise<Kept<T>>;
}

interface Entry<T> {
  value: T | null;
  /** Of the value, and of the last try, in ms since the epoch. */
  fetchedAt: number;
  triedAt: number;
  problem: string | null;
  running: Promise<void> | null;
}

/** Fetches of all keepers that are under way on this node. */
let underWay = 0;

/**
 * Keeps what was fetched in this process, at most limits.fetchedKeysMax, those that were asked for last.
 *
 * A value that fits is given at once; one that is no longer fresh is fetched anew beside that, so that nobody waits for it.
 * Where none fits, whoever asks waits for one fetch that all share. Two fetches of one name are limits.keysGapMs apart at
 * least, whoever asks. While they fail, the last value counts until limits.keysKeptMs after it was fetched.
 */
export function createKeeper<T>(): Keeper<T> {
  const kept = new Map<string, Entry<T>>();

  const entryOf = (name: string): Entry<T> => {
    const known = kept.get(name);
    const entry = known ?? { value: null, fetchedAt: 0, triedAt: -Infinity, problem: null, running: null };
    // The last one asked for is the last one to go.
    kept.delete(name);
    if (kept.size >= limits.fetchedKeysMax) kept.delete(kept.keys().next().value ?? '');
    kept.set(name, entry);
    return entry;
  };

  return {
    async take(shell, wanted) {
      const entry = entryOf(wanted.name);
      const ageMs = shell.clock.now().getTime() - entry.fetchedAt;
      if (entry.value !== null && !wanted.isFresh(entry.value, ageMs) && ageMs > limits.keysKeptMs) {
        entry.value = null;
      }
      if (entry.value !== null && wanted.fits(entry.value)) {
        if (!wanted.isFresh(entry.value, ageMs)) void begin(shell, entry, wanted);
        return { value: entry.value, problem: null };
      }
      await begin(shell, entry, wanted);
      return { value: entry.value, problem: entry.problem };
    },
  };
}

/** Fetches, unless that is under way, or too soon, or too much. Never rejects. */
function begin<T>(
  { clock, log }: Pick<Shell, 'clock' | 'log'>,
  entry: Entry<T>,
  { mayFetch, fetch }: Wanted<T>,
): Promise<void> {
  if (entry.running !== null) return entry.running;
  const now = clock.now();
  if (now.getTime() - entry.triedAt < limits.keysGapMs) return Promise.resolve();
  if (underWay >= limits.keyFetchesInFlightMax || !mayFetch(now)) {
    entry.problem = 'too much is being fetched';
    return Promise.resolve();
  }
  underWay += 1;
  entry.triedAt = now.getTime();
  entry.running = fetch()
    .then(
      (value) => {
        entry.value = value;
        entry.fetchedAt = now.getTime();
        entry.problem = null;
      },
      (error: unknown) => {
        entry.problem = error instanceof Unfetched ? error.message : 'it could not be fetched';
        log.warn({ err: error }, 'keys of a source could not be fetched');
      },
    )
    .finally(() => {
      underWay -= 1;
      entry.running = null;
    });
  return entry.running;
}
