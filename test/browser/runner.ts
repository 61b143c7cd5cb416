import { inject, type RunnerTask, TestRunner } from 'vitest';

/** Runs the browser tests; where there is no browser (`setup.ts` says why) none of them begins, and each is told as skipped. */
export default class BrowserTestRunner extends TestRunner {
  onBeforeRunFiles(files: readonly RunnerTask[]): void {
    const provided = inject('browser');
    if ('missing' in provided) for (const file of files) file.mode = 'skip';
  }
}
