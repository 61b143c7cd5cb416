import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type AskingHouse, openAsking } from './asking.ts';
import { expectNoComplaints } from './open.ts';

/** A person's yes, no and word, in a real Chromium. */

let house: AskingHouse;
beforeAll(async () => {
  house = await openAsking();
});
afterAll(async () => await house.close());

vi.setConfig({ testTimeout: 120_000 });

const dear = { budget: 80_000 };

async function openApproval(page: Page, ticket: string): Promise<void> {
  await page.goto(`${house.url}/approvals/${ticket}/1`);
  await page.getByRole('heading', { name: 'What will be sent' }).waitFor();
}

async function approve(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Approve…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Approve', exact: true }).click();
}

test('two people approve what they see, by keyboard and by mouse; it is sent when the second has', async () => {
  const before = house.target.effects.size;
  const dana = await house.signedIn('dana');
  const omar = await house.signedIn('omar', ['approver']);
  const ticket = await house.send({ lead_id: 'approve-1', ...dear });
  await dana.getByRole('navigation').getByRole('link', { name: 'Approvals' }).click();
  await dana.getByRole('link', { name: /approve-1.*create-record/ }).waitFor();
  await dana.keyboard.press('j');
  await dana.waitForURL(new RegExp(`/approvals/${ticket}/1`));
  await dana.getByText('computed in this browser').waitFor();
  expect(await dana.getByText('80000').count(), 'not a word that is not sent').toBe(0);
  await dana.getByText('"Ada Lind"').waitFor();
  await dana.keyboard.press('a');
  await dana.getByRole('dialog').getByText('one more person').waitFor();
  await dana.keyboard.type('Within the budget');
  await dana.keyboard.press('Control+Enter');
  await dana.getByText('Your yes counts. More are needed.').waitFor();
  await dana.getByText('You have said yes').waitFor();
  expect(house.target.effects.size).toBe(before);

  await openApproval(omar, ticket);
  await omar.getByText('Within the budget').first().waitFor();
  await approve(omar);
  await omar.getByText('Approved. It is being sent.').waitFor();
  // It changes under the eyes of the first.
  await dana.getByText('approved', { exact: true }).first().waitFor();
  await dana.goto(`${house.url}/tickets/${ticket}`);
  await dana.getByText('create-record confirmed').waitFor();
  expect(house.target.effects.size).toBe(before + 1);
  expectNoComplaints(dana);
  expectNoComplaints(omar);
});

test('a no needs its reason, sends nothing, and makes an exception', async () => {
  const before = house.target.effects.size;
  const page = await house.signedIn('omar', ['approver']);
  const ticket = await house.send({ lead_id: 'refuse-1', ...dear });
  await openApproval(page, ticket);
  await page.keyboard.press('x');
  const dialog = page.getByRole('dialog');
  expect(await dialog.getByRole('button', { name: 'Refuse', exact: true }).isDisabled()).toBe(true);
  await dialog.getByLabel('Why not?').fill('Not this year');
  await dialog.getByRole('button', { name: 'Refuse', exact: true }).click();
  await page.getByText('Refused. It is an exception now.').waitFor();
  await page.getByText('Not this year').first().waitFor();
  await page.goto(`${house.url}/exceptions/${ticket}/1`);
  await page.getByText('Not this year').first().waitFor();
  expect(house.target.effects.size).toBe(before);
  // Among what was decided it is found again.
  await page.goto(`${house.url}/approvals`);
  await page.getByText('What was approved or refused').click();
  await page.getByRole('link', { name: /refuse-1 refused .*omar/ }).click();
  await page.waitForURL(new RegExp(`/approvals/${ticket}/1`));
  await page.getByText('Not this year').first().waitFor();
});

test('who comes second is told who was faster, and nothing of theirs is taken', async () => {
  const pages = await Promise.all([house.signedIn('dana'), house.signedIn('omar', ['approver'])]);
  const [dana, omar] = pages;
  const ticket = await house.send({ lead_id: 'race-1', ...dear });
  await Promise.all(pages.map((page) => openApproval(page, ticket)));
  await omar?.keyboard.press('x');
  await omar?.getByLabel('Why not?').fill('Too late');
  await dana?.keyboard.press('x');
  await dana?.getByLabel('Why not?').fill('Too dear');
  await dana?.getByRole('dialog').getByRole('button', { name: 'Refuse', exact: true }).click();
  await dana?.getByText('Refused. It is an exception now.').waitFor();
  await omar?.getByRole('dialog').getByRole('button', { name: 'Refuse', exact: true }).click();
  const told = omar?.getByRole('alert');
  await told?.getByText('Somebody was faster').waitFor();
  await told?.getByText('refused by person:dana').waitFor();
  expect(await omar?.getByText('Too late').count()).toBe(0);
});

