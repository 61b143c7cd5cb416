import type { Page, Route } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AskingHouse, openAsking } from './asking.ts';
import { expectNoComplaints } from './open.ts';

/** What is shown is what is there, whatever came between; and what was typed stays until it was taken. */

let house: AskingHouse;
beforeAll(async () => {
  house = await openAsking();
});
afterAll(async () => await house.close());

const wrong = (id: string) => ({ lead_id: id, name: `Lead ${id}`, project_type: undefined, budget: 5_000 });

async function go(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name }).click();
  await page.getByRole('heading', { level: 1, name: name === 'Today' ? /^Today/ : name }).waitFor();
}

/** Opens an exception that is claimed, its checklist done. */
async function claimed(page: Page, ticket: string): Promise<void> {
  await page.goto(`${house.url}/exceptions/${ticket}/1`);
  await page.getByRole('button', { name: 'Claim' }).click();
  for (const point of await page.getByRole('checkbox').all()) {
    await point.click();
    await expect.poll(() => point.isChecked()).toBe(true);
  }
}

const queueOf = (page: Page) => page.getByRole('region', { name: 'Queue' }).getByRole('link');

test('what came while another screen was open stands in the queue on the way back', async () => {
  await house.send(wrong('first'));
  const page = await house.signedIn('dana');
  await go(page, 'Exceptions');
  await queueOf(page).first().waitFor();
  const before = await queueOf(page).count();
  await go(page, 'Tickets');
  await house.send(wrong('meanwhile'));
  await page.getByRole('rowheader', { name: 'meanwhile' }).waitFor();
  await go(page, 'Exceptions');
  await expect.poll(() => queueOf(page).count()).toBe(before + 1);
  expectNoComplaints(page);
});

test('a change that comes while the queue is being read is read too', async () => {
  const page = await house.signedIn('dana');
  await go(page, 'Exceptions');
  await queueOf(page).first().waitFor();
  const before = await queueOf(page).count();
  const slow = Promise.withResolvers<Route>();
  await page.route('**/api/exceptions?*', (route) => slow.resolve(route), { times: 1 });
  await house.send(wrong('during-1'));
  const route = await slow.promise;
  const early = await route.fetch();
  // The page hears of the second on its stream, as this one does that is opened beside.
  const heard = page.evaluate(heardOnStream);
  await page.evaluate(() => (globalThis as unknown as { listening: Promise<void> }).listening);
  await house.send(wrong('during-2'));
  await heard;
  await route.fulfill({ response: early });
  await expect.poll(() => queueOf(page).count()).toBe(before + 2);
});

/** The page's own stream has told it, and what it gathers is over. */
function heardOnStream(): Promise<void> {
  return new Promise((resolve) => {
    const beside = new EventSource('/api/stream');
    Object.assign(globalThis, {
      listening: new Promise<void>((open) => beside.addEventListener('ready', () => open())),
    });
    beside.addEventListener('change', () => {
      beside.close();
      setTimeout(resolve, 500);
    });
  });
}

test('where a workflow knows one root cause it is chosen already, and taken', async () => {
  const page = await house.signedIn('dana');
  await claimed(page, await house.send(wrong('one-cause'), 'shop'));
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Discard…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Discard the ticket' });
  await dialog.getByLabel('Why is nothing to be done?').fill('It was a test.');
  await dialog.getByRole('button', { name: 'Discard the ticket' }).click();
  await page.getByText('Discarded.').waitFor();
});

test('a note, and the reason of a waiver, stay as they were typed until the server has taken them', async () => {
  const page = await house.signedIn('dana');
  await page.goto(`${house.url}/exceptions/${await house.send(wrong('note'))}/1`);
  await page.getByRole('button', { name: 'Claim' }).click();
  await page.route('**/acts', (route) => route.abort(), { times: 2 });
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Write a note…' }).click();
  const note = page.getByRole('textbox', { name: 'Write a note…' });
  await note.fill('The sender was called.');
  await page.getByRole('button', { name: 'Keep the note' }).click();
  await page.getByText('Signalbox does not answer').waitFor();
  expect(await note.inputValue()).toBe('The sender was called.');
  await page
    .getByRole('button', { name: /^Waive/ })
    .first()
    .click();
  const dialog = page.getByRole('dialog', { name: 'Waive a point' });
  const why = dialog.getByLabel('Why is this point not needed?');
  await why.fill('There is no form.');
  await dialog.getByRole('button', { name: 'Waive it' }).click();
  await expect.poll(() => page.getByText('Signalbox does not answer').count()).toBe(2);
  expect(await why.inputValue()).toBe('There is no form.');
  await dialog.getByRole('button', { name: 'Waive it' }).click();
  await dialog.waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: 'Keep the note' }).click();
  await page.getByText('The note is in the record.').waitFor();
  await note.waitFor({ state: 'hidden' });
});

