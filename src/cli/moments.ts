import { parseDuration } from '../workflow/duration.ts';

/** Times and lengths of time as people read them. Pure; times are ISO 8601 texts as the API has them. */

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** The two largest units: `2d 4h`, `45s`; less than a second is `0.2s`. */
export function span(ms: number): string {
  if (ms < 1_000) return `${(Math.max(0, ms) / 1_000).toFixed(ms < 100 ? 2 : 1)}s`;
  const parts: string[] = [];
  let rest = ms;
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count}${unit}`);
    if (parts.length === 2 || (parts.length === 1 && count === 0)) break;
  }
  return parts.join(' ');
}

/** `in 14m`, or `3m overdue`; `-` without a time. */
export function due(time: string | null, now: Date): string {
  if (time === null) return '-';
  const ms = Date.parse(time) - now.getTime();
  return ms >= 0 ? `in ${span(ms)}` : `${span(-ms)} overdue`;
}

/** `2026-11-23 06:22:02` (UTC). */
export function dayAndTime(time: string): string {
  return `${time.slice(0, 10)} ${time.slice(11, 19)}`;
}

/** `06:22:02.123` (UTC). */
export function timeOfDay(time: string): string {
  return time.slice(11, 23);
}

/** So long before now (`30d`), a day, or a time, which without a zone is of UTC; null: it is none of them. */
export function timeFrom(text: string, now: Date): string | null {
  const duration = parseDuration(text);
  if ('ms' in duration) return new Date(now.getTime() - duration.ms).toISOString();
  const [, day = '', time = '', zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)(?:[T ]([\d:.]+)(Z|[+-]\d\d:\d\d)?)?$/.exec(text) ?? [];
  const at = new Date(time === '' ? day : `${day}T${time}${zone}`);
  return Number.isNaN(at.getTime()) ? null : at.toISOString();
}
