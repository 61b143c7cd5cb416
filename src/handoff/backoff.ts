/** Equal jitter: half of the doubling delay is certain, the other half is drawn. At least 1 ms. Pure; `failures` from 1, `jitter` 0 to 1. */
export function backoffMs(
  failures: number,
  { firstMs, maxMs }: { readonly firstMs: number; readonly maxMs: number },
  jitter: number,
): number {
  const fullMs = Math.min(firstMs * 2 ** (failures - 1), maxMs);
  return Math.max(1, Math.round(fullMs / 2 + (fullMs / 2) * jitter));
}

/** `Retry-After` in seconds or as an HTTP date; at most `maxMs`, 0 where it says nothing. Pure. */
export function retryAfterMs(header: string | null, maxMs: number, now: Date): number {
  if (header === null) return 0;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now.getTime();
  return Number.isNaN(ms) ? 0 : Math.min(Math.max(ms, 0), maxMs);
}
