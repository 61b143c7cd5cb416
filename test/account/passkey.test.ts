import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiServer, apiServer } from '../api/api-server.ts';
import { openBrowser } from '../api/browser.ts';
import { softAuthenticator } from '../support/authenticator.ts';

let server: ApiServer;
/** Passkeys need a name: the same server by another one. */
let url: string;
beforeAll(async () => {
  server = await apiServer();
  url = server.url.replace('127.0.0.1', 'localhost');
});
afterAll(async () => await server.close());

test('a passkey is added, signs in without a name, and is removed', async () => {
  const at127 = await server.signedIn('dana');
  const token = at127.token();
  const browser = openBrowser(url, new Map([[`signalbox-${new URL(url).port}`, token]]));
  const device = softAuthenticator(url, 'localhost');
  expect((await at127.post('/api/me/passkeys/start', {})).body.detail).toContain('host name');
  const begun = (await browser.post('/api/me/passkeys/start', {})).body;
  const added = await browser.post('/api/me/passkeys', {
    step: begun.step,
    name: 'Laptop',
    response: device.create(begun.options.challenge),
  });
  expect(added.body).toEqual({ done: true });

  const fresh = openBrowser(url);
  const asked = (await fresh.post('/api/sign-in/passkey/start', {})).body;
  const response = device.get(asked.options.challenge);
  expect((await fresh.post('/api/sign-in/passkey', { step: asked.step, response })).body).toMatchObject({
    person: 'dana',
  });
  expect((await fresh.get('/api/me')).body.session.proof).toBe('passkey');
  const again = await openBrowser(url).post('/api/sign-in/passkey', { step: asked.step, response });
  expect(again.status, 'what was shown once is good no more').toBe(401);

  const other = (await fresh.post('/api/sign-in/passkey/start', {})).body;
  const foreign = softAuthenticator(url, 'localhost').get(other.options.challenge);
  const stranger = await openBrowser(url).post('/api/sign-in/passkey', {
    step: other.step,
    response: foreign,
  });
  expect(stranger.status, 'a passkey that nobody has').toBe(401);

  const [{ id }] = (await browser.get('/api/me/passkeys')).body.passkeys;
  expect((await browser.send('DELETE', `/api/me/passkeys/${id}`, undefined)).status).toBe(200);
  const last = (await fresh.post('/api/sign-in/passkey/start', {})).body;
  const gone = await openBrowser(url).post('/api/sign-in/passkey', {
    step: last.step,
    response: device.get(last.options.challenge),
  });
  expect(gone.status).toBe(401);
});
