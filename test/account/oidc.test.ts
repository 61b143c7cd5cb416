import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Person, Project } from '../../src/workflow/project.ts';
import { type ApiServer, apiServer } from '../api/api-server.ts';
import { type OidcServer, startOidcServer } from '../support/oidc-server.ts';

let server: ApiServer;
let provider: OidcServer;
beforeAll(async () => {
  server = await apiServer();
  provider = await startOidcServer(`${server.url}/sign-in`);
  const project = server.shell.project() as { signIn: Project['signIn'] };
  project.signIn = {
    ...project.signIn,
    oidc: {
      name: 'Company login',
      issuer: provider.issuer,
      clientId: 'signalbox',
      secret: { env: 'OIDC' },
      scopes: ['openid', 'email'],
      roles: ['viewer'],
    },
  };
  const people = server.shell.project().people as Map<string, Person>;
  people.set('dana', { key: 'dana', name: 'Dana', email: 'Dana@Example.com', away: [] });
  people.set('omar', { key: 'omar', name: 'Omar', email: 'omar@example.com', away: [] });
});
afterAll(async () => {
  await server.close();
  await provider.close();
});

async function signIn(browser = server.browser()) {
  const { body } = await browser.post('/api/sign-in/oidc/start', {});
  const query = await provider.visit(body.location);
  return { browser, query, answer: await browser.post('/api/sign-in/oidc', { query }) };
}

test('a person whose e-mail the provider confirms gets an account, and is known by the subject from then on', async () => {
  const { browser, answer } = await signIn();
  expect(answer.body).toMatchObject({ state: 'signed_in', person: 'dana' });
  expect((await browser.get('/api/me')).body).toMatchObject({
    roles: ['viewer'],
    session: { proof: 'oidc' },
  });
  provider.signs({ sub: 'u-1', email: 'somebody@else.example', verified: false });
  expect((await signIn()).answer.body.person).toBe('dana');
});

test.each<[user: Parameters<OidcServer['signs']>[0], reason: string]>([
  [{ sub: 'u-2', email: 'omar@example.com', verified: false }, 'an e-mail that is not confirmed'],
  [{ sub: 'u-3', email: 'stranger@example.com', verified: true }, 'nobody of the project'],
  [{ sub: 'u-4', email: 'dana@example.com', verified: true }, 'another subject with an address that has one'],
])('%j is refused: %s', async (user) => {
  provider.signs(user);
  expect((await signIn()).answer.status).toBe(403);
});

test('what the provider sends is good once, and in the browser that began alone', async () => {
  provider.signs({ sub: 'u-1', email: 'dana@example.com', verified: true });
  const { browser, query } = await signIn();
  expect((await browser.post('/api/sign-in/oidc', { query })).status).toBe(401);
  const other = server.browser();
  const begun = await other.post('/api/sign-in/oidc/start', {});
  const stolen = await provider.visit(begun.body.location);
  expect((await server.browser().post('/api/sign-in/oidc', { query: stolen })).status).toBe(401);
});
