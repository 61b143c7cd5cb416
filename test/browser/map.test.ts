import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { axeFindings, expectNoComplaints, type OpenedConsole, openConsole } from './open.ts';

/** The map of a workflow: drawn, live, by keyboard, as a list where it is narrow; its versions, and the way back. */

let console: OpenedConsole;
beforeAll(async () => {
  console = await openConsole();
});
afterAll(async () => await console.close());

vi.setConfig({ testTimeout: 120_000 });

const withoutType = { name: 'Bram de Wit', budget: 5_000 };
const whole = { ...withoutType, project_type: 'web' };

async function openMap(page: Page, search = ''): Promise<void> {
  await page.goto(`${console.url}/map/leads${search}`);
  await page.getByRole('heading', { level: 2, name: 'Versions' }).waitFor();
}

/** A rung as it is drawn. */
function rung(page: Page, name: string) {
  return page.locator('.react-flow__node-rung').getByRole('link', { name });
}

/** Puts the workflow in force with a change in its text, as `signalbox deploy` does. */
async function deployChanged(page: Page, from: string, to: string, reason: string): Promise<void> {
  const { rows } = await console.database.pool.query(
    `select bundle from workflow_version where workflow = 'leads' and active`,
  );
  const body = { workflows: [{ bundle: String(rows[0].bundle).replaceAll(from, to) }], reason };
  const answer = await page.evaluate(async (sent) => {
    const response = await fetch('/api/deployments', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(sent),
    });
    return [response.status, await response.text()];
  }, body);
  expect(answer).toEqual([200, expect.stringContaining('"deployed":true')]);
}

test('a rung that fails is marked as it happens, with more than its colour, and leads to its exceptions', async () => {
  const page = await console.signedIn('dana');
  await page.getByRole('navigation').getByRole('link', { name: 'Map' }).click();
  // There is one workflow: that is the map.
  await page.waitForURL(/\/map\/leads$/);
  await rung(page, 'Contract').waitFor();
  expect(await page.locator('.react-flow__node-rung').count()).toBe(10);
  await console.send({ lead_id: 'map-1', ...withoutType });
  await rung(page, 'Contract').getByText('1 open').waitFor();
  expect(await rung(page, 'Contract').locator('svg').count()).toBeGreaterThan(1);
  await rung(page, 'Contract').getByText('triage').waitFor();
  await page.getByRole('link', { name: 'contract violation 1 open' }).click();
  await page.waitForURL(/\/exceptions\?workflow=leads&mode=contract_violation$/);
  await page.getByRole('link', { name: /project_type is missing/ }).waitFor();
  await page.goBack();
  await rung(page, 'Contract').click();
  await page.waitForURL(/\/exceptions\?workflow=leads&mode=contract_violation$/);
  expectNoComplaints(page);
});

test('a rung where work is under way leads to its tickets', async () => {
  console.target.behave('hang');
  const page = await console.signedIn('dana');
  await openMap(page);
  await console.send({ lead_id: 'map-2', ...whole });
  await rung(page, 'Handoff').getByText('1 on their way').waitFor();
  await rung(page, 'Handoff').click();
  await page.waitForURL(/\/tickets\?workflow=leads&state=handoff$/);
  await page.getByRole('rowheader', { name: 'map-2' }).waitFor();
  console.target.behave('ok');
});

test('by keyboard: every rung is reached in the order of the path, and Enter goes there', async () => {
  const page = await console.signedIn('dana');
  await page.keyboard.press('g');
  await page.keyboard.press('m');
  await rung(page, 'Intake').waitFor();
  await rung(page, 'Intake').focus();
  const reached: string[] = [];
  for (let step = 0; step < 40 && reached.at(-1) !== 'Done'; step += 1) {
    await page.keyboard.press('Tab');
    const name = await page.evaluate<string>(
      `document.activeElement?.closest('.react-flow__node-rung')?.querySelector('strong')?.textContent ?? ''`,
    );
    if (name !== '') reached.push(name);
  }
  expect(reached).toEqual([
    'Contract',
    'Duplicates',
    'Fields',
    'Checks',
    'Routing',
    'Approval',
    'Handoff',
    'Outcome',
    'Done',
  ]);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/tickets\?workflow=leads&state=done$/);
});

