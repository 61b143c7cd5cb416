/** How senders write the time of a signature. */
export type TimeUnit = 's' | 'ms' | 'rfc3339';

export const unitText: Readonly<Record<TimeUnit, string>> = {
  s: 'Unix seconds',
  ms: 'Unix milliseconds',
  rfc3339: 'the form 2026-11-23T10:00:00Z (RFC 3339)',
};

const shapes: Readonly<Record<TimeUnit, RegExp>> = {
  s: /^[0-9]{1,10}$/,
  ms: /^[0-9]{1,13}$/,
  rfc3339: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/,
};

/** A time in Unix ms; null where the text is not written in this unit. */
export function instantOf(text: string, unit: TimeUnit): number | null {
  if (!shapes[unit].test(text)) return null;
  const instant = unit === 'rfc3339' ? Date.parse(text) : Number(text) * (unit === 's' ? 1000 : 1);
  return Number.isNaN(instant) ? null : instant;
}

export function timeText(at: Date, unit: TimeUnit): string {
  if (unit === 'rfc3339') return at.toISOString();
  return String(unit === 's' ? Math.floor(at.getTime() / 1000) : at.getTime());
}
