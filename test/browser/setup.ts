import type { TestProject } from 'vitest/node';
import { type FoundBrowser, findBrowser } from '../support/browser.ts';

/** What the browser tests run in; or why they cannot, with which they are skipped (`runner.ts`). */
export type Provided = { readonly found: FoundBrowser } | { readonly missing: string };

declare module 'vitest' {
  interface ProvidedContext {
    browser: Provided;
  }
}

const help =
  'Install Chromium or Chrome, or name one: SIGNALBOX_BROWSER=/path/to/chrome. CONTRIBUTING.md says more.';

/**
 * The browser tests' own set-up: a browser is found and started once, so that what is wrong with it is said once.
 * One that should be there and does not start fails the run where nobody would read a warning (`CI`), and where it was asked for
 * (`npm run test:browser`, SIGNALBOX_BROWSER); else the tests are skipped, loudly. `SIGNALBOX_BROWSER=none` skips them anywhere.
 */
export default async function setup(project: TestProject): Promise<void> {
  const { provided, fatal } = await tried();
  if ('missing' in provided) {
    if (fatal) throw new Error(`${provided.missing}\n${help}`);
    process.stderr.write(`\n  THE BROWSER TESTS ARE SKIPPED. ${provided.missing}\n  ${help}\n\n`);
  }
  project.provide('browser', provided);
}

async function tried(): Promise<{ readonly provided: Provided; readonly fatal: boolean }> {
  const { SIGNALBOX_BROWSER: named = '', CHROMIUM_PATH, CI, npm_lifecycle_event: script } = process.env;
  if (named === 'none') return { provided: { missing: 'SIGNALBOX_BROWSER=none.' }, fatal: false };
  const asked = named !== '' || Boolean(CHROMIUM_PATH) || script === 'test:browser';
  try {
    const found = await findBrowser();
    if (found === null) {
      const machine = `${process.platform} ${process.arch}`;
      const missing = `No Chromium was found, and @sparticuz/chromium brings none for ${machine}.`;
      return { provided: { missing }, fatal: asked };
    }
    return { provided: { found }, fatal: false };
  } catch (error) {
    const missing = `No Chromium starts here: ${error instanceof Error ? error.message : error}`;
    return { provided: { missing }, fatal: asked || Boolean(CI) };
  }
}
