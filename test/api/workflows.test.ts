import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Order, Sent } from '../../src/workflow/in-force/worker.ts';
import { deployWorkflows } from '../../src/workflow/store.ts';
import { bundleText, versionOf } from '../../src/workflow/version.ts';
import { type ApiServer, apiServer, routed } from './api-server.ts';

/** The routes of versions; what they do is told in test/stories/versions.test.ts. */

let server: ApiServer;
const orders: unknown[] = [];
const difference = {
  kind: 'owner',
  path: 'owner',
  before: 'a',
  after: 'b',
  words: 'w',
  breaking: null,
} as const;
beforeAll(async () => {
  server = await apiServer({
    workflows: {
      deploy: async (sent: readonly Sent[], order: Order) => {
        orders.push([sent, order]);
        return [
          { workflow: 'leads', from: null, to: 'b'.repeat(64), differences: [difference], breaking: null },
        ];
      },
      rollBack: async (workflow: string, version: string | null, order: Order) => {
        orders.push([workflow, version, order]);
        return { workflow, from: 'a'.repeat(64), to: 'a'.repeat(64), differences: [], breaking: false };
      },
    },
  });
});
afterAll(() => server.close());

const asDana = { 'signalbox-actor': 'person:dana' };

test('a deployment is what was sent, for who sent it', async () => {
  const body = { workflows: [{ bundle: '{}', from: null }], reason: 'Because', dry_run: true };
  expect(await server.ask('/api/deployments', { body, headers: asDana })).toMatchObject({
    status: 200,
    body: {
      deployed: false,
      workflows: [
        {
          workflow: 'leads',
          from: null,
          to: 'b'.repeat(64),
          changed: true,
          breaking: null,
          differences: [difference],
        },
      ],
    },
  });
  expect(orders.pop()).toEqual([
    [{ bundle: '{}', from: null }],
    { by: 'person:dana', reason: 'Because', dryRun: true },
  ]);
});

test('a rollback takes first digits, or none', async () => {
  const ask = (body: object) => server.ask('/api/workflows/leads/rollback', { body });
  expect((await ask({ version: 'abcdef01', reason: 'x' })).body).toMatchObject({
    deployed: true,
    workflows: [{ changed: false }],
  });
  expect(orders.pop()).toEqual(['leads', 'abcdef01', { by: 'local', reason: 'x', dryRun: false }]);
  await ask({ reason: 'x' });
  expect(orders.pop()).toMatchObject(['leads', null, {}]);
});

test.each<[string, object, RegExp, string]>([
  ['/api/deployments', { workflows: [{ bundle: '{}' }] }, /lacks `reason`/, 'why is part of it'],
  ['/api/deployments', { workflows: [], reason: 'x' }, /workflows/, 'nothing is no deployment'],
  [
    '/api/workflows/leads/rollback',
    { reason: '' },
    /`reason` in the body is empty/,
    'an empty reason is none',
  ],
  [
    '/api/workflows/leads/rollback',
    { reason: 'x', version: '12345' },
    /`version`/,
    'digits that too many versions have',
  ],
])('%s refuses %j (%#)', async (path, body, detail) => {
  const answer = await server.ask(path, { body });
  expect(answer.status).toBe(400);
  expect(answer.body.detail).toMatch(detail);
});

test('the history is paged, and counts open tickets by version', async () => {
  await server.place(routed('open-1'));
  for (const minute of [1, 2, 3]) {
    const bundle = bundleText({
      workflow: 'workflows/leads.yaml',
      files: { 'workflows/leads.yaml': `# ${minute}` },
      destinations: {},
    });
    await deployWorkflows(
      server.db,
      { bundles: new Map([['leads', bundle]]) },
      'person:omar',
      new Date(Date.UTC(2026, 2, 2, 10, minute)),
    );
  }
  const pages: unknown[] = [];
  let next: string | null = '';
  while (next !== null) {
    const { body } = await server.ask(`/api/workflows/leads/versions?limit=2${next && `&after=${next}`}`);
    pages.push(body.deployments.map(({ reason }: { reason: string }) => reason));
    next = body.next;
    expect(body.versions.map((each: Record<string, unknown>) => [each.active, each.open_tickets])).toEqual([
      [true, 0],
      [false, 0],
      [false, 0],
      [false, 1],
    ]);
  }
  const change = 'file change: workflows/leads.yaml';
  expect(pages).toEqual([
    [change, change],
    [change, 'first seen in its folder'],
  ]);
});

test('versions that cannot be compared say so', async () => {
  const ask = (query: string) => server.ask(`/api/workflows/leads/difference${query}`);
  expect(await ask('?from=000000')).toMatchObject({
    status: 404,
    body: { detail: '`leads` has no version 000000.' },
  });
  const digits = versionOf('{"workflow":"leads"}').slice(0, 10);
  expect(await ask(`?from=${digits}`)).toMatchObject({ status: 409, body: { code: 'conflict' } });
});
