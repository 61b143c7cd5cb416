import { useSyncExternalStore } from 'react';

/** The time as the server has it, so that a countdown is right on a machine whose clock is not. */

let offsetMs = 0;
let second = Math.floor(Date.now() / 1000);
const watchers = new Set<() => void>();

/** Notes the `date` of an answer; `askedAt` is when it was asked for, by this machine's clock. */
export function heard(date: string | null, askedAt: number): void {
  const theirs = date === null ? Number.NaN : Date.parse(date);
  if (Number.isNaN(theirs)) return;
  // The header has whole seconds; half of one and half of the way are the best guess.
  const here = (askedAt + Date.now()) / 2;
  const apart = theirs + 500 - here;
  offsetMs = Math.abs(apart) < 2_000 ? 0 : apart;
}

/** Now, in ms; the component is drawn again every second, together with all others. */
export function useNow(): number {
  useSyncExternalStore(watch, () => second);
  return now();
}

function now(): number {
  return Date.now() + offsetMs;
}

let timer: ReturnType<typeof setInterval> | undefined;

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  timer ??= setInterval(() => {
    second = Math.floor(now() / 1000);
    for (const each of watchers) each();
  }, 1_000);
  return () => {
    watchers.delete(watcher);
    if (watchers.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}
