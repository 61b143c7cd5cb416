import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiServer, apiServer, key, routed, stopped } from './api-server.ts';

let server: ApiServer;
beforeAll(async () => {
  server = await apiServer();
});
afterAll(async () => await server.close());

test('a ticket is found by its identity and tells its whole story', async () => {
  const id = await server.place(stopped('lead-1'));
  const list = await server.ask('/api/tickets?identity=lead-1');
  expect(list.body.tickets.map((ticket: { id: string }) => ticket.id)).toEqual([id]);

  const { status, body } = await server.ask(`/api/tickets/${id}`);
  expect(status).toBe(200);
  expect(body.ticket).toMatchObject({
    id,
    state: 'exception',
    identity: 'lead-1',
    received_at: '2026-03-01T10:00:00.000Z',
  });
  expect(body.entries.map((entry: { kind: string }) => entry.kind)).toEqual([
    'received',
    'decided',
    'exception_opened',
  ]);
  expect(body.entries[1].data.reasons[0].rung).toBe('contract');
  expect(body.exceptions[0]).toMatchObject({
    seq: 1,
    mode: 'contract_violation',
    state: 'open',
    root_causes: ['human-error'],
  });
  expect(body.payloads).toMatchObject([{ revision: 1, bytes: 15, headers: { 'x-a': '1' }, erased_at: null }]);
  expect(body.waits_for).toEqual([
    {
      what: 'exception 1 (contract_violation) to be claimed',
      whom: 'team:triage',
      until: '2026-03-01T10:15:00.000Z',
    },
  ]);
});

test('a handoff stands in the story with its plan, and says what it waits for', async () => {
  const id = await server.place(routed('lead-2', true));
  const { body } = await server.ask(`/api/tickets/${id}`);
  expect(body.handoffs).toMatchObject([
    {
      seq: 1,
      handoff: 'create',
      state: 'awaiting_approval',
      attempts: [],
      outcome: null,
      approval: { state: 'waiting' },
    },
  ]);
  expect(body.waits_for).toEqual([
    { what: 'approval of create', whom: 'team:growth', until: '2026-03-01T11:00:00.000Z' },
  ]);
});

test('pages hold every ticket once, newest first', async () => {
  for (let index = 0; index < 5; index += 1) await server.place(routed(`page-${index}`));
  const seen: string[] = [];
  for (let after = ''; ; ) {
    const { body } = await server.ask(`/api/tickets?limit=2${after && `&after=${after}`}`);
    seen.push(...body.tickets.map((ticket: { id: string }) => ticket.id));
    if (body.next === null) break;
    after = body.next;
  }
  expect(seen).toEqual(seen.toSorted().reverse());
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen.length).toBeGreaterThanOrEqual(5);
});

test('filters narrow the list', async () => {
  const { body } = await server.ask('/api/tickets?state=exception&source=form&workflow=leads');
  expect(new Set(body.tickets.map((ticket: { state: string }) => ticket.state))).toEqual(
    new Set(['exception']),
  );
});

test('a payload comes as a file of plain text, never as a page', async () => {
  const id = await server.place(stopped('lead-3'), '<script>alert(1)</script>');
  const response = await fetch(`${server.url}/api/tickets/${id}/payload`, {
    headers: { authorization: `Bearer ${key}` },
  });
  expect(await response.text()).toBe('<script>alert(1)</script>');
  expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  expect(response.headers.get('content-disposition')).toBe(`attachment; filename="${id}-1.txt"`);
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
});

test.each([
  [
    '/api/tickets/0199f0c4-7a12-7bcd-8e21-5a3b9c8d2f41',
    404,
    'There is no ticket 0199f0c4-7a12-7bcd-8e21-5a3b9c8d2f41.',
    'no such ticket',
  ],
  ['/api/tickets/lead-1', 400, "`id` in the path must be a ticket's id (a UUID).", 'an identity is no id'],
  ['/api/tickets?limit=501', 400, '`limit` in the query must be at most 500.', 'a page has its bound'],
  ['/api/tickets?limit=many', 400, '`limit` in the query must be an integer.', 'not a number'],
  [
    '/api/tickets/urn:uuid:0199f0c4-7a12-7bcd-8e21-5a3b9c8d2f41',
    400,
    "`id` in the path must be a ticket's id (a UUID).",
    'a UUID as PostgreSQL reads it',
  ],
  [
    '/api/exceptions?after=2026-03-01T10:00:00.000Z~------------------------------------~1',
    400,
    '"2026-03-01T10:00:00.000Z~------------------------------------~1" is no place in this list.',
    'not a cursor',
  ],
  [
    '/api/tickets?identity=a%00b',
    400,
    '`identity` in the query holds a character that cannot be stored.',
    'PostgreSQL has no NUL',
  ],
  [
    '/api/tickets?stat=done',
    400,
    'The query has the unknown member `stat`: did you mean `state`?',
    'misspelt',
  ],
  [
    '/api/tickets?state=open',
    400,
    '`state` in the query must be one of `handoff`, `triage`, `exception`, `done`, `discarded`, `rejected`.',
    'not a state',
  ],
  ['/api/nothing', 404, 'Nothing answers GET /api/nothing.', 'no such route'],
])('%s is a %i problem: %s (%s)', async (path, status, detail) => {
  const answer = await server.ask(path);
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  expect(answer.body).toMatchObject({ status, detail, type: 'about:blank' });
  expect(answer.body.instance).toMatch(/^urn:request:/);
});

test.each([
  ['2016-12-31T23:59:60Z', 400, 'a leap second, which no Date has'],
  ['2026-03-01T10:00:00%2B01', 400, 'a zone without its minutes'],
  ['2026-03-01T10:00:00', 400, 'no zone'],
  ['2026-03-01T10:00:00%2B01:00', 200, 'a zone'],
  ['0000-01-01T00:00:00Z', 200, 'long ago'],
])('tickets since %s: %i, %s', async (since, status) => {
  for (const path of ['/api/tickets', '/api/today', '/api/triggers']) {
    const headers = { authorization: `Bearer ${key}` };
    expect((await fetch(`${server.url}${path}?since=${since}`, { headers })).status, path).toBe(status);
  }
});
