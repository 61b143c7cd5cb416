import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { totpCode } from '../../src/account/totp.ts';
import { type AskingHouse, bearer, openAsking } from './asking.ts';
import { axeFindings, expectNoComplaints } from './open.ts';

/** Settings, people and signing in, in a real Chromium. */

let house: AskingHouse;
beforeAll(async () => {
  house = await openAsking();
});
afterAll(async () => await house.close());

// Some of them walk through every screen.
vi.setConfig({ testTimeout: 180_000 });

const password = 'correct horse battery';

/** The code that an app shows for a secret in base 32. */
function codeOf(secret: string, stepsAhead = 0): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const bytes = (bits.match(/.{8}/g) ?? []).map((eight) => Number.parseInt(eight, 2));
  return totpCode(Uint8Array.from(bytes), Math.floor(Date.now() / 30_000) + stepsAhead);
}

test('a refused delivery is checked: which secret fits, what is signed, what would be decided', async () => {
  const page = await house.signedIn('dana');
  await page.goto(`${house.url}/settings/sources`);
  await page.getByRole('link', { name: 'shop' }).click();
  await page.getByRole('heading', { name: 'Check a delivery' }).waitFor();
  const body = JSON.stringify({ lead_id: 'checked', name: 'Ada', project_type: 'web', budget: 900 });
  const digest = createHmac('sha256', 'shop-secret-for-tests').update(body).digest('hex');
  const headers = page.getByLabel('Headers');
  await headers.fill(`Content-Type: application/json\nX-Hub-Signature-256: sha256=${digest}`);
  await page.getByLabel('Body').fill(body);
  await page.getByRole('button', { name: 'Check', exact: true }).click();
  await page.getByText('It fits the secret in environment variable SHOP_SECRET.').waitFor();
  await page.getByText('Goes to team:web, confidence 1').waitFor();
  await page.getByLabel('Body').fill(`${body} `);
  await page.getByRole('button', { name: 'Check', exact: true }).click();
  await page.getByText('It fits no secret of this source.').waitFor();
  const told = (await page.locator('main').textContent()) ?? '';
  const right = createHmac('sha256', 'shop-secret-for-tests').update(`${body} `).digest('hex');
  expect(told).not.toContain(right);
  expect(told).not.toContain('shop-secret-for-tests');
  await headers.fill('this is no header');
  await page.getByText('Write “Name: value”').first().waitFor();

  await page.goto(`${house.url}/settings/sources/form`);
  await page.getByLabel('Headers').fill(`content-type: application/json\n${bearer}`);
  await page.getByLabel('Body').fill(body);
  await page.getByRole('button', { name: 'Check', exact: true }).click();
  await page.getByText('Nothing is signed: the request carries the secret itself.').waitFor();
  await page.getByRole('textbox', { name: 'Payload' }).fill(body);
  await page.getByRole('button', { name: 'Try without keeping' }).click();
  await page.getByRole('region', { name: 'Send a test payload' }).getByText('Goes to team:web').waitFor();
  await page.getByRole('button', { name: 'Send for real' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Send for real' }).click();
  await page.getByRole('link', { name: 'Open the ticket' }).click();
  await page.getByText('What happened').waitFor();
  expectNoComplaints(page);
});

test('a password and one-time codes are set up, asked for at sign-in, and taken off', async () => {
  const page = await house.signedIn('omar', ['operator']);
  await page.goto(`${house.url}/settings/sign-in`);
  await page.getByLabel('New password').fill(password);
  await page.getByRole('button', { name: 'Set the password' }).click();
  await page.getByText('You have a password.').waitFor();
  await page.getByRole('button', { name: 'Set up an app' }).click();
  const secret = page.locator('code').filter({ hasText: /^[A-Z2-7 ]{20,}$/ });
  const key = ((await secret.textContent()) ?? '').replaceAll(' ', '');
  await page.getByLabel('Code that the app shows').fill(codeOf(key));
  await page.getByRole('button', { name: 'Switch on' }).click();
  const codes = page.getByRole('region', { name: /Backup codes, each good once/ });
  const [backup = ''] = ((await codes.locator('pre').textContent()) ?? '').split('\n');
  expect(backup).not.toBe('');

  const fresh = await house.open();
  await fresh.goto(`${house.url}/sign-in`);
  await fresh.getByLabel('E-mail address or key').fill('omar@example.com');
  await fresh.locator('input[name=password]').fill(password);
  await fresh.getByRole('button', { name: 'Sign in', exact: true }).click();
  await fresh.getByLabel('One-time code, or a backup code').fill(backup);
  await fresh.getByRole('button', { name: 'Sign in', exact: true }).click();
  await fresh.getByRole('heading', { level: 1, name: 'Today, Omar' }).waitFor();

  await page.reload();
  await page.getByText('9 backup codes are left').waitFor();
  await page.getByRole('heading', { name: 'Where you are signed in' }).waitFor();
  await page.getByRole('button', { name: 'Sign out everywhere else' }).click();
  await page.getByText('One session has ended.').waitFor();
  await fresh.goto(`${house.url}/today`);
  await fresh.getByRole('heading', { name: 'Sign in to Signalbox' }).waitFor();

  await page.getByRole('button', { name: 'Switch off' }).click();
  await page.getByRole('dialog').getByLabel('A code, or a backup code').fill(codeOf(key, 1));
  await page.keyboard.press('Enter');
  await page.getByText('One-time codes are off.').waitFor();
  expectNoComplaints(page);
});

test('a passkey is made, signs in, and is removed', async () => {
  const page = await house.signedIn('dana');
  const devices = await page.context().newCDPSession(page);
  await devices.send('WebAuthn.enable');
  await devices.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await page.goto(`${house.url}/settings/sign-in`);
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByRole('dialog').getByLabel('Name of this passkey').fill('Laptop');
  await page.keyboard.press('Enter');
  await page.getByText('Added. You can sign in with it.').waitFor();
  await page.getByText('Laptop').first().waitFor();
  await page.getByRole('button', { name: /^Signed in as/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in to Signalbox' }).waitFor();
  await page.getByRole('button', { name: 'With a passkey' }).click();
  await page.getByRole('heading', { level: 1, name: 'Today, Dana' }).waitFor();
  await page.goto(`${house.url}/settings/sign-in`);
  await page.getByRole('button', { name: 'Remove Laptop' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await page.getByText('No passkey yet.').waitFor();
  expectNoComplaints(page);
});

test('an administrator invites, changes roles, makes and revokes a key, closes and opens; all of it is in the log', async () => {
  const page = await house.signedIn('dana');
  await page.goto(`${house.url}/settings/accounts`);
  await page.getByRole('button', { name: 'Invite mia' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('checkbox', { name: 'operator' }).check();
  await dialog.getByRole('button', { name: 'Make a sign-in link' }).click();
  const link = (await dialog.locator('pre').textContent()) ?? '';
  expect(link).toContain('/sign-in#link=');
  await dialog.getByRole('button', { name: 'I have it' }).click();
  const mia = await house.open();
  await mia.goto(link);
  await mia.getByRole('heading', { level: 1, name: 'Today, Mia' }).waitFor();
  expect(await mia.getByRole('link', { name: 'Settings' }).count()).toBe(1);

  await page.reload();
  await page.getByRole('link', { name: 'Mia Sand' }).click();
  // What is typed elsewhere stays when the roles are read anew.
  await page.getByLabel('What is it for?').fill('pipeline');
  await page.getByRole('checkbox', { name: 'approver' }).check();
  await page.getByRole('button', { name: 'Save the roles' }).click();
  await page.getByText('The roles are changed.').waitFor();
  await page.getByRole('button', { name: 'Make a key' }).click();
  const key =
    (await page
      .getByRole('region', { name: /It is shown this once/ })
      .locator('pre')
      .textContent()) ?? '';
  const ask = () => fetch(`${house.url}/api/tickets`, { headers: { authorization: `Bearer ${key}` } });
  expect((await ask()).status).toBe(200);
  await page.getByRole('button', { name: 'I have it' }).click();
  await page.getByRole('button', { name: 'Revoke pipeline' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await page.getByText('revoked', { exact: true }).waitFor();
  expect((await ask()).status).toBe(401);

  await page.getByRole('button', { name: 'Close the account' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Close the account' }).click();
  await page.getByText('closed', { exact: true }).waitFor();
  await mia.goto(`${house.url}/today`);
  await mia.getByRole('heading', { name: 'Sign in to Signalbox' }).waitFor();
  await page.getByRole('button', { name: 'Open it again' }).click();
  await page.getByText('Open again.').waitFor();
  await page.getByRole('link', { name: 'All of it' }).click();
  await page.getByRole('rowheader', { name: 'account closed' }).waitFor();
  await page.getByRole('rowheader', { name: 'roles changed' }).waitFor();
  expectNoComplaints(page);
});

const loaded = (message: string) => ({ message, timeout: 10_000 });
const screens = [
  '/today',
  '/approvals',
  '/people',
  '/people/person:mia',
  '/settings/sources',
  '/settings/sources/shop',
  '/settings/destinations',
  '/settings/keys',
  '/settings/sign-in',
  '/settings/accounts',
  '/settings/accounts/dana',
  '/settings/acts',
];

test.each(['light', 'dark'] as const)(
  'axe finds nothing on any of these screens, %s',
  async (colorScheme) => {
    const page = await house.signedIn('dana', ['administrator'], { colorScheme });
    const ticket = await house.send({ lead_id: `axe-${colorScheme}`, budget: 80_000 });
    const word = await house.send({ lead_id: `axe-word-${colorScheme}` }, 'shop');
    const all = [...screens, `/approvals/${ticket}/1`, `/approvals/outcomes/${word}/1`];
    for (const path of all) {
      await page.goto(house.url + path);
      await page.getByText('Live', { exact: true }).waitFor();
      await page.getByRole('heading', { level: 1 }).first().waitFor();
      await expect.poll(() => page.getByRole('status', { name: 'Loading' }).count(), loaded(path)).toBe(0);
      expect(await axeFindings(page), path).toEqual([]);
    }
    await page.goto(`${house.url}/approvals/${ticket}/1`);
    await page.getByText('computed in this browser').waitFor();
    await page.keyboard.press('x');
    await page.getByRole('dialog').waitFor();
    expect(await axeFindings(page), 'refusing').toEqual([]);
  },
);

test('on a phone nothing is wider than the screen', async () => {
  const page = await house.signedIn('dana', ['administrator'], { viewport: { width: 390, height: 844 } });
  const ticket = await house.send({ lead_id: 'phone', budget: 80_000 });
  for (const path of [...screens, `/approvals/${ticket}/1`]) {
    await page.goto(house.url + path);
    await page.locator('main h1').first().waitFor({ state: 'attached' });
    await expect.poll(() => page.getByRole('status', { name: 'Loading' }).count(), loaded(path)).toBe(0);
    const wide = await page.evaluate(
      '[document.documentElement, document.getElementById("main")].some((each) => each.scrollWidth > innerWidth)',
    );
    expect(wide, path).toBe(false);
  }
});
