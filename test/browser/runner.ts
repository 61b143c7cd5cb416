import { inject, type RunnerTestFile, type RunnerTestSuite, TestRunner } from 'vitest';

/** Runs the browser tests; where there is no browser (`setup.ts` says why) none of them begins, and each is told as skipped. */
export default class BrowserTestRunner extends TestRunner {
  onBeforeRunFiles(files: readonly RunnerTestFile[]): void {
    const provided = inject('browser');
    if ('missing' in provided) for (const file of files) skip(file);
  }
}

function skip(suite: RunnerTestSuite): void {
  // What opens the browser for all of them; without it a skipped test is all that is left.
  TestRunner.getSuiteHooks(suite).beforeAll.length = 0;
  TestRunner.getSuiteHooks(suite).afterAll.length = 0;
  for (const task of suite.tasks) {
    if (task.type === 'suite') skip(task);
    else {
      task.mode = 'skip';
      task.result = { state: 'skip' };
    }
  }
}
