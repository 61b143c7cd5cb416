import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestApp, testApp } from '../support/app.ts';
import { lead, projectFiles, type TestProject, testProject } from '../support/project.ts';
import { startTarget, type Target } from '../support/target.ts';
import { run } from './run.ts';

let target: Target;
let app: TestApp;
let project: TestProject;
beforeAll(async () => {
  target = await startTarget();
  app = await testApp(target.url);
  for (let index = 0; index < 20; index += 1) {
    await app.post(lead(`lead-${index}`, { budget: index === 0 ? 100 : 1000 * index }));
  }
  project = await testProject(target.url);
});
afterAll(async () => {
  await project.remove();
  await app.stop();
  await target.down();
});

/** A command from a folder of its own, as a pipeline runs it: with the server's address and key. */
async function there(...args: string[]) {
  const { key } = JSON.parse(await readFile(join(app.root, '.signalbox/server.json'), 'utf8'));
  return await run(args, { cwd: project.root, env: { SIGNALBOX_URL: app.url, SIGNALBOX_KEY: key } });
}

const plan = (...args: string[]) => there('plan', ...args);

async function ticketOf(identity: string): Promise<string> {
  return (await app.get(`/api/tickets?identity=${identity}`)).body.tickets[0].id;
}

/** The workflow on disk with some text replaced. */
async function edit(from: string, to: string): Promise<void> {
  const text = projectFiles(target.url)['workflows/leads.yaml'] ?? '';
  await writeFile(join(project.root, 'workflows/leads.yaml'), text.replace(from, to));
}

test('under the files that are in force everything stays, and a pipeline sees it', async () => {
  await edit('', '');
  const { code, stdout, stderr } = await plan(
    '--json',
    '--since',
    '2020-01-01',
    '--limit',
    '10',
    '--fail-on',
    'changed>0',
  );
  expect([code, stderr]).toEqual([0, '']);
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({
    window: { since: '2020-01-01T00:00:00.000Z', until: null, workflow: null },
    ok: true,
    tickets: 10,
    decided: 10,
    counts: { changed: 0, 'changed-identities': 0, confidence: 0 },
    differences: [],
    gates: [{ condition: 'changed>0', count: 0, failed: false }],
  });
  expect(report.places).toContainEqual({ from: 'team:web', to: 'team:web', count: 9 });
});

test('a stricter check shows whom it would stop, and a gate fails', async () => {
  await edit('>= 500.0', '>= 5000.0');
  const { code, stdout } = await plan('--fail-on', 'new-exceptions>10%', '--fail-on', 'route>100');
  expect(code).toBe(1);
  expect(stdout).toContain('! 4 (20 %) would not');
  expect(stdout).toContain('4  would stop, and did not (20 %, new-exceptions)');
  expect(stdout).toMatch(/4 {8}team:web {2}exception check_failed {2}15/);
  expect(stdout).toMatch(
    /4 of leads\n +was {2}team:web\n +now {2}exception check_failed: budget-in-range: Budget is under 500\n +see {2}signalbox explain leads [0-9a-f-]{36}/,
  );
  expect(stdout).toContain('✘ --fail-on new-exceptions>10%: it holds (20 %, 4 tickets)');
  expect(stdout).toContain('✔ --fail-on route>100: it does not hold (4 tickets)');
});

test('what cannot be meant is refused before anything is read', async () => {
  const { code, stderr } = await plan('--since', 'last week');
  expect([code, stderr]).toEqual([
    2,
    expect.stringContaining('--since "last week" is neither a length of time nor a time.'),
  ]);
});

