import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { HandoffReport } from './handoff.ts';

const main = fileURLToPath(new URL('main.ts', import.meta.url));

test('the bench runs: each handoff has one effect, ours are proven, and the report is whole', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [main, 'handoff', '--smoke', '--json']);
  const report = JSON.parse(stdout) as HandoffReport;
  expect(report.ours.proven_per_s).toBeGreaterThan(0);
  expect(report.baseline.delivered_per_s).toBeGreaterThan(0);
  expect(report.baseline.proven_per_s).toBeNull();
  expect(report.ratio).toBeGreaterThan(0);
  expect(report.effects).toBe(report.expected);
  expect(report.expected).toBe(960);
}, 120_000);
