import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { limits } from '../../src/limits.ts';
import { type TestApp, testApp } from '../support/app.ts';
import { formToken, lead, projectFiles } from '../support/project.ts';
import { startTarget, type Target } from '../support/target.ts';

/** What a source that sends too much, or a stranger, can do to others: nothing. */

let target: Target;
let server: TestApp;

beforeAll(async () => {
  target = await startTarget();
  const files = projectFiles(target.url);
  const proof = 'verify: { scheme: bearer, secret: { env: FORM_TOKEN } }';
  const more = [
    `  slow: { summary: A limited one, owner: person:dana, ${proof}, rate_limit: { requests: 3, per: 1h } }`,
    `  quiet: { summary: Another, owner: person:dana, ${proof}, require_idempotency_key: true }`,
  ];
  const workflowOn = (source: string) =>
    (files['workflows/leads.yaml'] ?? '')
      .replace('workflow: leads', `workflow: ${source}`)
      .replace('source: form', `source: ${source}`);
  server = await testApp(target.url, {
    files: {
      'signalbox.yaml': (files['signalbox.yaml'] ?? '').replace(
        'destinations:',
        `${more.join('\n')}\ndestinations:`,
      ),
      'workflows/slow.yaml': workflowOn('slow'),
      'workflows/quiet.yaml': workflowOn('quiet'),
    },
  });
});

afterAll(async () => {
  await server.stop();
  await target.close();
});

test('a trigger beside groups that hang begins one of its own, as far as there may be more', async () => {
  const owner = new pg.Client(server.database.ownerUrl);
  await owner.connect();
  await owner.query('begin; lock table ticket in access exclusive mode');
  const answers: Promise<Response>[] = [];
  try {
    for (let group = 1; group <= limits.groupsInFlightMax; group += 1) {
      answers.push(post('form', lead(`alone-${group}`)));
      await vi.waitFor(async () => expect(await waitingForTickets(owner)).toBe(group), waiting);
    }
    // What comes now waits for a place.
    answers.push(post('form', lead('waits')), post('quiet', lead('waits too')));
  } finally {
    await owner.query('rollback');
    await owner.end();
  }
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(answers.map(() => 202));
});

const waiting = { timeout: 3_000, interval: 5 };

/** How many groups wait to write tickets. Workers that look at tickets wait too, for a lock to read. */
async function waitingForTickets(client: pg.Client): Promise<number | undefined> {
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::int from pg_locks
      where relation = 'ticket'::regclass and mode = 'RowExclusiveLock' and not granted`,
  );
  return rows[0]?.count;
}

describe('a rate limit', () => {
  test('is told with every answer, refuses what is over it, and leaves other sources alone', async () => {
    const answers = [];
    for (let n = 0; n < 4; n += 1) answers.push(await post('slow', lead(`slow-${n}`)));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 429]);
    const [first, last] = [answers[0], answers[3]];
    expect(first?.headers.get('ratelimit-policy')).toBe('"source";q=3;w=3600');
    expect(first?.headers.get('ratelimit')).toBe('"source";r=2;t=1200');
    expect(first?.headers.get('retry-after')).toBeNull();
    expect(last?.headers.get('ratelimit')).toMatch(/^"source";r=0;t=1(200|19\d)$/);
    expect(last?.headers.get('ratelimit')).toContain(`t=${last?.headers.get('retry-after')}`);
    expect(await last?.json()).toMatchObject({ code: 'too_many_requests', 'violated-policies': ['source'] });
    const other = await post('form', lead('other'));
    expect([other.status, other.headers.get('ratelimit')]).toEqual([202, null]);
  });

  test('holds for what is handed in over the API too: whichever door, it is one limit', async () => {
    const handedIn = await server.call('/api/triggers', {
      source: 'slow',
      payload: JSON.parse(lead('slow-4')),
    });
    expect([handedIn.status, handedIn.body.code]).toEqual([429, 'too_many_requests']);
    expect(handedIn.headers.get('ratelimit')).toContain(`t=${handedIn.headers.get('retry-after')}`);
    const other = await server.call('/api/triggers', {
      source: 'form',
      payload: JSON.parse(lead('other-2')),
    });
    expect([other.status, other.headers.get('ratelimit')]).toEqual([202, null]);
  });

  test('is not used up by strangers, who are refused without an answer of their own after a while', async () => {
    const strangers = [];
    for (let n = 0; n < limits.strangersPerMinute + 5; n += 1) {
      strangers.push(await post('form', lead('x'), 'a wrong token'));
    }
    const statuses = strangers.map(({ status }) => status);
    expect(statuses.slice(0, limits.strangersPerMinute).every((status) => status === 401)).toBe(true);
    expect(statuses.at(-1)).toBe(429);
    expect(strangers.at(-1)?.headers.get('retry-after')).toMatch(/^[1-9]/);
    expect(strangers.every(({ headers }) => !headers.has('ratelimit'))).toBe(true);
    expect((await post('form', lead('after strangers'))).status).toBe(202);
  });
});

test('callbacks by addresses that nobody was given fill neither the log nor the time of others', async () => {
  const statuses = [];
  for (let n = 0; n <= limits.strangersPerMinute; n += 1) {
    const answer = await fetch(`${server.url}/in/outcome/made.up-${n}`, { method: 'POST', body: '{}' });
    statuses.push([answer.status, answer.headers.has('retry-after')]);
  }
  expect(statuses.slice(0, -1).every(([status]) => status === 401)).toBe(true);
  expect(statuses.at(-1)).toEqual([429, true]);
});

test('a source may demand an Idempotency-Key of whoever hands in for it; its own senders need none', async () => {
  const handIn = (headers: Record<string, string>) =>
    server.call('/api/triggers', { source: 'quiet', payload: JSON.parse(lead('keyed')) }, headers);
  const refused = await handIn({});
  expect([refused.status, refused.body.help]).toEqual([
    400,
    expect.stringContaining('require_idempotency_key'),
  ]);
  expect((await handIn({ 'signalbox-dry-run': 'true' })).status).toBe(200);
  const taken = await handIn({ 'idempotency-key': 'one' });
  expect(taken.status).toBe(202);
  expect((await handIn({ 'idempotency-key': 'one' })).headers.get('idempotency-replayed')).toBe('true');
  expect((await post('quiet', lead('unkeyed'))).status).toBe(202);
});

test('a source that floods has its share of the queue, and 503 with Retry-After for the rest; others are taken', {
  timeout: 60_000,
}, async () => {
  const owner = new pg.Client(server.database.ownerUrl);
  await owner.connect();
  await owner.query('begin; lock table ticket in access exclusive mode');
  // More than all groups in flight and half of the queue hold.
  const large = 'x'.repeat(950_000);
  const count =
    (limits.groupsInFlightMax * limits.groupBytesMax + limits.intakeQueueBytesMax / 2) / large.length + 10;
  const flood = Array.from({ length: count }, (_, n) => post('form', lead(`flood-${n}`, { note: large })));
  const refused = await Promise.race(flood);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([
    503,
    String(limits.retryAfterSeconds),
  ]);
  const quiet = post('quiet', lead('quiet'));
  await owner.query('rollback');
  await owner.end();
  expect((await quiet).status).toBe(202);
  const statuses = (await Promise.all(flood)).map(({ status }) => status);
  expect([...new Set(statuses)].sort()).toEqual([202, 503]);
  expect(statuses.filter((status) => status === 202).length).toBeGreaterThan(30);
});

function post(source: string, body: string, token: string = formToken): Promise<Response> {
  return fetch(`${server.url}/in/${source}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body,
  });
}
