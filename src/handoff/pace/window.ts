import { limits } from '../../limits.ts';
import type { Seen } from './circuit.ts';

/** The latest results of one destination as one node has seen them. */
export interface Window {
  /** Oldest first. */
  readonly results: readonly { readonly at: Date; readonly failed: boolean }[];
  /** Handoffs that failed since one came through. */
  readonly failing: ReadonlySet<string>;
  /** Since then, how often the destination was out: what was sent has nothing to do with it. */
  readonly outs: number;
}

/** `out`: it could not be reached, or a gateway of its own says that nobody is there. */
export type Result = 'came_through' | 'failed' | 'out';

const nothing: ReadonlySet<string> = new Set();

export const emptyWindow: Window = { results: [], failing: nothing, outs: 0 };

/**
 * Adds a result. Pure. A handoff that fails again and again counts once: alone it proves nothing of its destination, unless that
 * was out each time.
 */
export function withResult(window: Window, handoff: string, result: Result, now: Date): Window {
  const from = now.getTime() - limits.circuitWindowMs;
  const { results } = window;
  let oldest = Math.max(0, results.length - limits.circuitResultsKept + 1);
  while ((results[oldest]?.at.getTime() ?? now.getTime()) <= from) oldest += 1;
  const failed = result !== 'came_through';
  const recent = results.slice(oldest);
  recent.push({ at: now, failed });
  if (!failed) return { results: recent, failing: nothing, outs: 0 };
  const isKept = window.failing.size < limits.circuitResultsKept;
  return {
    results: recent,
    failing: isKept ? new Set([...window.failing, handoff]) : window.failing,
    outs: window.outs + (result === 'out' ? 1 : 0),
  };
}

/** Pure. */
export function seenIn({ results, failing, outs }: Window): Seen {
  const failures = results.filter(({ failed }) => failed).length;
  return { failedInRow: Math.max(failing.size, outs), results: results.length, failures };
}
