import { limits } from '../../limits.ts';
import type { Seen } from './circuit.ts';

/** The latest results of one destination as one node has seen them. */
export interface Window {
  /** Oldest first. */
  readonly results: readonly { readonly at: Date; readonly failed: boolean }[];
  /** Handoffs that failed since one came through. */
  readonly failing: ReadonlySet<string>;
}

const nothing: ReadonlySet<string> = new Set();

export const emptyWindow: Window = { results: [], failing: nothing };

/** Adds a result. Pure. A handoff that fails again and again counts once: alone it proves nothing of its destination. */
export function withResult(window: Window, handoff: string, failed: boolean, now: Date): Window {
  const from = now.getTime() - limits.circuitWindowMs;
  const { results } = window;
  let oldest = Math.max(0, results.length - limits.circuitResultsKept + 1);
  while ((results[oldest]?.at.getTime() ?? now.getTime()) <= from) oldest += 1;
  const recent = results.slice(oldest);
  recent.push({ at: now, failed });
  const isKept = failed && window.failing.size < limits.circuitResultsKept;
  return {
    results: recent,
    failing: failed ? (isKept ? new Set([...window.failing, handoff]) : window.failing) : nothing,
  };
}

/** Pure. */
export function seenIn({ results, failing }: Window): Seen {
  const failures = results.filter(({ failed }) => failed).length;
  return { failedInRow: failing.size, results: results.length, failures };
}
