import { afterAll, beforeAll, expect, test } from 'vitest';
import { insertAccount } from '../../src/account/store.ts';
import { type TestApp, testApp } from '../support/app.ts';
import { projectFiles } from '../support/project.ts';

/** What a contract hides is shown to who may work on the ticket, and to nobody else who may read. */

let server: TestApp;
let ticket: string;
beforeAll(async () => {
  const target = 'http://127.0.0.1:9';
  const contract = JSON.parse(projectFiles(target)['contracts/lead.schema.json'] ?? '{}');
  contract.properties.card = { type: 'string', 'x-redact': true };
  server = await testApp(target, { files: { 'contracts/lead.schema.json': JSON.stringify(contract) } });
  const lead = { lead_id: 'h-1', name: 'Ada', budget: 900, card: '4111-1111' };
  ticket = (await server.post(JSON.stringify(lead))).body.ticket;
  await server.database.db.transaction().execute(async (tx) => {
    await insertAccount(tx, 'dana', ['operator'], new Date());
    await insertAccount(tx, 'omar', ['owner', 'viewer'], new Date());
  });
});
afterAll(async () => await server.stop());

async function as(person: string, scopes: readonly string[]) {
  const expires_at = new Date(Date.now() + 3_600_000).toISOString();
  const made = await server.call(`/api/accounts/${person}/keys`, { name: 'test', scopes, expires_at });
  expect(made.status, JSON.stringify(made.body)).toBe(200);
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(server.url + path, {
      ...init,
      headers: { authorization: `Bearer ${made.body.key}`, 'content-type': 'application/json' },
    });
  return ask;
}

test.each<[who: string, person: string, scopes: string[], sees: boolean]>([
  ['who may read', 'dana', ['read'], false],
  ['who may work', 'dana', ['read', 'work'], true],
  ['the owner, who may read alone', 'omar', ['read'], false],
  ['the owner, for the ticket is theirs', 'omar', ['read', 'work'], true],
])('%s', async (_who, person, scopes, sees) => {
  const ask = await as(person, scopes);
  const bytes = await ask(`/api/tickets/${ticket}/payload`);
  const text = await bytes.text();
  expect(text.includes('4111')).toBe(sees);
  expect(text).toContain('Ada');
  expect(bytes.headers.get('signalbox-hidden')).toBe(sees ? null : '1');
  const base = (await (await ask(`/api/tickets/${ticket}/contract`)).json()) as Record<string, unknown>;
  expect(base.hidden).toEqual(sees ? [] : ['/card']);
  expect(base.payload).toMatchObject({ name: 'Ada', card: sees ? '4111-1111' : '[hidden]' });
  const rehearsal = await ask(`/api/tickets/${ticket}/rehearsal`, { method: 'POST', body: '{}' });
  expect(rehearsal.status).toBe(sees ? 200 : 403);
});

test('bytes that cannot be read are not shown where anything is hidden', async () => {
  const broken = (await server.post('{"lead_id": "h-2", "card": "4111-1111"')).body.ticket;
  const reader = await as('dana', ['read']);
  const refused = await reader(`/api/tickets/${broken}/payload`);
  expect(refused.status).toBe(403);
  expect(await refused.text()).not.toContain('4111');
  const worker = await as('dana', ['read', 'work']);
  expect(await (await worker(`/api/tickets/${broken}/payload`)).text()).toContain('4111');
});
