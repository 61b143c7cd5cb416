import { useSyncExternalStore } from 'react';

/** Whether the server still knows who is at this page, by what it last answered. */

let out = false;
const watchers = new Set<() => void>();

export function heardSignedIn(now: boolean): void {
  if (out === !now) return;
  out = !now;
  for (const watcher of watchers) watcher();
}

export function isSignedOut(): boolean {
  return out;
}

export function onSignedIn(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export function useSignedOut(): boolean {
  return useSyncExternalStore(onSignedIn, isSignedOut);
}
