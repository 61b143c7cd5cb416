import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../../src/db/connect.ts';
import { expectNoComplaints, type OpenedConsole, openConsole } from './open.ts';

/** What a payload holds is foreign text and stays text. */

let console: OpenedConsole;
beforeAll(async () => {
  console = await openConsole();
});
afterAll(async () => await console.close());

const name = `<script>alert(1)</script><img src=x onerror=alert(1)>\u202egnp.exe\u001b[31mred`;

async function openException(page: Page, ticket: string): Promise<void> {
  await page.goto(`${console.url}/exceptions/${ticket}/1`);
  await page.getByText('<script>alert(1)</script>').first().waitFor();
}

/** It is there to be read, as text; and the page holds a part of it only. */
async function expectHarmless(page: Page): Promise<void> {
  expect(await page.getByTitle('right-to-left override').count()).toBeGreaterThan(0);
  expect(await page.getByText('\\u001b[31m').count()).toBeGreaterThan(0);
  expect(await page.locator('main script, main img').count()).toBe(0);
  expect((await page.locator('main').textContent())?.length).toBeLessThan(20_000);
  expectNoComplaints(page);
}

test('a hostile payload is text, and shows what it hides', async () => {
  const ticket = await console.send({ lead_id: 'hostile-1', name, budget: 5_000, long: 'x'.repeat(900_000) });
  const page = await console.signedIn('dana');
  await openException(page, ticket);
  await expectHarmless(page);
  await page
    .getByRole('button', { name: /Show more/ })
    .first()
    .click();
  expectNoComplaints(page);
});

test('one of 5 MB, as intake may have let in once, is shown no less', async () => {
  const ticket = await console.send({ lead_id: 'hostile-2', name, budget: 5_000 });
  const payload = {
    lead_id: 'hostile-2',
    name,
    budget: 5_000,
    long: `${name} `.repeat(80_000).slice(0, 5_000_000),
  };
  const body = Buffer.from(JSON.stringify(payload));
  expect(body.length).toBeGreaterThan(5_000_000);
  const owner = connect(console.database.ownerUrl);
  await owner.pool.query('update payload set body = $2 where ticket_id = $1', [ticket, body]);
  await owner.close();
  const page = await console.signedIn('dana');
  await openException(page, ticket);
  await expectHarmless(page);
});
