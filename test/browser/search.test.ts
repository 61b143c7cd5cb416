import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectNoComplaints, type OpenedConsole, openConsole } from './open.ts';

/** A ticket is found by what somebody knows of it. */

let console: OpenedConsole;
let page: Page;
beforeAll(async () => {
  console = await openConsole();
  const whole = { project_type: 'web', budget: 5_000 };
  await console.send({ lead_id: 'find-1', name: 'Bram de Wit', email: 'bram@example.com', ...whole });
  await console.send({ lead_id: 'find-2', name: 'Zoë Öztürk', email: 'zoe@example.com', ...whole });
  await console.send({ lead_id: 'find-3', name: 'Bram Jansen', project_type: 'web', budget: 5 });
  page = await console.signedIn('dana');
});
afterAll(async () => await console.close());

const identities = () => page.getByRole('rowheader').allTextContents();

test.each([
  ['find-2', ['find-2'], 'its identity'],
  ['Öztürk', ['find-2'], 'a word of a field'],
  ['BRAM', ['find-1', 'find-3'], 'a word of several, however it is written'],
  ['name=Bram de Wit', ['find-1'], 'one field, exactly'],
  ['nobody', [], 'nothing that is there'],
])('%s finds %j: %s', async (wanted, found) => {
  await page.goto(`${console.url}/tickets`);
  await page.getByRole('searchbox', { name: 'Search' }).fill(wanted);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.searchParams.get('q') === wanted);
  await expect.poll(async () => (await identities()).toSorted()).toEqual(found);
  expectNoComplaints(page);
});

test('what is found can be sent as a link, narrowed, and opened from anywhere', async () => {
  await page.goto(`${console.url}/tickets?q=Bram`);
  await expect.poll(async () => (await identities()).toSorted()).toEqual(['find-1', 'find-3']);
  await page.getByRole('combobox', { name: 'State' }).selectOption('exception');
  await expect.poll(identities).toEqual(['find-3']);
  await page.goto(`${console.url}/today`);
  await page.getByRole('heading', { level: 1, name: /^Today/ }).waitFor();
  await page.keyboard.press('ControlOrMeta+k');
  await page.getByRole('combobox', { name: 'Search and commands' }).fill('Zoë');
  await page.keyboard.press('Enter');
  await page.getByRole('rowheader', { name: 'find-2' }).getByRole('link').click();
  await page.getByRole('heading', { level: 1, name: /find-2/ }).waitFor();
  expectNoComplaints(page);
});
