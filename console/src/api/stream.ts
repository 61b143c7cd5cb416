import { useSyncExternalStore } from 'react';
import { heardSignedIn, isSignedOut, onSignedIn } from './signed-in.ts';

/*
 *                 ready                   error
 *   connecting ─────────▶ live ─────────────────▶ connecting   (again after 1, 2, 4, … 10 s)
 *
 *   Who is signed out is told nothing more: it goes on trying, so that it is live again once they have signed in, here or beside.
 *   Whatever was missed in between is not told again: on every `ready` the screens ask anew for what they show.
 */

export type Connection = 'connecting' | 'live';

/** The ids of tickets that have changed; null: anything may have. */
export type Change = ReadonlySet<string> | null;

type Listener = (change: Change) => void;

const listeners = new Set<Listener>();
const watchers = new Set<() => void>();
let connection: Connection = 'connecting';
let source: EventSource | null = null;
let failures = 0;
let waiting: number | undefined;

const retryMaxMs = 10_000;

/** Listens to the server until the returned function is called. `lost`: it broke off, whatever the reason. */
export function listen(lost: () => void): () => void {
  const connect = () => open(lost, again);
  const again = () => {
    source?.close();
    source = null;
    become('connecting');
    clearTimeout(waiting);
    waiting = window.setTimeout(connect, Math.min(1_000 * 2 ** failures, retryMaxMs));
    failures += 1;
  };
  // The one that is open is of the session that has ended.
  const stop = onSignedIn(() => isSignedOut() && source !== null && again());
  connect();
  return () => {
    stop();
    clearTimeout(waiting);
    source?.close();
    source = null;
    become('connecting');
  };
}

function open(lost: () => void, again: () => void): void {
  if (source !== null) return;
  clearTimeout(waiting);
  const opened = new EventSource('/api/stream');
  source = opened;
  const anew = () => {
    failures = 0;
    heardSignedIn(true);
    become('live');
    tell(null);
  };
  opened.addEventListener('ready', anew);
  opened.addEventListener('reload', anew);
  opened.addEventListener('change', ({ data }) => tell(changeOf(data)));
  opened.onerror = () => {
    again();
    lost();
  };
}

/** Calls `listener` with every change until the returned function is called. */
export function onChange(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useConnection(): Connection {
  return useSyncExternalStore(watch, () => connection);
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

function become(next: Connection): void {
  connection = next;
  for (const watcher of watchers) watcher();
}

function tell(change: Change): void {
  for (const listener of listeners) listener(change);
}

function changeOf(data: string): Change {
  const { changes } = JSON.parse(data) as {
    changes: readonly { readonly kind: string; readonly ticket?: string }[];
  };
  if (changes.some(({ kind }) => kind === 'everything')) return null;
  return new Set(changes.flatMap(({ ticket }) => ticket ?? []));
}
