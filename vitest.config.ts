import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const shared = {
  testTimeout: 30_000,
  hookTimeout: 60_000,
  maxWorkers: 2,
  // Tests start some hundred processes of ours: what one has compiled, the next ones need not.
  env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/compiled', import.meta.url)) },
};

export default defineConfig({
  test: {
    ...shared,
    globalSetup: 'test/support/postgres-setup.ts',
    projects: [
      {
        // Pure functions and their tables: they leave nothing behind, so that they may share what they import.
        test: { ...shared, name: 'pure', include: ['src/**/*.test.ts'], isolate: false },
      },
      {
        test: {
          ...shared,
          name: 'whole',
          include: ['test/**/*.test.ts', 'examples/**/*.test.ts', 'bench/**/*.test.ts'],
          exclude: ['test/browser/**'],
          globalSetup: 'test/support/program-setup.ts',
          // Every file has its own databases, folders and ports; what they import is evaluated once for each worker.
          isolate: false,
        },
      },
      {
        test: {
          ...shared,
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: ['test/support/console-setup.ts', 'test/browser/setup.ts'],
          runner: 'test/browser/runner.ts',
          // One browser for all files, and what they import once.
          isolate: false,
          // A browser, a server and a test want two cores: after all others, one file at a time.
          sequence: { groupOrder: 1 },
          maxWorkers: 1,
          testTimeout: 60_000,
          // A busy machine is no reason to fail; what is there at once is not waited for.
          expect: { poll: { timeout: 15_000 } },
        },
      },
    ],
  },
});
