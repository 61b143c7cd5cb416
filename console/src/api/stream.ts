import { useSyncExternalStore } from 'react';

/*
 *                 ready                   error
 *   connecting ─────────▶ live ─────────────────▶ connecting   (again after 1, 2, 4, … 10 s)
 *
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

/** Listens to the server until `disconnect`. */
export function connect(): void {
  if (source !== null) return;
  clearTimeout(waiting);
  const opened = new EventSource('/api/stream');
  source = opened;
  const anew = () => {
    failures = 0;
    become('live');
    tell(null);
  };
  opened.addEventListener('ready', anew);
  opened.addEventListener('reload', anew);
  opened.addEventListener('change', ({ data }) => tell(changeOf(data)));
  opened.onerror = () => {
    opened.close();
    source = null;
    become('connecting');
    failures += 1;
    waiting = window.setTimeout(connect, Math.min(1_000 * 2 ** (failures - 1), retryMaxMs));
  };
}

export function disconnect(): void {
  clearTimeout(waiting);
  source?.close();
  source = null;
  become('connecting');
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
