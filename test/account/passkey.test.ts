import { afterAll, beforeAll, expect, test } from 'vitest';
import { limits } from '../../src/limits.ts';
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

test('who begins and never ends waits after so many, before anything is written', async () => {
  const browser = openBrowser(url);
  const begin = async () => await browser.post('/api/sign-in/passkey/start', {});
  let answer = await begin();
  for (let count = 0; answer.status === 200 && count < limits.signInBegunPerMinute; count += 1)
    answer = await begin();
  expect(answer).toMatchObject({ status: 429, body: { help: 'It counts for this address alone.' } });
  const { length } = await server.db.selectFrom('sign_in_token').select('digest').execute();
  expect((await begin()).status).toBe(429);
  expect((await server.db.selectFrom('sign_in_token').select('digest').execute()).length).toBe(length);
});
