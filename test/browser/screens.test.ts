import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeFindings, type OpenedConsole, openConsole } from './open.ts';

/** Every screen, for everybody: on a phone, in both themes, by WCAG 2.2 AA. */

let console: OpenedConsole;
beforeAll(async () => {
  console = await openConsole();
});
afterAll(async () => await console.close());

const withoutType = { name: 'Bram de Wit', budget: 5_000 };

test('on a phone the list and the detail follow each other, and nothing is wider than the screen', async () => {
  await console.send({ lead_id: 'phone-1', ...withoutType });
  const page = await console.signedIn('dana', { viewport: { width: 390, height: 844 } });
  for (const path of ['/today', '/exceptions', '/tickets']) {
    await page.goto(console.url + path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth > innerWidth'), path).toBe(false);
  }
  await page.goto(`${console.url}/exceptions`);
  await page.getByRole('list').getByRole('link').first().click();
  await page.getByRole('button', { name: 'Queue' }).click();
  await page.getByRole('heading', { level: 1, name: 'Exceptions' }).waitFor();
});

test.each(['light', 'dark'] as const)('axe finds nothing on any screen, %s', async (colorScheme) => {
  const page = await console.signedIn('dana', { colorScheme });
  const ticket = await console.send({ lead_id: `axe-${colorScheme}`, ...withoutType });
  for (const path of ['/today', '/exceptions', `/exceptions/${ticket}/1`, '/tickets', `/tickets/${ticket}`]) {
    await page.goto(console.url + path);
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    expect(await axeFindings(page), path).toEqual([]);
  }
  await page.goto(`${console.url}/exceptions/${ticket}/1`);
  await page.getByRole('heading', { name: 'What is wrong' }).waitFor();
  await page.keyboard.press('e');
  await page.getByText('One violation').waitFor();
  expect(await axeFindings(page), 'repair').toEqual([]);
  await page.goto(`${console.url}/sign-in`);
  await page.getByRole('heading', { name: 'Sign in to Signalbox' }).waitFor();
  expect(await axeFindings(page), 'sign-in').toEqual([]);
});
