import { expect, test } from 'vitest';
import { simulateKills } from '../simulation/kill.ts';

/**
 * Promises 1 and 6: a 2xx means committed, and one trigger has one effect; kill -9 of the server, of PostgreSQL, or of
 * both at any moment changes neither. `node test/simulation/kill.ts --rounds 20` does it for longer.
 */
test('kills during a load: nothing acknowledged is lost, every handoff arrives once, the record is whole', {
  timeout: 120_000,
}, async () => {
  const report = await simulateKills({ rounds: 3, seed: 7 });
  expect(report.findings).toEqual([]);
  expect(report.rounds.map(({ victim }) => victim)).toContain('postgres SIGKILL');
  expect(report.settledMs, 'what a killed node held is soon taken up').toBeLessThan(12_000);
});
