import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Where a Chromium may be: named by CHROMIUM, or the machine's own. */
const places = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** A real Chromium: the machine's, or, where it has none, the one that the package @sparticuz/chromium brings. */
export async function openBrowser(): Promise<Browser> {
  const own = places.find((path) => path !== undefined && path !== '' && existsSync(path));
  if (own !== undefined) return await chromium.launch({ executablePath: own, args: ['--no-sandbox'] });
  const { default: packed } = await import('@sparticuz/chromium');
  return await chromium.launch({ executablePath: await packed.executablePath(), args: packed.args });
}
