import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyAll } from '../../src/audit/worker.ts';
import { type TestApp, testApp } from '../support/app.ts';
import { lead, projectFiles } from '../support/project.ts';
import { startTarget, type Target } from '../support/target.ts';

/** One delivery that carries several triggers: each a ticket of its own, all of them or none, and the bytes kept once. */

const workflow = (projectFiles('http://unused')['workflows/leads.yaml'] ?? '').replace(
  '  identity: payload.lead_id',
  '  split: payload.entry.map(e, e.changes.map(c, c.value))\n  identity: payload.lead_id',
);
let target: Target;
let server: TestApp;
let owner: pg.Client;

beforeAll(async () => {
  target = await startTarget();
  server = await testApp(target.url, { files: { 'workflows/leads.yaml': workflow } });
  owner = new pg.Client(server.database.ownerUrl);
  await owner.connect();
});

afterAll(async () => {
  await owner.end();
  await server.stop();
  await target.close();
});

/** As Meta sends leads: a list of pages, each with a list of changes. */
function delivery(...pages: readonly (readonly string[])[]): string {
  return JSON.stringify({
    object: 'page',
    entry: pages.map((leads) => ({
      changes: leads.map((text) => ({ field: 'leadgen', value: JSON.parse(text) })),
    })),
  });
}

async function count(table: string): Promise<number> {
  return Number((await owner.query(`select count(*) from ${table}`)).rows[0].count);
}

test('each part is a ticket with its own decision; the delivery is kept once, and named by each', async () => {
  const body = delivery([lead('a'), lead('b', { budget: 1 })], [lead('c', { project_type: 'x' })]);
  const { status, body: answer } = await server.post(body);
  expect(status).toBe(202);
  expect(answer.tickets).toMatchObject([
    { state: 'handoff', decision: { kind: 'routed' } },
    { state: 'exception', decision: { kind: 'stopped', exception: { mode: 'check_failed' } } },
    { state: 'exception', decision: { kind: 'stopped', exception: { mode: 'contract_violation' } } },
  ]);
  const { rows } = await owner.query(
    `select ticket.id, part, delivery.body, payload.body as own from ticket
      join delivery on delivery.id = delivery_id join payload on ticket_id = ticket.id order by part`,
  );
  expect(rows.map(({ id, part }) => [id, part])).toEqual(
    answer.tickets.map(({ ticket }: { ticket: string }, part: number) => [ticket, part]),
  );
  expect(rows.every((row) => row.body.toString() === body)).toBe(true);
  expect(rows[0].own.toString()).toBe(lead('a'));
  expect(await count('delivery')).toBe(1);
  const story = await server.get(`/api/tickets/${rows[1].id}`);
  expect(story.body.entries[0]).toMatchObject({ kind: 'received', data: { part: 1 } });
});

test('the same delivery again: all is joined, and nothing more is kept', async () => {
  const again = delivery([lead('again'), lead('again')]);
  const first = await server.post(again);
  expect([first.status, first.body.tickets]).toMatchObject([
    202,
    [{ decision: { kind: 'routed' } }, { decision: { kind: 'joined' } }],
  ]);
  const before = await count('delivery');
  const second = await server.post(again);
  expect([second.status, second.body.tickets]).toMatchObject([
    200,
    [{ decision: { kind: 'joined' } }, { decision: { kind: 'joined' } }],
  ]);
  expect(await count('delivery')).toBe(before);
});

test('a delivery without triggers stores nothing, and says so', async () => {
  const before = await count('ticket');
  const { status, body } = await server.post(delivery([], []));
  expect([status, body]).toEqual([
    200,
    { tickets: [], note: 'The delivery holds no triggers: nothing was stored.' },
  ]);
  expect(await count('ticket')).toBe(before);
});

test('a delivery that cannot be split is one ticket that holds it; repaired by a person it is one trigger', async () => {
  const { status, body } = await server.post('{"entry":"none"}');
  expect([status, body]).toMatchObject([202, { decision: { exception: { mode: 'transform_failed' } } }]);
  await server.act(body.ticket, 1, { act: 'claim' });
  for (const index of [0, 1]) await server.act(body.ticket, 1, { act: 'tick', index });
  const repaired = await server.act(body.ticket, 1, {
    act: 'resolve',
    resolution: 'replay',
    payload: JSON.parse(lead('repaired')),
    root_cause: 'sender-changed-form',
  });
  expect(repaired.status).toBe(200);
  const story = await server.get(`/api/tickets/${body.ticket}`);
  expect(story.body.handoffs).toHaveLength(1);
});

test('where one part cannot be written, nothing of its delivery is; others of the group are', async () => {
  await owner.query(`
    create function refuse_poison() returns trigger language plpgsql as $$ begin raise exception 'poison'; end $$;
    create trigger poison before insert on ticket for each row when (new.identity = 'poison')
      execute function refuse_poison()`);
  const [before, deliveries] = [await count('ticket'), await count('delivery')];
  const torn = delivery([lead('p1'), lead('poison')], [lead('p2')]);
  const answers = await Promise.all([
    server.post(delivery([lead('w1'), lead('w2')])),
    server.post(torn),
    server.post(delivery([lead('w3')])),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([202, 500, 202]);
  expect([await count('ticket'), await count('delivery')]).toEqual([before + 3, deliveries + 2]);
  await owner.query('drop trigger poison on ticket');
  const { status, body } = await server.post(torn);
  expect([status, body.tickets.length]).toEqual([202, 3]);
});

test('the verifier covers the bytes of the delivery', async () => {
  const whole = await verifyAll(server.database.db);
  expect(whole.broken).toBeNull();
  const { body } = await server.post(delivery([lead('t1'), lead('t2')]));
  const tickets = body.tickets.map(({ ticket }: { ticket: string }) => ticket);
  const touch =
    'update delivery set body = set_byte(body, 3, 88) where id = (select delivery_id from ticket where id = $1)';
  await owner.query(touch, [tickets[0]]);
  const { broken } = await verifyAll(server.database.db);
  expect(broken).toMatchObject({ seq: 1, what: 'delivery' });
  expect(tickets).toContain(broken?.ticketId);
});
