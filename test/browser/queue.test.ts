import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectNoComplaints, type OpenedConsole, openConsole } from './open.ts';

/** The queue as quick as it is meant to be: little to load, and 10,000 rows that answer at once. */

let console: OpenedConsole;
beforeAll(async () => {
  console = await openConsole();
});
afterAll(async () => await console.close());

test('the first screen loads less than 300 KB of script', async () => {
  const page = await console.signedIn('dana');
  const scripts = new Map<string, number>();
  page.on('response', async (response) => {
    if (!response.url().endsWith('.js')) return;
    scripts.set(response.url(), gzipSync(await response.body()).length);
  });
  await page.goto(`${console.url}/exceptions`);
  await page.getByRole('heading', { level: 1, name: 'Exceptions' }).waitFor();
  const bytes = [...scripts.values()].reduce((sum, size) => sum + size, 0);
  expect(bytes).toBeGreaterThan(50_000);
  expect(bytes).toBeLessThan(300_000);
});

test('a queue of 10,000 is scrolled to its end, and answers every key, click and filter within 100 ms', async () => {
  const ticket = await console.send({ lead_id: 'bulk', name: 'Bram de Wit', budget: 5_000 });
  await console.database.pool.query(copyTickets, [ticket]);
  await console.database.pool.query(copyExceptions, [ticket]);
  const page = await console.signedIn('dana', { viewport: { width: 1440, height: 900 } });
  await page.goto(`${console.url}/exceptions`);
  await page.getByRole('list').getByRole('link').first().waitFor();
  // To the very end: page after page is loaded on the way.
  await expect
    .poll(() => page.evaluate<number>(scrollDown), { timeout: 25_000, interval: 50 })
    .toBeGreaterThan(10_000 * 66);
  const links = page.getByRole('region', { name: 'Queue' }).getByRole('link');
  expect(await links.count()).toBeLessThan(60);

  await page.evaluate(watchInteractions);
  // Measured by the clock, which other programs hold up: what is quick enough once is quick enough.
  const attempts: number[] = [];
  while (attempts.length < 3 && (attempts.at(-1) ?? 100) >= 100) attempts.push(await slowestOf(page));
  expect(Math.min(...attempts), `attempts in ms: ${attempts}`).toBeLessThan(100);
  expectNoComplaints(page);
});

/**
 * Walks, clicks and filters. Returns the ms from an input until the next paint: of the slowest but one, as the web's own measure
 * (INP) takes it of fifty and more.
 */
async function slowestOf(page: Page): Promise<number> {
  await page.getByRole('combobox', { name: 'State' }).selectOption('');
  await page.evaluate('interactions.clear()');
  await page.evaluate(`document.querySelector('section[aria-label=Queue]').scrollTop = 66 * 200`);
  const links = page.getByRole('region', { name: 'Queue' }).getByRole('link');
  await links.nth(12).click();
  for (let step = 0; step < 60; step += 1) await page.keyboard.press(step % 5 === 4 ? 'k' : 'j');
  for (const index of [9, 11, 13]) await links.nth(index).click();
  await page.getByRole('heading', { name: 'What is wrong' }).waitFor();
  await page.getByRole('combobox', { name: 'State' }).focus();
  await page.keyboard.press('ArrowDown');
  await page.waitForURL(/state=open/);
  await links.first().waitFor();
  const durations = await page.evaluate<number[]>(readInteractions);
  expect(durations.length).toBeGreaterThan(0);
  const [, slowest = 0] = durations.toSorted((a, b) => b - a);
  return slowest;
}

const scrollDown = `(() => {
  const list = document.querySelector('section[aria-label=Queue]');
  list.scrollTop = list.scrollHeight;
  return list.scrollHeight;
})()`;
const watchInteractions = `
  globalThis.interactions = new Map();
  new PerformanceObserver((list) => {
    for (const { interactionId, duration } of list.getEntries()) {
      if (interactionId > 0) interactions.set(interactionId, Math.max(duration, interactions.get(interactionId) ?? 0));
    }
  }).observe({ type: 'event', durationThreshold: 16 });`;
// What was painted last is told after the next paint.
const readInteractions = `new Promise((resolve) => {
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => resolve([...interactions.values()]))));
})`;
const copyTickets = `insert into ticket
  select (jsonb_populate_record(t, jsonb_build_object('id', gen_random_uuid(), 'identity', 'bulk-' || n))).*
  from ticket t, generate_series(1, 10000) n where t.id = $1`;
const copyExceptions = `insert into exception
  select (jsonb_populate_record(e, jsonb_build_object('ticket_id', k.id))).*
  from exception e, ticket k where e.ticket_id = $1 and k.identity like 'bulk-%'`;
