import { parseDuration } from '../duration.ts';

/** A deadline as a case writes it: how long after its clock, or the instant itself. */
export type Moment = { readonly ms: number } | { readonly at: Date };

/** Reads `15m` or `2026-03-02T09:15:00Z`; null where it is neither. */
export function parseMoment(text: string): Moment | null {
  const duration = parseDuration(text);
  if ('ms' in duration) return duration;
  if (text === '0s') return { ms: 0 };
  // Without its zone it would be another moment on each machine.
  const at = /^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:\d\d)$/.test(text) ? new Date(text) : null;
  return at === null || Number.isNaN(at.getTime()) ? null : { at };
}
