import { expect, test } from 'vitest';
import { reconcileDay, simulatedNodes } from '../simulation/reconcile.ts';

/**
 * A webhook that never came is found in the source's own list, and taken. `node test/simulation/reconcile.ts` has a
 * whole day of them.
 */
test('four hours of leads, some dropped, late, twice or changed: every one has one ticket, in time, and none is a false alarm', async () => {
  const nodes = await simulatedNodes();
  try {
    const report = await reconcileDay({ leads: 400, hours: 4, seed: 7, nodes });
    expect(report.findings).toEqual([]);
    expect(report).toMatchObject({ leads: 400, tickets: 400, falseAlarms: 0, toldOpen: 0 });
    expect(report.dropped).toBeGreaterThan(2);
    expect(report.found).toBe(report.dropped);
    expect(report.changesTaken).toBe(report.silentChanges);
    expect(report.foundWithinMinutes).toBeLessThanOrEqual(report.promisedMinutes);
  } finally {
    await nodes.close();
  }
}, 60_000);
