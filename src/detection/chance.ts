/** How likely something is by chance. All pure. */

/** The natural logarithm of the gamma function, by Lanczos; for x > 0. */
function logGamma(x: number): number {
  const [first = 0, ...others] = lanczos;
  const series = others.reduce((sum, coefficient, index) => sum + coefficient / (x + index), first);
  const t = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(series);
}

const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/**
 * The chance of at least `failed` among `of`, where it is usual that `usualFailed` of `usualOf` fail: the tail of a
 * beta-binomial, which knows how little a short past says.
 */
export function chanceOfAtLeast(
  failed: number,
  of: number,
  usual: { readonly failed: number; readonly of: number },
): number {
  const [a, b] = [usual.failed + 0.5, usual.of - usual.failed + 0.5];
  let chance = 0;
  for (let k = failed; k <= of; k += 1) {
    const ways = logGamma(of + 1) - logGamma(k + 1) - logGamma(of - k + 1);
    const term = Math.exp(ways + logBeta(k + a, of - k + b) - logBeta(a, b));
    chance += term;
    if (term < chance * 1e-12) break;
  }
  return Math.min(1, chance);
}

function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

/**
 * How many come together, where counts vary by `dispersion` times as much as chance alone makes them (variance over
 * mean; 1: they come one by one): the mean size of bursts whose sizes are themselves by chance (geometric).
 */
export function burstOf(dispersion: number): number {
  return (Math.max(1, dispersion) + 1) / 2;
}

/**
 * The chance that nothing comes where `expected` is expected: that no burst begins. `times`: how often what is expected
 * has been seen before; a mean of few is uncertain (the posterior of a Poisson rate).
 */
export function chanceOfNone(expected: number, dispersion: number, times: number): number {
  return (1 + 1 / times) ** ((-expected / burstOf(dispersion)) * times);
}
