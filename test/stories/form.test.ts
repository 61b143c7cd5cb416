import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestApp, testApp } from '../support/app.ts';
import { lead, projectFiles } from '../support/project.ts';
import { startTarget, type Target } from '../support/target.ts';

/** What is proved is what was decided on: the outcome sees the payload as the decision did, whatever its content type. */

const workflow = (projectFiles('http://unused')['workflows/leads.yaml'] ?? '')
  .replace('  identity: payload.lead_id', '  json_field: payload\n  identity: payload.lead_id')
  .replace('      same: [', '      that: result.lead == payload.lead_id\n      same: [');
let target: Target;
let server: TestApp;

beforeAll(async () => {
  target = await startTarget();
  server = await testApp(target.url, { files: { 'workflows/leads.yaml': workflow } });
});

afterAll(async () => {
  await server.stop();
  await target.close();
});

test('a lead in a field of a form is proved by a condition on its payload', async () => {
  const body = new URLSearchParams({ payload: lead('in-a-form') }).toString();
  const sent = await server.post(body, { 'content-type': 'application/x-www-form-urlencoded' });
  expect([sent.status, sent.body.state]).toEqual([202, 'handoff']);
  const state = async () => (await server.get(`/api/tickets/${sent.body.ticket}`)).body.ticket.state;
  await expect.poll(state, { timeout: 10_000, interval: 50 }).toBe('done');
});
