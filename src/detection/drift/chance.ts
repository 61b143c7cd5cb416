/**
 * How likely it is by chance alone that, of `seen` among all, so few fall into the recent ones: Fisher's exact test,
 * one-sided, on payloads that are independent and of one rate before and now. 0 to 1.
 */
export function chanceOfSoFew(before: Count, now: Count): number {
  const seen = before.seen + now.seen;
  const all = before.of + now.of;
  let chance = 0;
  for (let few = Math.max(0, seen - before.of); few <= now.seen; few += 1) {
    chance += Math.exp(choices(now.of, few) + choices(before.of, seen - few) - choices(all, seen));
  }
  return Math.min(1, chance);
}

/** As chanceOfSoFew, of so many. */
export function chanceOfSoMany(before: Count, now: Count): number {
  return chanceOfSoFew(rest(before), rest(now));
}

/** Payloads in which something was seen, of those in which it could have been. */
export interface Count {
  readonly seen: number;
  readonly of: number;
}

function rest({ seen, of }: Count): Count {
  return { seen: of - seen, of };
}

/** The logarithm of "of choose seen". */
function choices(of: number, seen: number): number {
  return logFactorial(of) - logFactorial(seen) - logFactorial(of - seen);
}

/** Stirling's series from 16 on: exact to ten digits. */
function logFactorial(n: number): number {
  if (n < 16) {
    let product = 1;
    for (let factor = 2; factor <= n; factor += 1) product *= factor;
    return Math.log(product);
  }
  return n * Math.log(n) - n + Math.log(2 * Math.PI * n) / 2 + 1 / (12 * n) - 1 / (360 * n ** 3);
}