test('a repaired payload is sent as it was typed: a number that would be rounded is refused, and not rounded', async () => {
  const page = await house.signedIn('dana');
  await claimed(page, await house.send(wrong('exact')));
  await page.getByRole('button', { name: 'Edit and replay' }).click();
  await page.getByText('One violation').waitFor();
  const asked = page.waitForRequest((request) => /9007199254740993/.test(request.postData() ?? ''));
  await page.getByRole('textbox', { name: 'Payload, as JSON' }).click();
  await page.keyboard.press('ControlOrMeta+a');
  const typed = '{"lead_id":"exact","name":"Ada","project_type":"web","budget":5000,"ref":9007199254740993}';
  await page.keyboard.insertText(typed);
  expect((await asked).postData()).toBe(`{"payload":${typed}}`);
  await page.getByRole('alert').getByText('beyond 2^53').waitFor();
  await page.getByLabel('Root cause').last().selectOption('human-error');
  await page.getByRole('button', { name: 'Replay' }).last().click();
  await page.getByRole('status').getByText('beyond 2^53').waitFor();
});

test('who is signed out while the page is open is told so, signs in beside it, and goes on with what they typed', async () => {
  const page = await house.signedIn('dana');
  await page.goto(`${house.url}/exceptions/${await house.send(wrong('out'))}/1`);
  await page.getByRole('button', { name: 'Claim' }).click();
  await page.keyboard.press('n');
  const note = page.getByRole('textbox', { name: 'Write a note…' });
  await note.fill('Half a thought.');
  await page.evaluate(() => fetch('/api/sign-out', { method: 'POST' }));
  await page.getByRole('button', { name: 'Keep the note' }).click();
  const way = page.getByRole('link', { name: 'Sign in' });
  expect(await way.getAttribute('target')).toBe('_blank');
  expect(await page.getByText('The connection to Signalbox is lost').count()).toBe(0);
  const beside = await page.context().newPage();
  await beside.goto(await house.linkFor('dana', ['administrator']));
  await beside.getByRole('heading', { level: 1, name: /^Today/ }).waitFor();
  await way.waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: 'Keep the note' }).click();
  await page.getByText('The note is in the record.').waitFor();
});

test('an address with its filters is found again after signing in', async () => {
  const page = await house.open();
  const link = await house.linkFor('dana', ['administrator']);
  await page.goto(`${house.url}/exceptions?state=open&workflow=leads`);
  await page.waitForURL(/\/sign-in/);
  await page.getByText('link', { exact: false }).first().waitFor();
  await page.locator('details summary').click();
  await page.getByLabel('Link', { exact: false }).last().fill(link);
  await page.getByRole('button', { name: 'Sign in' }).last().click();
  await page.waitForURL(`${house.url}/exceptions?state=open&workflow=leads`);
  expect(await page.getByRole('combobox', { name: 'State' }).inputValue()).toBe('open');
});

test('a list says by what it is narrowed, and how to see all again', async () => {
  const page = await house.signedIn('dana');
  await page.goto(`${house.url}/exceptions?responsible=person:nobody&queue=triage`);
  await page.getByRole('button', { name: 'On nobody' }).click();
  await page.waitForURL(`${house.url}/exceptions?queue=triage`);
  await page.getByRole('button', { name: 'Only triage' }).click();
  await page.waitForURL(`${house.url}/exceptions`);
  await page.goto(`${house.url}/tickets?source=shop`);
  await page.getByRole('button', { name: 'From shop' }).click();
  await page.waitForURL(`${house.url}/tickets`);
});

test('Escape closes a menu, and nothing behind it', async () => {
  const page = await house.signedIn('dana');
  await claimed(page, await house.send(wrong('menu')));
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Release' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('menuitem', { name: 'Release' }).waitFor({ state: 'hidden' });
  expect(page.url()).toMatch(/\/1$/);
});
