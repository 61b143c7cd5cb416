import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { PlanBenchReport } from './plan.ts';

const main = fileURLToPath(new URL('main.ts', import.meta.url));

/** How fast it is, so few tickets cannot say; that every one is decided again, they can. */
test('the bench of plan runs, and counts every ticket', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    main,
    'plan',
    '--tickets',
    '600',
    '--json',
  ]);
  const { small, large } = JSON.parse(stdout) as PlanBenchReport;
  expect(large.tickets).toBe(600);
  expect(small.tickets).toBeGreaterThanOrEqual(59);
  expect(small.tickets).toBeLessThanOrEqual(60);
  expect(large.changed).toBeGreaterThan(small.changed);
  expect(large.changed).toBeLessThan(600);
}, 120_000);
