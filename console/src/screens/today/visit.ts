/** When somebody looked at this page: since when what they see is new to them. Pure. */
export interface Visit {
  /** What has come since then is new. */
  readonly since: number;
  /** When the page was last before their eyes. */
  readonly seen: number;
}

/** Who is away for less has not left: a walk to another screen makes nothing old. */
const absenceMs = 30 * 60_000;
const dayMs = 86_400_000;

/** The visit that an opening of the page belongs to; without one before, the last day is new. */
export function visitAt(before: Visit | null, now: number): Visit {
  if (before === null || before.seen > now) return { since: now - dayMs, seen: now };
  return { since: now - before.seen > absenceMs ? before.seen : before.since, seen: now };
}

export function visitOf(text: string | null): Visit | null {
  try {
    const { since, seen } = JSON.parse(text ?? '') as Visit;
    return Number.isFinite(since) && Number.isFinite(seen) && since <= seen ? { since, seen } : null;
  } catch {
    return null;
  }
}
