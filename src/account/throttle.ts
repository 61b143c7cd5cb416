import { type Bucket, draw, perMinute } from '../intake/rate-limit.ts';
import { limits } from '../limits.ts';

/**
 * How long a failed sign-in keeps the next one waiting. It counts by name and address together, and by address alone:
 * whoever guesses waits, and nobody can keep a person out from another address; from the same one, for seconds only. Bounded: the longest unused is forgotten.
 *
 *   none ──failure──▶ counted ──more than are free──▶ waiting (doubling) ──success──▶ none
 *                        └──────── signInWaitMaxMs without a failure ────────▶ none
 */
export interface Throttle {
  /** Milliseconds until this may be tried; 0: now. */
  wait(name: string, address: string, now: Date): number;
  failed(name: string, address: string, now: Date): void;
  /** Takes back the failure that was counted before it was known. */
  succeeded(name: string, address: string): void;
  /** Seconds until a sign-in may be begun from here that asks for no name; 0: it is begun, and counts. */
  begin(address: string, now: Date): number;
}

interface Failures {
  readonly count: number;
  readonly at: number;
}

export function createThrottle(): Throttle {
  const failures = new Map<string, Failures>();
  const begun = new Map<string, Bucket>();
  const countAt = (key: string, now: Date): Failures | null => {
    const found = failures.get(key);
    if (found === undefined || now.getTime() - found.at > forgottenAfterMs) return null;
    return found;
  };
  const left = (key: string, free: number, mostMs: number, now: Date) => {
    const found = countAt(key, now);
    if (found === null) return 0;
    const all = Math.min(mostMs, waitMs(found.count, free));
    // A clock that was set back makes nobody wait longer than who has just failed.
    return Math.min(all, Math.max(0, found.at + all - now.getTime()));
  };
  const add = (key: string, now: Date) => {
    const count = (countAt(key, now)?.count ?? 0) + 1;
    keepNewest(failures, key, { count, at: now.getTime() });
  };
  return {
    wait: (name, address, now) =>
      Math.max(
        left(pair(name, address), limits.signInFailuresFree, limits.signInWaitMaxMs, now),
        left(network(address), limits.signInAddressFailuresFree, limits.signInAddressWaitMaxMs, now),
      ),
    failed(name, address, now) {
      add(pair(name, address), now);
      add(network(address), now);
    },
    succeeded(name, address) {
      failures.delete(pair(name, address));
      const all = failures.get(network(address));
      if (all !== undefined) failures.set(network(address), { ...all, count: all.count - 1 });
    },
    begin(address, now) {
      const from = network(address);
      const { allowed, waitSeconds, bucket } = draw(begun.get(from) ?? null, beginLimit, now);
      keepNewest(begun, from, bucket);
      return allowed ? 0 : waitSeconds;
    },
  };
}

const beginLimit = perMinute(limits.signInBegunPerMinute);

/** Sets it last, so that the map's order is that of their last use, and forgets the first where there are too many. */
function keepNewest<T>(all: Map<string, T>, key: string, value: T): void {
  all.delete(key);
  all.set(key, value);
  const oldest = all.keys().next().value;
  if (all.size > limits.signInFailuresKept && oldest !== undefined) all.delete(oldest);
}

/** After the longest wait and as much again without a failure nothing is left of them. */
const forgottenAfterMs = 2 * limits.signInWaitMaxMs;

function waitMs(count: number, free: number): number {
  if (count < free) return 0;
  return Math.min(limits.signInWaitMaxMs, limits.signInWaitFirstMs * 2 ** Math.min(30, count - free));
}

function pair(name: string, address: string): string {
  return `${name.trim().toLowerCase().slice(0, 320)}\0${network(address)}`;
}

/** Who has an IPv6 address has 2^64 of them: they count as one. */
function network(address: string): string {
  if (!address.includes(':') || address.toLowerCase().startsWith('::ffff:')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head.split(':');
  const rest = tail === undefined ? [] : tail.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - rest.length;
  return [...groups, ...new Array<string>(Math.max(0, missing)).fill('0'), ...rest].slice(0, 4).join(':');
}
