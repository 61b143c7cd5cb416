import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { axeFindings, expectNoComplaints, type OpenedConsole, openConsole } from './open.ts';

/** Inventory, destinations and handoffs: what the house consists of, and what is sent to whom. */

let console: OpenedConsole;
beforeAll(async () => {
  console = await openConsole();
});
afterAll(async () => await console.close());

vi.setConfig({ testTimeout: 120_000 });

const whole = { name: 'Bram de Wit', project_type: 'web', budget: 5_000 };

async function openDestination(page: Page): Promise<void> {
  await page.goto(`${console.url}/handoffs/tool`);
  await page.getByRole('heading', { level: 2, name: 'What was done to it' }).waitFor();
}

test('the inventory: a chain with its ways to map, tickets, exceptions and destination; filtered in the address; as CSV', async () => {
  await console.send({ lead_id: 'house-1', name: 'No type', budget: 5_000 });
  const page = await console.signedIn('dana');
  await page.keyboard.press('g');
  await page.keyboard.press('i');
  const row = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: /^leads/ }) });
  await row.getByText('failing').waitFor();
  const links = await row.getByRole('link').all();
  const ways = await Promise.all(links.map((link) => link.getAttribute('href')));
  expect(ways).toEqual([
    '/map/leads',
    '/tickets?source=form',
    '/handoffs/tool',
    '/people#team:growth',
    '/people#person:omar',
    '/exceptions?workflow=leads',
  ]);
  await page.getByLabel('Search', { exact: true }).fill('nosuch');
  await page.waitForURL(/\/inventory\?q=nosuch$/);
  await page.getByRole('button', { name: 'Show all' }).click();
  await page.getByLabel('Health').selectOption('failing');
  await page.waitForURL(/\/inventory\?health=failing$/);
  await row.waitFor();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'CSV' }).first().click();
  const csv = await readFile(await (await download).path(), 'utf8');
  expect(csv.split('\r\n')[1]).toMatch(/^form,leads,A lead becomes a record in the tool\.,tool,team:growth/);
  // What looks after the house, and when it last did.
  await page.getByRole('row', { name: /^routing thrash .* ago/ }).waitFor();
  await page.getByRole('row', { name: 'database ok' }).waitFor();
  await page.getByText('Nothing is compared.').waitFor();
  expectNoComplaints(page);
});

test('a list that is compared now says what came of it; who may not work is not asked', async () => {
  const page = await console.signedIn('dana');
  const figures = { listed: 12, missing: 1, back_filled: 1, differing: 0, waiting: 0, unidentified: 0 };
  const list = { kind: 'list', subject: 'form', every_ms: 3_600_000, under_way: false, window: null };
  const times = { started_at: null, succeeded_at: null, failures: 2, error: 'It answered 503', due_at: null };
  await page.route('**/api/reconciliations', (route) =>
    route.fulfill({
      json: { reconciliations: [{ ...list, ...figures, ...times, unlisted: null }], inside: {} },
    }),
  );
  await page.route('**/api/reconciliations/form', (route) =>
    route.fulfill({ json: { ...figures, end: 'caught_up', error: null, source: 'form' } }),
  );
  await page.goto(`${console.url}/inventory`);
  const row = page.getByRole('row', { name: /^form list of a source/ });
  await row.getByText('failed 2 times in a row').waitFor();
  await row.getByText('It answered 503').waitFor();
  await row.getByRole('button', { name: 'Compare now: form' }).click();
  await row.getByText('Compared to its end. 12 listed, 1 missing, 1 taken now').waitFor();
  expect(await axeFindings(page)).toEqual([]);
});

test('attempts over time are drawn, and stand in a table too', async () => {
  const ticket = await console.send({ lead_id: 'drawn-1', ...whole });
  const page = await console.signedIn('dana');
  await openDestination(page);
  await page
    .getByRole('row', { name: /create-record accepted/ })
    .first()
    .waitFor();
  await page.goto(`${console.url}/tickets/${ticket}`);
  await page.getByText('create-record confirmed').waitFor();
  await console.database.pool.query(copyAttempts, [ticket]);
  await openDestination(page);
  await page.locator('.recharts-bar-rectangle path').first().waitFor({ state: 'attached' });
  // Every step of the time shown but the last has some; each is a bar.
  expect(await page.locator('.recharts-bar-rectangle path').count()).toBeGreaterThan(25);
  await page.getByText('The figures as a table').click();
  await page.getByRole('columnheader', { name: 'p99' }).waitFor();
  const table = page.getByRole('table').filter({ has: page.getByRole('columnheader', { name: 'p99' }) });
  expect(await table.getByRole('row').count()).toBeGreaterThan(25);
  expectNoComplaints(page);
});

