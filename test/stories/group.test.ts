import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type TestApp, testApp } from '../support/app.ts';
import { lead } from '../support/project.ts';
import { manualClock } from '../support/shell.ts';
import { startTarget, type Target } from '../support/target.ts';

/** Promise 2: the claim of an identity and the work are one commit; what fails to commit leaves nothing behind. */

const dayMs = 86_400_000;
const clock = manualClock(new Date('2026-03-01T10:00:00Z'));
let target: Target;
let server: TestApp;

beforeEach(async () => {
  target = await startTarget();
  server = await testApp(target.url, { clock });
});

afterEach(async () => {
  await server.stop();
  await target.close();
});

test('fifty senders of one lead at once: one ticket, forty-nine joined, each an entry', async () => {
  const answers = await Promise.all(Array.from({ length: 50 }, () => server.post(lead('one'))));
  expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(49);
  expect(new Set(answers.map(({ body }) => body.ticket)).size).toBe(1);
  const { body } = await server.get(`/api/tickets/${answers[0]?.body.ticket}`);
  expect(body.ticket.joined).toBe(49);
  expect(body.entries.filter(({ kind }: { kind: string }) => kind === 'duplicate_joined')).toHaveLength(49);
});

test('two contents under one identity at once: one is taken, the other is a conflict with an owner', async () => {
  const [one, other] = await Promise.all([
    server.post(lead('two', { budget: 1000 })),
    server.post(lead('two', { budget: 2000 })),
  ]);
  const stopped = [one, other].find(({ body }) => body.decision.kind === 'stopped');
  const routed = [one, other].find(({ body }) => body.decision.kind === 'routed');
  expect(stopped?.body.decision.exception.mode).toBe('conflicting_duplicate');
  expect(stopped?.body.decision.exception.summary).toContain(routed?.body.ticket);
});

test('an identity is free again when its window has passed', async () => {
  const first = await server.post(lead('window'));
  clock.advance(30 * dayMs - 1);
  expect((await server.post(lead('window'))).status).toBe(200);
  clock.advance(1);
  const later = await server.post(lead('window'));
  expect(later.status).toBe(202);
  expect(later.body.ticket).not.toBe(first.body.ticket);
});

test('one trigger that cannot be written does not take its group with it, and its retry is welcome', async () => {
  const owner = new pg.Client(server.database.ownerUrl);
  await owner.connect();
  await owner.query(refusePoison);
  const ids = ['a', 'b', 'poison', 'c', 'd'];
  const answers = await Promise.all(ids.map((id) => server.post(lead(id))));
  expect(answers.map(({ status }) => status)).toEqual([202, 202, 500, 202, 202]);
  await owner.query('drop trigger poison on ticket');
  await owner.end();
  expect((await server.post(lead('poison'))).status).toBe(202);
});

const refusePoison = `
  create function refuse_poison() returns trigger language plpgsql as $$ begin raise exception 'poison'; end $$;
  create trigger poison before insert on ticket for each row when (new.identity = 'poison')
    execute function refuse_poison()`;
