import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { IntakeReport } from './intake.ts';

const main = fileURLToPath(new URL('main.ts', import.meta.url));

/** How fast it is, a smoke run cannot say; that it measures, counts and reports, it can. */
test('the bench runs: all that was acknowledged is stored, and the report is whole', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    main,
    ...['intake', '--smoke', '--json', '--stored', '500'],
  ]);
  const report = JSON.parse(stdout) as IntakeReport;
  for (const contestant of [report.ours, report.baseline]) {
    for (const { accepted_per_s, p50_ms, p99_ms } of Object.values(contestant)) {
      expect(accepted_per_s).toBeGreaterThan(0);
      expect(p50_ms).toBeGreaterThan(0);
      expect(p99_ms).toBeGreaterThanOrEqual(p50_ms);
    }
  }
  expect(report.acknowledged).toBeGreaterThan(0);
  expect(report.stored).toBe(report.acknowledged);
  expect(report.baseline_stored).toBe(report.baseline_acknowledged);
  expect(report.prefilled).toBe(500);
  for (const figure of [report.ratio_10, report.ratio_100, report.row_limit_share, report.bytes_per_ticket]) {
    expect(figure).toBeGreaterThan(0);
  }
  expect(report.core_decisions_per_s).toBeGreaterThan(100);
  // Ticket, payload, identity, three entries, handoff; workflow versions and the like are few.
  expect(report.rows_per_ticket).toBeGreaterThanOrEqual(7);
}, 120_000);
