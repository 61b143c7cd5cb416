import { useSyncExternalStore } from 'react';

/*
 *                 open                    error
 *   connecting ─────────▶ live ─────────────────▶ connecting   (again after 1, 2, 4, … 15 s)
 *
 *   Whatever was missed in between is not told again: on every `live` the screens ask anew for what they show.
 */

export type Connection = 'connecting' | 'live';

/** What the server says has changed; null: anything may have. */
export type Change = { readonly ticketId: string } | null;

type Listener = (change: Change) => void;

const listeners = new Set<Listener>();
const watchers = new Set<() => void>();
let connection: Connection = 'connecting';
let source: EventSource | null = null;
let failures = 0;
let waiting: number | undefined;

const retryMaxMs = 15_000;

/** Listens to the server until `disconnect`. */
export function connect(): void {
  if (source !== null) return;
  clearTimeout(waiting);
  const opened = new EventSource('/api/stream');
  source = opened;
  opened.onopen = () => {
    failures = 0;
    become('live');
    tell(null);
  };
  opened.onerror = () => {
    opened.close();
    source = null;
    become('connecting');
    failures += 1;
    waiting = window.setTimeout(connect, Math.min(1_000 * 2 ** (failures - 1), retryMaxMs));
  };
  opened.onmessage = ({ data }) => tell(changeOf(data));
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
  try {
    const { ticket_id: ticketId } = JSON.parse(data) as { ticket_id?: unknown };
    return typeof ticketId === 'string' ? { ticketId } : null;
  } catch {
    return null;
  }
}
