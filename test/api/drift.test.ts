import { afterAll, beforeAll, expect, test } from 'vitest';
import { openFindings } from '../../src/detection/drift/store.ts';
import { type ApiServer, apiServer } from './api-server.ts';

let server: ApiServer;
beforeAll(async () => {
  server = await apiServer();
  const before = { seen: 200, of: 200 };
  const change = { change: 'vanished' as const, what: '', before, now: { seen: 0, of: 16 }, described: true };
  await server.db.transaction().execute(async (tx) => {
    const at = new Date('2026-03-01T10:00:00Z');
    const changes = ['budget', 'utm.campaign'].map((path) => ({ path, ...change }));
    await openFindings(tx, { source: 'form', kind: '' }, changes, at);
    await openFindings(tx, { source: 'form', kind: '' }, changes, at);
    await openFindings(tx, { source: 'shop', kind: 'order.paid' }, changes.slice(0, 1), at);
  });
});
afterAll(() => server.close());

const paths = (body: { findings: { source: string; path: string }[] }) =>
  body.findings.map(({ source, path }) => `${source} ${path}`);

test('what has changed is listed, newest first, each once, by pages', async () => {
  const all = await server.ask('/api/drift');
  expect(all.status).toBe(200);
  expect(paths(all.body)).toEqual(['shop budget', 'form utm.campaign', 'form budget']);
  expect(all.body.findings[0]).toMatchObject({
    kind: 'order.paid',
    before_seen: 200,
    now_of: 16,
    closed_at: null,
  });
  const page = await server.ask('/api/drift?source=form&limit=1');
  expect(paths(page.body)).toEqual(['form utm.campaign']);
  const rest = await server.ask(`/api/drift?source=form&after=${page.body.next}`);
  expect([paths(rest.body), rest.body.next]).toEqual([['form budget'], null]);
  expect((await server.ask('/api/drift?after=utm')).status, 'no page begins there').toBe(400);
});

test('a person acknowledges one, once, with a reason', async () => {
  const { body } = await server.ask('/api/drift?source=shop');
  const path = `/api/drift/${body.findings[0].id}/acknowledge`;
  expect((await server.ask(path, { body: {} })).status).toBe(400);
  const known = await server.ask(path, {
    body: { reason: 'they dropped it' },
    headers: { 'signalbox-actor': 'person:dana' },
  });
  expect(known.body).toMatchObject({
    acknowledged_by: 'person:dana',
    reason: 'they dropped it',
    closed_at: null,
  });
  expect((await server.ask(path, { body: { reason: 'again' } })).status).toBe(409);
  expect((await server.ask('/api/drift/4711/acknowledge', { body: { reason: 'x' } })).status).toBe(404);
  expect(paths((await server.ask('/api/drift?state=open')).body)).toEqual([
    'form utm.campaign',
    'form budget',
  ]);
  expect(paths((await server.ask('/api/drift?state=acknowledged')).body)).toEqual(['shop budget']);
});