test('whoever has acted on the ticket is told that other eyes are asked for', async () => {
  const page = await house.signedIn('dana');
  const ticket = await house.send({ lead_id: 'eyes-1', budget: 80_000, project_type: 'none' });
  await page.goto(`${house.url}/exceptions/${ticket}/1`);
  await page.getByRole('button', { name: 'Claim' }).click();
  await page.getByRole('button', { name: 'Edit and replay' }).click();
  await page.getByText('One violation').waitFor();
  await page.getByRole('textbox', { name: 'Payload, as JSON' }).click();
  await page.keyboard.press('ControlOrMeta+a');
  const repaired = { lead_id: 'eyes-1', name: 'Ada', budget: 80_000, project_type: 'web' };
  await page.keyboard.insertText(JSON.stringify(repaired));
  await page.getByText('Satisfies the contract').waitFor();
  await page.getByLabel('Root cause').last().selectOption('human-error');
  for (const point of await page.getByRole('checkbox').all()) {
    await point.click();
    await expect.poll(() => point.isChecked(), { timeout: 10_000 }).toBe(true);
  }
  await page.getByRole('button', { name: 'Replay' }).last().click();
  await page.getByText('Replayed.').waitFor();
  await openApproval(page, ticket);
  await page.getByText('a second pair of eyes is asked for').waitFor();
  expect(await page.getByRole('button', { name: 'Approve…' }).count()).toBe(0);
});

test('an outcome is confirmed with its evidence, once each point was looked at', async () => {
  const page = await house.signedIn('dana');
  const ticket = await house.send({ lead_id: 'word-1' }, 'shop');
  await page.goto(`${house.url}/approvals`);
  await page.getByText('Waits for somebody to confirm it').waitFor();
  await page
    .getByRole('list')
    .getByRole('link', { name: /word-1/ })
    .click();
  await page.waitForURL(new RegExp(`/approvals/outcomes/${ticket}/1`));
  const confirm = page.getByRole('button', { name: 'Confirm', exact: true });
  await page.getByRole('heading', { name: 'Look, then say what you saw' }).waitFor();
  await page.keyboard.press('a');
  await page.keyboard.type('Invoice 7, told by phone');
  expect(await confirm.isDisabled()).toBe(true);
  await page.getByLabel('The invoice is there').check();
  await page.getByText('One point is left.').waitFor();
  await page.getByLabel('The customer was told').check();
  await confirm.click();
  await page.getByText('Confirmed. The ticket goes on.').waitFor();
  await page.getByText('Invoice 7, told by phone').first().waitFor();
  await page.goto(`${house.url}/tickets/${ticket}`);
  await page.getByText('done', { exact: true }).first().waitFor();
  expectNoComplaints(page);
});

test('a viewer sees all of it and no button that acts, and hidden values are hidden', async () => {
  const ticket = await house.send({ lead_id: 'viewer-1', ...dear });
  const word = await house.send({ lead_id: 'viewer-2' }, 'shop');
  const stopped = await house.send({ lead_id: 'viewer-3', project_type: 'none', card: '4111-1111' });
  const page = await house.signedIn('vic', ['viewer']);
  const acting =
    /^(Approve|Refuse|Confirm|Not done|Claim|Edit and replay|Discard|Replay|Retry|Send|Waive|Check|Try|More)/;
  const places: [path: string, seen: string][] = [
    [`/approvals/${ticket}/1`, 'To decide takes the role approver.'],
    [`/approvals/outcomes/${word}/1`, 'To confirm takes the role operator'],
    [`/exceptions/${stopped}/1`, 'You can read this.'],
    [`/tickets/${stopped}`, 'What happened'],
    ['/settings/sources/form', 'To check or send a delivery takes the role operator.'],
    ['/settings/accounts', 'This takes the role administrator'],
    ['/people/team:finance', 'Answers for'],
  ];
  for (const [path, seen] of places) {
    await page.goto(house.url + path);
    await page.getByText(seen).first().waitFor();
    const names = await page.locator('main').getByRole('button').allTextContents();
    expect(
      names.filter((name) => acting.test(name.trim())),
      path,
    ).toEqual([]);
  }
  await page.goto(`${house.url}/exceptions/${stopped}/1`);
  await page.getByText('One value is hidden by the contract').waitFor();
  expect(await page.getByText('4111').count()).toBe(0);
  await page.keyboard.press('e');
  await page.keyboard.press('c');
  expect(await page.getByRole('heading', { name: 'Repair the payload' }).count()).toBe(0);
  const worker = await house.signedIn('dana');
  await worker.goto(`${house.url}/exceptions/${stopped}/1`);
  await worker.getByText('4111-1111').first().waitFor();
  expectNoComplaints(page);
});

test('a point is waived, and a view saved, in dialogs of our own', async () => {
  const page = await house.signedIn('dana');
  const ticket = await house.send({ lead_id: 'waive-1', budget: 100 });
  await page.goto(`${house.url}/exceptions/${ticket}/1`);
  await page.getByRole('button', { name: 'Claim' }).click();
  await page
    .getByRole('button', { name: /^Waive/ })
    .first()
    .click();
  const dialog = page.getByRole('dialog', { name: 'Waive a point' });
  await dialog.getByLabel('Why is this point not needed?').fill('Known already');
  await dialog.getByRole('button', { name: 'Waive it' }).click();
  await page.getByText('waived: Known already').waitFor();
  await page.goto(`${house.url}/exceptions?mode=check_failed`);
  await page.getByRole('button', { name: 'Views' }).click();
  await page.getByRole('menuitem', { name: 'Save this view…' }).click();
  await page.getByRole('dialog').getByLabel('Name of this view').fill('Checks');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Checks' }).waitFor();
  expectNoComplaints(page);
});
