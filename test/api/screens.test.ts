import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { csvText } from '../../src/api/csv.ts';
import { closeFinding, openFinding } from '../../src/detection/finding/worker.ts';
import type { ExceptionPolicy } from '../../src/exceptions/exception.ts';
import type { Person } from '../../src/workflow/project.ts';
import { insertTicket } from '../support/ticket.ts';
import { type ApiServer, apiServer, routed, stopped } from './api-server.ts';

let server: ApiServer;
let first: string;
beforeAll(async () => {
  server = await apiServer();
  first = await server.place(stopped('lead-1'));
  await server.place(stopped('lead-2'));
  await server.place(routed('web-3', true));
});
afterAll(async () => await server.close());

async function get(path: string, headers: Record<string, string> = {}) {
  return (await server.ask(path, { headers })).body;
}

describe('the queue', () => {
  test.each<[query: string, count: number, reason: string]>([
    ['', 2, 'what is not resolved'],
    ['owner=team:triage', 2, 'owner, alternate or whom it is on'],
    ['owner=team:growth', 0, 'somebody else'],
    ['source=form', 2, 'where it comes from'],
    ['source=shop', 0, 'another source'],
    ['text=project_type', 2, 'in the summary'],
    ['text=LEAD-1', 1, 'in the identity, whatever its case'],
    ['text=%25', 0, 'taken as it is'],
    ['claimed_by=person:dana', 0, 'nobody has any'],
    ['due_before=2026-03-01T10:00:00.000Z', 0, 'not due yet'],
    ['due_before=2026-03-02T10:00:00.000Z', 2, 'due by then'],
    ['due_before=0000-01-01T00:00:00Z', 0, 'before any calendar of the database'],
    ['due_before=2026-03-03T10:00:00%2B23:59', 2, 'in a zone that the database does not know'],
  ])('?%s: %i (%s)', async (query, count) => {
    expect((await get(`/api/exceptions?${query}`)).exceptions).toHaveLength(count);
    const { counts } = await get(`/api/exceptions/counts?${query}`);
    expect(counts.find(({ by }: { by: string }) => by === 'all')?.count ?? 0).toBe(count);
  });

  test('is counted by what narrows it', async () => {
    const { counts } = await get('/api/exceptions/counts');
    expect(counts).toEqual(
      expect.arrayContaining([
        { by: 'mode', value: 'contract_violation', count: 2, late: 0 },
        { by: 'responsible', value: 'team:triage', count: 2, late: 0 },
        { by: 'source', value: 'form', count: 2, late: 0 },
      ]),
    );
  });
});

test.each<[query: string, count: number, reason: string]>([
  ['text=WEB', 1, 'any field, whatever its case'],
  ['field=type%3Dweb', 1, 'one field'],
  ['field=type%3Dbrand', 0, 'another value of it'],
  ['since=2026-03-01T10:00:00.000Z', 3, 'received then'],
  ['until=2026-03-01T10:00:00.000Z', 0, 'received before then'],
  ['text=lead&state=exception', 2, 'both'],
])('tickets ?%s: %i (%s)', async (query, count) => {
  expect((await get(`/api/tickets?${query}`)).tickets).toHaveLength(count);
});

test('today: what waits for who asks', async () => {
  const omar = await server.signedIn('omar', ['operator']);
  const dana = await server.signedIn('dana');
  const today = (await dana.get('/api/today')).body;
  expect(today.answers_as).toEqual(['person:dana', 'team:growth']);
  expect(today.mine.approvals).toHaveLength(1);
  expect(today.mine.exceptions, 'they are on team:triage').toHaveLength(0);
  expect(today.waiting).toEqual({ exceptions: 2, approvals: 1, outcomes: 0 });
  await omar.post(`/api/exceptions/${first}/1/acts`, { act: 'claim' });
  expect((await omar.get('/api/today')).body.mine.exceptions).toHaveLength(1);
});

test.each(['2026-12-31T23:59:60Z', '2026-01-01T00:00:00+02'])(
  '%s is a moment that no clock here knows: the caller is told',
  async (since) => {
    const answer = await server.ask(`/api/today?since=${encodeURIComponent(since)}`);
    expect(answer).toMatchObject({
      status: 400,
      body: { detail: '`since` in the query must be a time with its zone: 2026-03-01T10:00:00Z.' },
    });
  },
);

test('before the year 1 nothing is due', async () => {
  expect((await get('/api/exceptions?due_before=0000-01-01T00:00:00Z')).exceptions).toEqual([]);
});

