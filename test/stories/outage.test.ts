import { expect, test } from 'vitest';
import { simulateOutage } from '../simulation/outage.ts';

/**
 * A target that is out costs nothing but time: all that was acknowledged arrives, once, not before its time, soon after the
 * return and without a storm. `node test/simulation/outage.ts --seconds 300 --rate 20` does it for longer.
 */
test('out for four seconds under load', { timeout: 120_000 }, async () => {
  const report = await simulateOutage({ seconds: 4, rate: 20, baseline: false });
  expect(report.findings).toEqual([]);
  expect(report.ours.waiting).toBeGreaterThan(20);
});
