/** Adds milliseconds to an instant. Pure. */
export function plusMs(instant: Date, ms: number): Date {
  return new Date(instant.getTime() + ms);
}

/** The earliest of some instants; null where there is none. */
export function earliest(...instants: (Date | null)[]): Date | null {
  let first: Date | null = null;
  for (const instant of instants) {
    if (instant !== null && (first === null || instant < first)) first = instant;
  }
  return first;
}
