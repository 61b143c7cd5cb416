/** So many requests a destination takes in a time. Each node counts for itself. */
export interface DestinationRate {
  readonly requests: number;
  readonly perMs: number;
}

/** What may still be sent: whole and part requests, as of `at`. Below zero where more was sent than it allows. */
export interface Allowance {
  readonly left: number;
  readonly at: Date;
}

/** What is allowed at a moment. Pure. Saved up is at most what one second allows, and one request. */
export function allowedAt(allowance: Allowance | null, rate: DestinationRate, now: Date): Allowance {
  const most = Math.max(1, (rate.requests * 1_000) / rate.perMs);
  if (allowance === null) return { left: most, at: now };
  const passedMs = Math.max(0, now.getTime() - allowance.at.getTime());
  return { left: Math.min(most, allowance.left + (passedMs * rate.requests) / rate.perMs), at: now };
}

/** Until one more request may be sent, in ms; 0: now. Pure. */
export function waitMsFor({ left }: Allowance, rate: DestinationRate): number {
  return left >= 1 ? 0 : Math.ceil(((1 - left) * rate.perMs) / rate.requests);
}