test('on a phone it is a list, and what draws is not even loaded', async () => {
  const page = await console.signedIn('dana', { viewport: { width: 390, height: 844 } });
  const loaded: string[] = [];
  page.on('request', (request) => loaded.push(request.url()));
  await openMap(page);
  const ladder = page.getByRole('list', { name: 'leads, from trigger to outcome' });
  await ladder.getByRole('link', { name: /^Contract/ }).waitFor();
  expect(await ladder.getByRole('link', { name: /contract violation 1 open/ }).count()).toBe(1);
  expect(await page.evaluate('document.documentElement.scrollWidth > innerWidth')).toBe(false);
  expect(loaded.filter((url) => url.includes('Drawing'))).toEqual([]);
  expect(await axeFindings(page)).toEqual([]);
});

test('versions: who deployed, the difference in words, and back with a reason', async () => {
  const page = await console.signedIn('dana');
  await deployChanged(page, 'Budget is under 500', 'Budget is below 500', 'Better words');
  await openMap(page);
  await page.getByText('Better words').waitFor();
  await page.getByText(/below 500/).waitFor();
  const [, second] = await page.getByLabel('Before').locator('option').all();
  await page.getByLabel('Before').selectOption((await second?.getAttribute('value')) ?? '');
  await page.waitForURL(/from=[\da-f]{64}/);
  await page.getByRole('button', { name: 'Roll back…' }).click();
  const dialog = page.getByRole('dialog', { name: /^Roll back to/ });
  await dialog.getByText(/under 500/).waitFor();
  expect(await axeFindings(page), 'dialog').toEqual([]);
  const go = dialog.getByRole('button', { name: /^Roll back to/ });
  expect(await go.isDisabled(), 'without a reason').toBe(true);
  await dialog.getByLabel('Why').fill('The old words were better');
  await go.click();
  await page.getByText('is in force again').waitFor();
  const row = page.getByRole('row').filter({ hasText: 'The old words were better' });
  await row.getByText('In force', { exact: true }).waitFor();
  await row.getByText('dana').waitFor();
  await row.getByText('rolled back').waitFor();
  expectNoComplaints(page);
});

test('who may not deploy sees the versions and no way back', async () => {
  const admin = await console.signedIn('dana');
  const link = await admin.evaluate(async () => {
    const response = await fetch('/api/accounts/omar/link', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ roles: ['viewer'] }),
    });
    return ((await response.json()) as { url: string }).url;
  });
  const context = await admin.context().browser()?.newContext();
  const page = await context?.newPage();
  if (page === undefined) throw new Error('no page');
  await page.goto(link);
  await page.getByRole('heading', { level: 1, name: /^Today/ }).waitFor();
  await openMap(page);
  await page.getByText('In force', { exact: true }).waitFor();
  expect(await page.getByRole('button', { name: /Roll back/ }).count()).toBe(0);
  await page.goto(`${console.url}/handoffs/tool`);
  await page.getByRole('heading', { level: 2, name: 'What waits' }).waitFor();
  expect(await page.getByRole('button', { name: /Pause/ }).count()).toBe(0);
});

test.each(['light', 'dark'] as const)('axe finds nothing on the map, %s', async (colorScheme) => {
  const page = await console.signedIn('dana', { colorScheme, viewport: { width: 1280, height: 900 } });
  for (const search of ['', '?as=list', '?window=7d']) {
    await openMap(page, search);
    if (search !== '?as=list') await rung(page, 'Done').waitFor();
    await page.getByText('In force', { exact: true }).waitFor();
    expect(await axeFindings(page), search).toEqual([]);
  }
  expectNoComplaints(page);
});
