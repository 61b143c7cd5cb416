import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestApp, testApp } from '../support/app.ts';
import { projectFiles } from '../support/project.ts';
import { startTarget, type Target } from '../support/target.ts';

/** One delivery that names a lead twice, as Meta's do; sent again, as every sender does. */

const change = (id: string, name: string) => ({ lead_id: id, name, project_type: 'web', budget: 5000 });
const delivery = (...changes: object[]) => JSON.stringify({ changes });

let target: Target;
beforeAll(async () => {
  target = await startTarget();
});
afterAll(() => target.close());

async function begin(duplicates: string): Promise<TestApp> {
  const workflow = (projectFiles(target.url)['workflows/leads.yaml'] ?? '')
    .replace('duplicates: { within: 30d }', `duplicates: ${duplicates}\n  split: payload.changes`)
    .replace('    retry:', '    approval: { by: team:web, within: 4h }\n    retry:');
  return await testApp(target.url, { files: { 'workflows/leads.yaml': workflow } });
}

const kindsOf = ({ body }: { body: { tickets: { decision: { kind: string } }[] } }) =>
  body.tickets.map(({ decision }) => decision.kind);

describe.each([
  ['{ within: 30d }', ['routed', 'stopped', 'joined'], 2],
  ['{ within: 30d, other_content: update }', ['routed', 'revised', 'joined'], 1],
])('duplicates: %s', (duplicates, kinds, tickets) => {
  let server: TestApp;
  beforeAll(async () => {
    server = await begin(duplicates);
  });
  afterAll(() => server.stop());

  test('two contents of one lead, and the second once more', async () => {
    const body = delivery(change('1', 'First'), change('1', 'Second'), change('1', 'Second'));
    const answer = await server.post(body);
    expect([answer.status, kindsOf(answer)]).toEqual([202, kinds]);
    const ids = new Set(answer.body.tickets.map(({ ticket }: { ticket: string }) => ticket));
    expect(ids.size).toBe(tickets);
    expect((await server.get('/api/audit/verify')).body).toMatchObject({ broken: null });
  });

  test('a dry run says the same of a delivery, and stores nothing', async () => {
    const body = delivery(change('2', 'First'), change('2', 'Second'));
    const answer = await server.post(body, { 'signalbox-dry-run': 'true' });
    const said = answer.body.triggers.map(({ decision }: { decision: { kind: string } }) => decision.kind);
    expect(said).toEqual(kinds.slice(0, 2));
    expect((await server.get('/api/tickets?identity=2')).body.tickets).toEqual([]);
  });
});

test('a delivery that conflicted, sent again, opens no second exception', async () => {
  const server = await begin('{ within: 30d }');
  const body = delivery(change('3', 'First'), change('3', 'Second'));
  const first = await server.post(body);
  const again = await server.post(body);
  expect([again.status, kindsOf(again)]).toEqual([200, ['joined', 'joined']]);
  expect(again.body.tickets.map(({ ticket }: { ticket: string }) => ticket)).toEqual(
    first.body.tickets.map(({ ticket }: { ticket: string }) => ticket),
  );
  await server.stop();
});