describe('explain a ticket', () => {
  test('as it was decided, by the version that it is pinned to', async () => {
    await edit('>= 500.0', '>= 50.0');
    const ticket = await ticketOf('lead-0');
    const { code, stdout } = await there('explain', ticket);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      new RegExp(`^Ticket ${ticket}, decided .* UTC by leads @ [0-9a-f]{10}\n  check_failed`),
    );
    expect(stdout).toContain(
      '✘ budget-in-range: Budget is under 500\n    ✘ ticket.budget >= 500.0  ticket.budget is 100',
    );
    expect(stdout).toContain('if payload.budget is 500, not 100\n    → team:web with confidence 1');
    expect(stdout).toContain('✔ This is what was decided then.');
  });

  test('under the files on disk, beside what was decided then', async () => {
    await edit('>= 500.0', '>= 50.0');
    const { code, stdout } = await there('explain', 'leads', await ticketOf('lead-0'));
    expect(code).toBe(0);
    expect(stdout).toContain('✔ ticket.budget >= 50.0  ticket.budget is 100');
    expect(stdout).toContain(
      'Not as it was decided then\n  It was exception check_failed: budget-in-range: Budget is under 500, and would be team:web.',
    );
    expect(stdout).toContain('It would hand off create-record, and did not.');
  });

  test('after a person has repaired it, by what was repaired', async () => {
    const ticket = await ticketOf('lead-0');
    await app.act(ticket, 1, { act: 'claim' });
    await app.act(ticket, 1, { act: 'tick', index: 0 });
    const resolved = await app.act(ticket, 1, {
      act: 'resolve',
      resolution: 'replay',
      root_cause: 'human-error',
      payload: JSON.parse(lead('lead-0', { budget: 700 })),
    });
    expect(resolved.status).toBe(200);
    const { body } = await app.get(`/api/tickets/${ticket}/explanation`);
    expect(body).toMatchObject({
      ticket,
      revision: 2,
      explanation: { decision: { kind: 'routed', route: 'team:web', handoffs: ['create-record'] } },
      differs: [],
    });
    expect(body.explanation.checks[0].that.saw).toEqual([{ path: 'ticket.budget', value: '700' }]);
  });

  test('after a person has sent it elsewhere, routing is that', async () => {
    await app.post(lead('brand', { project_type: 'brand' }));
    const ticket = await ticketOf('brand');
    await app.act(ticket, 1, { act: 'claim' });
    const { body: exception } = await app.get(`/api/exceptions/${ticket}/1`);
    for (const index of exception.checklist.keys()) await app.act(ticket, 1, { act: 'tick', index });
    const body = { act: 'resolve', resolution: 'reroute', root_cause: 'human-error', to: 'team:growth' };
    expect((await app.act(ticket, 1, body)).status).toBe(200);
    expect((await app.get(`/api/tickets/${ticket}/explanation`)).body).toMatchObject({
      explanation: { decision: { route: 'team:growth', confidence: 1 }, routing: { confidence: null } },
      differs: [],
    });
  });

  test('answers are as the API’s document says', async () => {
    const document = (await app.get('/openapi.json')).body;
    const schemaOf = (path: string, type: string) =>
      document.paths[path].get.responses[200].content[type].schema;
    const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
    const explanation = ajv.compile(schemaOf('/api/tickets/{id}/explanation', 'application/json'));
    const line = ajv.compile(schemaOf('/api/triggers', 'application/x-ndjson'));
    const lines = (await app.bytes('/api/triggers')).toString().trimEnd().split('\n');
    expect(lines).toHaveLength(21);
    for (const each of lines.map((text) => JSON.parse(text))) {
      expect(line(each), ajv.errorsText(line.errors)).toBe(true);
      const { body } = await app.get(`/api/tickets/${each.ticket}/explanation`);
      expect(explanation(body), ajv.errorsText(explanation.errors)).toBe(true);
    }
  });

  test('a ticket that is not there is said to be so', async () => {
    const path = '/api/tickets/0199f0c4-7a12-7bcd-8e21-5a3b9c8d2f41/explanation';
    expect((await app.get(path)).body).toMatchObject({ status: 404, code: 'not_found' });
  });
});
