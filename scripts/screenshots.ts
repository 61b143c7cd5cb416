// Makes docs/screenshots/ from the example's data: `npm run screenshots`. With a folder, everything in both themes and widths.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { startExample } from '../examples/paid-lead/run.ts';
import { openBrowser } from '../test/support/browser.ts';

const wide = { width: 1280, height: 800 };
const phone = { width: 390, height: 844 };
const [everythingInto] = process.argv.slice(2);
const folder = everythingInto ?? fileURLToPath(new URL('../docs/screenshots', import.meta.url));

interface Screen {
  readonly name: string;
  readonly path: string;
  /** In docs/screenshots/. */
  readonly shown?: true;
  readonly go?: (page: Page) => Promise<void>;
}

const screens: readonly Screen[] = [
  { name: 'today', path: '/today', shown: true },
  {
    name: 'exceptions',
    shown: true,
    path: '/exceptions?mode=contract_violation',
    go: async (page) => {
      await page.getByRole('list').getByRole('link').first().click();
      await page.getByText('What is wrong').waitFor();
      await page.getByText('What it must be').first().waitFor();
    },
  },
  {
    name: 'repair',
    path: '/exceptions?mode=contract_violation',
    go: async (page) => {
      await page.getByRole('list').getByRole('link').first().click();
      await page.getByText('What is wrong').waitFor();
      await page.keyboard.press('e');
      await page.getByText('One violation').waitFor();
    },
  },
  { name: 'tickets', path: '/tickets' },
  {
    name: 'map',
    shown: true,
    path: '/map',
    go: async (page) => {
      await page.getByRole('heading', { level: 2, name: 'Versions' }).waitFor();
      await page.getByRole('link', { name: /^(\S+ )?Done/ }).waitFor();
    },
  },
  {
    name: 'inventory',
    path: '/inventory',
    go: async (page) => {
      await page.getByRole('row', { name: 'database ok' }).waitFor();
    },
  },
  {
    name: 'handoffs',
    path: '/handoffs',
    go: async (page) => {
      await page.getByRole('rowheader', { name: /^pm-tool/ }).waitFor();
    },
  },
  {
    name: 'destination',
    path: '/handoffs/pm-tool',
    go: async (page) => {
      await page.locator('.recharts-bar-rectangle path').first().waitFor({ state: 'attached' });
    },
  },
  {
    name: 'ticket',
    shown: true,
    path: '/tickets?state=done',
    go: async (page) => {
      await page.getByRole('rowheader').getByRole('link').nth(2).click();
      await page.getByText('What happened').waitFor();
      await page.getByRole('button', { name: 'Verify here' }).click();
      await page.getByText('computed in this browser').waitFor();
      await page.evaluate('document.getElementById("main").scrollTo(0, 0)');
    },
  },
  {
    name: 'approval',
    path: '/approvals',
    go: async (page) => {
      await page.getByRole('list').getByRole('link').first().click();
      await page.getByText('computed in this browser').waitFor();
    },
  },
  { name: 'people', path: '/people' },
  { name: 'person', path: '/people/team:finance' },
  { name: 'sources', path: '/settings/sources' },
  { name: 'source', path: '/settings/sources/landing-page' },
  { name: 'destinations', path: '/settings/destinations' },
  { name: 'keys', path: '/settings/keys' },
  { name: 'sign-in', path: '/settings/sign-in' },
  { name: 'accounts', path: '/settings/accounts' },
  { name: 'account-log', path: '/settings/acts' },
];

const silent = { heading() {}, rung() {}, verdict() {}, line() {} };
const dataFolder = await mkdtemp(join(tmpdir(), 'signalbox-screenshots-'));
const example = await startExample({ terminal: silent, dataFolder });
const browser = await openBrowser();
try {
  const link = await example.firstLink();
  await example.tell(new AbortController().signal);
  await example.sendWaiting();
  const page = await browser.newPage({ viewport: wide });
  await page.goto(link?.url ?? '');
  await page.getByRole('heading', { level: 1, name: /Today/ }).waitFor();
  await mkdir(folder, { recursive: true });
  if (everythingInto === undefined) await main(page);
  else await everything(page);
} finally {
  await browser.close();
  await example.stop();
  await rm(dataFolder, { recursive: true, force: true });
}

/** The main screens, as the README shows them. */
async function main(page: Page): Promise<void> {
  await page.emulateMedia({ colorScheme: 'light' });
  for (const screen of screens.filter(({ shown }) => shown)) await shoot(page, screen.name, screen);
}

async function everything(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const [width, viewport] of Object.entries({ wide, phone })) {
      await page.setViewportSize(viewport);
      for (const screen of screens) await shoot(page, `${screen.name}-${colorScheme}-${width}`, screen);
    }
  }
}

async function shoot(page: Page, name: string, { path, go }: Screen): Promise<void> {
  await page.goto(`${example.url}${path}`);
  await page.getByText('Live', { exact: true }).waitFor({ state: 'attached' });
  await go?.(page);
  await page.screenshot({ path: join(folder, `${name}.png`) });
}
