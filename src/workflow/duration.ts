import { limits } from '../limits.ts';

export type Duration = { readonly ms: number } | { readonly problem: string };

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Reads a duration of a workflow file: a whole number and one of ms, s, m, h, d (`500ms`, `15m`, `30d`). */
export function parseDuration(text: string): Duration {
  const [, digits = '', unit = ''] = /^([0-9]{1,12})(ms|s|m|h|d)$/.exec(text) ?? [];
  const ms = Number(digits) * (unitMs[unit] ?? 0);
  if (unit === '') return { problem: 'it is not a whole number with one of ms, s, m, h, d' };
  if (ms === 0) return { problem: 'it is no time at all' };
  if (ms > limits.durationMaxMs)
    return { problem: `it is longer than ${formatDuration(limits.durationMaxMs)}` };
  return { ms };
}

/** The shortest text that reads back as the same duration: 90000 is `90s`, 3600000 is `1h`. */
export function formatDuration(ms: number): string {
  for (const unit of ['d', 'h', 'm', 's']) {
    const size = unitMs[unit] ?? 1;
    if (ms >= size && ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${ms}ms`;
}
