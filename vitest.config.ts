import { defineConfig } from 'vitest/config';

const shared = { testTimeout: 30_000, hookTimeout: 60_000, maxWorkers: 2 };

export default defineConfig({
  test: {
    ...shared,
    globalSetup: 'test/support/postgres-setup.ts',
    projects: [
      {
        test: {
          ...shared,
          name: 'whole',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'examples/**/*.test.ts', 'bench/**/*.test.ts'],
          exclude: ['test/browser/**'],
        },
      },
      {
        test: {
          ...shared,
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: ['test/support/console-setup.ts', 'test/browser/setup.ts'],
          runner: 'test/browser/runner.ts',
          // A browser, a server and a test want two cores: after all others, one file at a time.
          sequence: { groupOrder: 1 },
          maxWorkers: 1,
          testTimeout: 60_000,
        },
      },
    ],
  },
});
