/** A point in time. Deciders get it as an argument; only shells ask a clock. */
export type Instant = Date;

/** Where shells get the time; tests pass one that they move by hand. */
export interface Clock {
  now(): Instant;
}

export const systemClock: Clock = { now: () => new Date() };