describe('what Signalbox finds by itself', () => {
  const found = async (key: string, ticketId: string | null) => {
    const policy = server.shell.project().workflows.get('leads')?.exceptions as ExceptionPolicy;
    const finding = {
      mode: 'sync_stale',
      key,
      ticketId,
      source: null,
      policy,
      summary: 'x',
      detail: {},
    } as const;
    await openFinding(server.shell, finding, server.clock.now());
  };
  const over = (key: string) => closeFinding(server.shell, key, 'x', server.clock.now());

  test('did not come in', async () => {
    const received = async () => (await get('/api/today')).received;
    const before = await received();
    await found('sync_stale/x', null);
    expect(await received()).toEqual(before);
    await over('sync_stale/x');
  });

  test('has stopped nothing', async () => {
    const { id } = await insertTicket(server.db, { now: server.clock.now(), state: 'done' });
    const done = async () => (await get('/api/workflows/leads/map')).done;
    expect(await done()).toBe(1);
    await found('sync_stale/y', id);
    expect(await done()).toBe(1);
    await over('sync_stale/y');
    await server.db.updateTable('ticket').set({ workflow: 'forgotten' }).where('id', '=', id).execute();
  });
});

test('people are told with their leave, and whether anybody reaches them', async () => {
  const known = server.shell.project().people as Map<string, Person>;
  const away = [{ from: '2026-02-20', until: '2026-03-05', cover: 'person:dana' as const }];
  known.set('omar', { key: 'omar', name: 'omar', email: 'omar@example.com', away });
  const of = async (ref: string) =>
    (await get('/api/people')).people.find((each: { ref: string }) => each.ref === ref);
  expect(await of('person:omar')).toMatchObject({ reachable: false, away: away[0], absences: away });
  expect(await of('person:dana')).toMatchObject({ reachable: false, away: null, absences: [] });
  known.set('dana', { key: 'dana', name: 'dana', email: 'dana@example.com', away: [] });
  expect(await of('person:omar'), 'covered').toMatchObject({ reachable: true });
  expect(await of('team:growth'), 'by its member').toMatchObject({ reachable: true });
});

test('people, inventory and map count the same things', async () => {
  const { people } = await get('/api/people');
  expect(people.find(({ ref }: { ref: string }) => ref === 'team:growth')).toMatchObject({
    workflows: ['leads'],
    approvals: 1,
  });
  const { chains } = await get('/api/inventory');
  expect(chains).toMatchObject([
    { workflow: 'leads', source: 'form', destinations: ['tool'], received: 3, stopped: 2, health: 'failing' },
  ]);
  const map = await get('/api/workflows/leads/map');
  expect(map.rungs[0]).toMatchObject({
    rung: 'contract',
    reached: 3,
    stopped: [{ mode: 'contract_violation', count: 2 }],
  });
  expect(map.rungs[1].reached).toBe(1);
  expect((await server.ask('/api/workflows/nosuch/map')).status).toBe(404);
});

describe('CSV', () => {
  test.each([
    ['/api/exceptions?format=csv', {}],
    ['/api/people', { accept: 'text/csv' }],
  ])('%s %j', async (path, headers) => {
    const answer = await fetch(server.url + path, {
      headers: { authorization: 'Bearer sb_test_key', ...headers },
    });
    expect(answer.headers.get('content-type')).toContain('text/csv');
    expect((await answer.text()).split('\r\n')[0]).toMatch(/^(ticket_id|ref),/);
  });

  test.each<[value: unknown, cell: string, reason: string]>([
    ['=1+1', "'=1+1", 'a formula'],
    ['+49 30', "'+49 30", 'a formula too'],
    ['-2+3', "'-2+3", 'and this'],
    ['@SUM(A1)', "'@SUM(A1)", 'and this'],
    ['\t=1', "'\t=1", 'hidden behind a tab'],
    [-2, '-2', 'a number is one'],
    ['a "b", c', '"a ""b"", c"', 'quotes and commas'],
    [{ a: '=1' }, '"{""a"":""=1""}"', 'JSON begins with a brace'],
    [null, '', 'nothing'],
  ])('%j is %s: %s', (value, cell) => {
    expect(csvText([{ a: value }])).toBe(`a\r\n${cell}\r\n`);
  });
});

test('/docs shows the document, and runs nothing', async () => {
  const answer = await fetch(`${server.url}/docs`);
  const html = await answer.text();
  expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'nonce-/);
  expect(html).toContain('/api/exceptions/{ticketId}/{seq}');
  expect(html).not.toContain('<script');
});