/** A quarter of an hour of attempts, an eighth of them failed. */
const copyAttempts = `insert into attempt (ticket_id, handoff_seq, attempt, started_at, ended_at, result, status, detail)
  select ticket_id, handoff_seq, 100 + n, started_at - n * interval '9 s',
    started_at - n * interval '9 s' + (40 + n * 37 % 400) * interval '1 ms',
    case when n % 16 = 0 then 'unknown' when n % 21 = 0 then 'rejected' else 'accepted' end, 201, 'tool answered'
  from attempt, generate_series(1, 95) n where ticket_id = $1 and attempt = 1`;

test('on a phone nothing is wider than the screen', async () => {
  const page = await console.signedIn('dana', { viewport: { width: 390, height: 844 } });
  for (const path of ['/inventory', '/handoffs', '/handoffs/tool']) {
    await page.goto(console.url + path);
    await page.getByText('tool').first().waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth > innerWidth'), path).toBe(false);
    expect(await axeFindings(page), path).toEqual([]);
  }
});

test.each(['light', 'dark'] as const)(
  'axe finds nothing on inventory and handoffs, %s',
  async (colorScheme) => {
    const page = await console.signedIn('dana', { colorScheme });
    await page.goto(`${console.url}/inventory`);
    await page.getByRole('row', { name: 'database ok' }).waitFor();
    expect(await axeFindings(page), 'inventory').toEqual([]);
    await page.goto(`${console.url}/handoffs`);
    await page.getByRole('rowheader', { name: /^tool/ }).waitFor();
    expect(await axeFindings(page), 'handoffs').toEqual([]);
    await openDestination(page);
    await page.locator('.recharts-bar-rectangle path').first().waitFor({ state: 'attached' });
    expect(await axeFindings(page), 'destination').toEqual([]);
    await page.goto(`${console.url}/handoffs/nosuch`);
    await page.getByText('There is no such destination.').waitFor();
    expectNoComplaints(page);
  },
);

test('a destination is paused with a reason: what comes waits, is listed, and goes when it is resumed', async () => {
  const page = await console.signedIn('dana');
  await openDestination(page);
  await page.getByRole('button', { name: 'Pause…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Pause tool' });
  expect(await dialog.getByRole('button', { name: 'Pause tool' }).isDisabled()).toBe(true);
  await page.keyboard.type('They move to another house');
  expect(await axeFindings(page), 'dialog').toEqual([]);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByText('tool is paused.').waitFor();
  await page.getByText('A person has stopped handoffs to it.').waitFor();
  // A node knows it a moment later; what comes then waits, and goes on waiting.
  const held: { id: string; identity: string }[] = [];
  let sent = 0;
  await expect
    .poll(
      async () => {
        sent += 1;
        await console.send({ lead_id: `paused-${sent}`, ...whole });
        held.push(...(await console.database.pool.query(longWaiting)).rows);
        return held.length;
      },
      { timeout: 20_000, interval: 300 },
    )
    .toBeGreaterThan(0);
  const waiting = page.getByRole('row').filter({ hasText: held[0]?.identity ?? 'none' });
  await waiting.getByText('ready', { exact: true }).waitFor();
  await page.goto(`${console.url}/map/leads`);
  await page.locator('.react-flow__node-beside').getByText('paused').waitFor();
  await page.goto(`${console.url}/handoffs`);
  await page.getByRole('row', { name: /^tool .* paused/ }).waitFor();
  await openDestination(page);
  await page.getByRole('button', { name: 'Resume…' }).click();
  await page.getByRole('dialog').getByLabel('Why').fill('They are there');
  await page.getByRole('dialog').getByRole('button', { name: 'Resume tool' }).click();
  await page.getByText('tool goes on.').waitFor();
  await page.getByText('Nothing waits for it.').waitFor();
  await page.getByRole('row', { name: /^paused They move to another house dana/ }).waitFor();
  await page.getByRole('row', { name: /^resumed They are there dana/ }).waitFor();
  await page.goto(`${console.url}/tickets/${held[0]?.id}`);
  await page.getByText('create-record confirmed').waitFor();
  expectNoComplaints(page);
});

const longWaiting = `select ticket.id, ticket.identity from handoff join ticket on ticket.id = handoff.ticket_id
  where handoff.state = 'ready' and handoff.created_at < now() - interval '1 second' limit 1`;
