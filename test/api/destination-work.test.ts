import { afterAll, beforeAll, expect, test } from 'vitest';
import { limits } from '../../src/limits.ts';
import { type ApiServer, apiServer, routed } from './api-server.ts';

let server: ApiServer;
let tickets: string[];
beforeAll(async () => {
  server = await apiServer();
  tickets = [];
  for (const identity of ['web-1', 'web-2', 'web-3']) tickets.push(await server.place(routed(identity)));
  tickets.push(await server.place(routed('web-4', true)));
});
afterAll(async () => await server.close());

async function attempt(ticket: string, number: number, agoMs: number, tookMs: number | null, result: string) {
  const started = new Date(server.clock.now().getTime() - agoMs);
  const done = tookMs === null ? null : new Date(started.getTime() + tookMs);
  await server.db
    .insertInto('attempt')
    .values({
      ticket_id: ticket,
      handoff_seq: 1,
      attempt: number,
      started_at: started,
      ended_at: done,
      result: done === null ? null : (result as 'accepted'),
      status: result === 'accepted' ? 201 : null,
      detail: null,
      response: null,
    })
    .execute();
}

test('attempts: counted in steps of time, empty ones too; the latest one by one', async () => {
  const [first = '', second = ''] = tickets;
  await attempt(first, 1, 60_000, 100, 'unknown');
  await attempt(first, 2, 30_000, 300, 'accepted');
  await attempt(second, 1, 29_000, 500, 'accepted');
  await attempt(second, 2, 1_000, null, '');
  await attempt(second, 3, limits.destinationAttemptsMs + 1, 900, 'rejected');
  const { body } = await server.ask('/api/destinations/tool/attempts');
  expect(body.steps).toHaveLength(limits.destinationAttemptsMs / limits.destinationStepMs);
  const counted = body.steps.filter(({ p50_ms }: { p50_ms: number | null }) => p50_ms !== null);
  expect(counted).toMatchObject([
    { at: '2026-03-01T09:59:00.000Z', accepted: 0, unknown: 1, p50_ms: 100 },
    { at: '2026-03-01T09:59:30.000Z', accepted: 2, unknown: 0, p50_ms: 400 },
  ]);
  expect(body.attempts).toMatchObject([
    { ticket_id: second, attempt: 2, ended_at: null, result: null },
    { ticket_id: second, attempt: 1, result: 'accepted', status: 201, handoff: 'create' },
    { ticket_id: first, attempt: 2 },
    { ticket_id: first, attempt: 1, result: 'unknown' },
  ]);
  expect((await server.ask('/api/destinations/other/attempts')).body.attempts).toEqual([]);
});

test('what waits for a destination, page by page', async () => {
  const { body: all } = await server.ask('/api/destinations/tool/handoffs');
  expect(all.handoffs).toHaveLength(4);
  expect(all.handoffs.map(({ state }: { state: string }) => state).toSorted()).toEqual([
    'awaiting_approval',
    'ready',
    'ready',
    'ready',
  ]);
  expect(all.handoffs[0]).toMatchObject({ workflow: 'leads', owner: 'team:growth', handoff: 'create' });
  const seen: string[] = [];
  let after: string | null = null;
  do {
    const more: string = after === null ? '' : `&after=${encodeURIComponent(after)}`;
    const { body } = await server.ask(`/api/destinations/tool/handoffs?limit=3${more}`);
    seen.push(...body.handoffs.map(({ ticket_id }: { ticket_id: string }) => ticket_id));
    after = body.next;
  } while (after !== null);
  expect(seen).toEqual(all.handoffs.map(({ ticket_id }: { ticket_id: string }) => ticket_id));
  expect((await server.ask('/api/destinations/tool/handoffs?after=x')).status).toBe(400);
});

test('the map says what is under way, where, and on whom what stops is', async () => {
  const { body } = await server.ask('/api/workflows/leads/map');
  expect(body.handoffs).toEqual([
    {
      id: 'create',
      destination: 'tool',
      destination_state: 'closed',
      approval_by: 'team:growth',
      awaiting_approval: 1,
      waiting: 0,
      sending: 3,
      confirming: 0,
    },
  ]);
  expect(body.rungs[0]).toMatchObject({ rung: 'contract', owners: ['team:triage'] });
  expect(body.routes).toEqual(['team:growth']);
});
