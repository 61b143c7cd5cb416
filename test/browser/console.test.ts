import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeFindings, expectNoComplaints, type OpenedConsole, openConsole } from './open.ts';

/** The console in a real Chromium, on a real server, with a target that proves what was handed off. */

let console: OpenedConsole;
beforeAll(async () => {
  console = await openConsole();
});
afterAll(async () => await console.close());

const whole = { name: 'Bram de Wit', project_type: 'web', budget: 5_000 };
const withoutType = { name: 'Bram de Wit', budget: 5_000 };

async function openException(page: Page, ticket: string): Promise<void> {
  await page.goto(`${console.url}/exceptions/${ticket}/1`);
  await page.getByRole('heading', { name: 'What is wrong' }).waitFor();
}

async function tickAll(page: Page): Promise<void> {
  for (const point of await page.getByRole('checkbox').all()) {
    await point.click();
    await expect.poll(() => point.isChecked()).toBe(true);
  }
}

async function write(page: Page, payload: unknown): Promise<void> {
  const editor = page.getByRole('textbox', { name: 'Payload, as JSON' });
  await editor.click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText(JSON.stringify(payload, null, 2));
}

test('the newcomer: signs in by the link, finds the lead without project_type, repairs it, replays, sees it confirmed', async () => {
  const page = await console.signedIn('dana');
  const ticket = await console.send({ lead_id: 'new-1', ...withoutType });
  await page.getByRole('navigation').getByRole('link', { name: 'Exceptions' }).click();
  // It appears by itself: nothing is loaded anew.
  const queue = page.getByRole('region', { name: 'Queue' });
  await queue.getByRole('link', { name: /project_type is missing/ }).click();
  await page.getByText('What it must be').waitFor();
  await page.getByRole('button', { name: 'Claim' }).click();
  await page.getByRole('button', { name: 'Edit and replay' }).click();
  await page.getByText('One violation').waitFor();
  await write(page, { lead_id: 'new-1', ...whole });
  await page.getByText('Satisfies the contract').waitFor();
  await page.getByText('Goes to team:web').waitFor();
  expect(await page.locator('ins').allTextContents()).toEqual([expect.stringContaining('web')]);
  await page.getByLabel('Root cause').last().selectOption('sender-changed-form');
  await tickAll(page);
  await page.getByRole('button', { name: 'Replay' }).last().click();
  await page.getByText('Replayed.').waitFor();
  await page.goto(`${console.url}/tickets/${ticket}`);
  await page.getByText('create-record confirmed').waitFor();
  expect(console.target.effects.size).toBe(1);
  await page.getByRole('button', { name: 'Verify here' }).click();
  await page.getByText('computed in this browser').waitFor();
  expectNoComplaints(page);
});

test('two browsers claim at once: one has it, the other is told who', async () => {
  const ticket = await console.send({ lead_id: 'race-1', ...withoutType });
  const pages = await Promise.all([console.signedIn('dana'), console.signedIn('omar')]);
  await Promise.all(pages.map((page) => openException(page, ticket)));
  await Promise.all(
    pages.map((page) => page.getByRole('button', { name: 'Claim' }).click({ noWaitAfter: true })),
  );
  const [dana, omar] = pages;
  await Promise.any(pages.map((page) => page.getByRole('button', { name: 'Edit and replay' }).waitFor()));
  await Promise.any([
    dana?.getByText('person:omar works on it').waitFor(),
    omar?.getByText('person:dana works on it').waitFor(),
  ]);
  const owners = await Promise.all(
    pages.map((page) => page.getByRole('button', { name: 'Edit and replay' }).count()),
  );
  expect(owners.toSorted()).toEqual([0, 1]);
});

test('a ticket is handed to somebody else, with a reason, and its story says who had it until then', async () => {
  const ticket = await console.send({ lead_id: 'hand-1', ...withoutType });
  const page = await console.signedIn('dana');
  await page.goto(`${console.url}/tickets/${ticket}`);
  await page.getByRole('button', { name: 'Hand over' }).click();
  const dialog = page.getByRole('dialog', { name: 'Hand over' });
  await dialog.getByLabel('Why').fill('Omar knows the sender');
  expect(await dialog.getByRole('button', { name: 'Hand over' }).isDisabled()).toBe(true);
  await dialog.getByLabel('To').selectOption({ label: 'Omar Haddad' });
  expect(await axeFindings(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Hand over' }).click();
  await page.getByText('Omar Haddad answers for it now').waitFor();
  const had = page.getByRole('region', { name: 'Who had it' }).getByRole('listitem');
  await expect
    .poll(() => had.filter({ hasText: /owner$/ }).allTextContents())
    .toEqual([expect.stringMatching(/growth/), expect.stringMatching(/omar/)]);
  await dialog.waitFor({ state: 'hidden' });
  expectNoComplaints(page);
});

test('by keyboard alone: claim, edit, root cause, replay, and undo of a claim', async () => {
  const ticket = await console.send({ lead_id: 'keys-1', ...withoutType });
  const page = await console.signedIn('omar');
  await page.keyboard.press('g');
  await page.keyboard.press('e');
  await page.getByRole('heading', { level: 1, name: 'Exceptions' }).waitFor();
  await page.getByRole('list').getByRole('link').first().waitFor();
  await page.keyboard.press('j');
  await page.waitForURL(/\/exceptions\/[\da-f-]{36}\/1/);
  await openException(page, ticket);
  await page.keyboard.press('c');
  await page.getByRole('button', { name: 'Edit and replay' }).waitFor();
  await page.getByRole('button', { name: 'Undo' }).waitFor();
  await page.keyboard.press('u');
  await page.getByRole('button', { name: 'Claim' }).waitFor();
  await page.keyboard.press('e');
  const editor = page.getByRole('textbox', { name: 'Payload, as JSON' });
  await editor.waitFor();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText(JSON.stringify({ lead_id: 'keys-1', ...whole }));
  await page.getByText('Satisfies the contract').waitFor();
  for (const point of await page.getByRole('checkbox').all()) {
    await point.focus();
    await page.keyboard.press('Space');
    await expect.poll(() => point.isChecked()).toBe(true);
  }
  await page.getByLabel('Root cause').last().focus();
  await page.keyboard.press('s');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByText('Replayed.').waitFor();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('ControlOrMeta+k');
  await page.getByRole('combobox', { name: 'Search and commands' }).fill('keys-1');
  await page.keyboard.press('Enter');
  await page.getByRole('rowheader', { name: 'keys-1' }).waitFor();
  expectNoComplaints(page);
});

test('the server restarts while one types: it is told, comes back by itself, and nothing typed is lost', async () => {
  const ticket = await console.send({ lead_id: 'restart-1', ...withoutType });
  const page = await console.signedIn('dana');
  await openException(page, ticket);
  await page.keyboard.press('e');
  await page.getByText('One violation').waitFor();
  await write(page, { lead_id: 'restart-1', ...whole });
  await console.stopServer();
  await page.getByText('The connection to Signalbox is lost').waitFor();
  await console.startServer();
  await page.getByText('Live', { exact: true }).waitFor();
  const editor = page.getByRole('textbox', { name: 'Payload, as JSON' });
  expect(await editor.textContent()).toContain('"project_type": "web"');
  await page.getByText('Satisfies the contract').waitFor();
  await page.reload();
  await page.getByRole('button', { name: 'Edit and replay' }).click();
  await editor.waitFor();
  expect(await editor.textContent()).toContain('"project_type": "web"');
});
