import type { Browser, BrowserContext, Page } from 'playwright-core';
import { expect, inject, onTestFinished, TestRunner } from 'vitest';
import { openBrowser } from '../support/browser.ts';

export type WindowOptions = Parameters<Browser['newContext']>[0];

/** Of all files of this process; it goes with it. */
let browser: Promise<Browser> | null = null;

/** Windows of people who know nothing of each other: what one has signed in to, no other has. */
export interface Windows {
  /** A new one; it is closed when its test ends, and else by `close`. */
  open(options?: WindowOptions): Promise<Page>;
  close(): Promise<void>;
}

export function openWindows(): Windows {
  const contexts = new Set<BrowserContext>();
  return {
    async open(options = {}) {
      const provided = inject('browser');
      browser ??= openBrowser('found' in provided ? provided.found : undefined);
      const context = await (await browser).newContext({ reducedMotion: 'reduce', ...options });
      contexts.add(context);
      // One that nobody looks at any more would still draw every change.
      if (TestRunner.getCurrentTest() !== undefined) onTestFinished(() => context.close());
      const page = await context.newPage();
      page.setDefaultTimeout(15_000);
      complainOf(page);
      return page;
    },
    async close() {
      for (const context of contexts) await context.close();
    },
  };
}

const complaints = new WeakMap<Page, string[]>();

/** Notes what the browser refuses or what throws: the policy was broken, or the console was. */
function complainOf(page: Page): void {
  const noted: string[] = [];
  complaints.set(page, noted);
  page.on('pageerror', (error) => noted.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource|ERR_/.test(message.text())) {
      noted.push(message.text());
    }
  });
  page.on('dialog', (dialog) => noted.push(`a dialog opened: ${dialog.message()}`));
}

export function expectNoComplaints(page: Page): void {
  expect(complaints.get(page)).toEqual([]);
}
