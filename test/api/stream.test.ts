import { get, type IncomingMessage } from 'node:http';
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Change } from '../../src/change/change.ts';
import { type Changes, createChanges } from '../../src/change/worker.ts';
import { healthy } from '../../src/handoff/pace/circuit.ts';
import { writeCircuit } from '../../src/handoff/pace/store.ts';
import { limits } from '../../src/limits.ts';
import { changed } from '../../src/platform/changed.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { withLimits } from '../support/limits.ts';
import { insertTicket } from '../support/ticket.ts';
import { type ApiServer, apiServer, key, stopped } from './api-server.ts';

let server: ApiServer;
beforeAll(async () => {
  server = await apiServer();
});
afterAll(async () => await server.close());

interface Seen {
  readonly id: string;
  readonly event: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever JSON came
  readonly data: any;
}

/** A page that watches: it reads events until it is closed. */
async function watch(lastEventId?: string) {
  const headers = {
    authorization: `Bearer ${key}`,
    ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
  };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(`${server.url}/api/stream`, { headers, agent: false }, resolve).on('error', reject);
  });
  let text = '';
  const events: Seen[] = [];
  const waiting: { until: (seen: Seen) => boolean; resolve: (seen: Seen) => void }[] = [];
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const block = text.slice(0, end);
      text = text.slice(end + 2);
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
      if (field('event') === '') continue;
      const seen = { id: field('id'), event: field('event'), data: JSON.parse(field('data')) };
      events.push(seen);
      for (const each of waiting) if (each.until(seen)) each.resolve(seen);
    }
  });
  response.on('error', () => {});
  return {
    response,
    async event(until: (seen: Seen) => boolean): Promise<Seen> {
      const known = events.find(until);
      return known ?? (await new Promise((resolve) => waiting.push({ until, resolve })));
    },
    closed: new Promise<void>((resolve) => response.on('close', resolve)),
    close: () => response.destroy(),
  };
}

const about =
  (ticket: string) =>
  ({ data }: Seen) =>
    data.changes?.some((each: { ticket?: string }) => each.ticket === ticket) === true;

async function taken(identity: string): Promise<string> {
  const ticketId = await server.place(stopped(identity));
  changed({ ticketId, headSeq: 1 });
  await server.changes.settle();
  return ticketId;
}

test('a new ticket and what is done to it are told by kind, ids and state alone', async () => {
  const page = await watch();
  const ready = await page.event(({ event }) => event === 'ready');
  expect(ready.id).toMatch(/^\d+$/);
  const ticket = await taken('stream-1');
  const told = await page.event(about(ticket));
  expect(told.data.changes.find((each: { kind: string }) => each.kind === 'exception')).toEqual({
    kind: 'exception',
    ticket,
    seq: 1,
    state: 'open',
    mode: 'contract_violation',
    responsible: 'team:triage',
  });
  await server.ask(`/api/exceptions/${ticket}/1/acts`, {
    body: { act: 'claim' },
    headers: { 'signalbox-actor': 'person:dana' },
  });
  await server.changes.settle();
  const claimed = await page.event(
    (seen) => about(ticket)(seen) && JSON.stringify(seen.data).includes('"claimed"'),
  );
  expect(JSON.stringify(claimed.data)).not.toContain('lead_id');
  page.close();
});

test('who comes again gets what was told meanwhile, by another node too', async () => {
  const page = await watch();
  const { id } = await page.event(({ event }) => event === 'ready');
  page.close();
  const first = await taken('stream-2');
  const second = await taken('stream-3');
  const again = await watch(id);
  await again.event(about(first));
  await again.event(about(second));
  // A node of its own, on the same database, from whose process nothing is heard but by the rows.
  const other = createChanges(server.shell);
  const heard = Promise.withResolvers<unknown>();
  const { stop } = await other.watch(Number(id), (told) => heard.resolve(told));
  expect(await heard.promise).toMatchObject({ changes: expect.any(Array) });
  stop();
  await other.stop();
  again.close();
});

test('who comes again too late is told to read everything again', async () => {
  const page = await watch();
  const { id } = await page.event(({ event }) => event === 'ready');
  page.close();
  await taken('stream-4');
  server.clock.passes(limits.changesKeptMs + 1);
  await server.changes.settle();
  await taken('stream-5');
  expect(await server.shell.db.selectFrom('change').select('id').execute()).not.toHaveLength(0);
  const { forget } = createForgetting();
  await forget();
  const again = await watch(id);
  expect((await again.event(({ event }) => event !== '')).event).toBe('reload');
  again.close();
});

function createForgetting() {
  return { forget: () => server.changes.forget(server.clock.now()) };
}

test('of many changes at once only that there are is told, and once more, for the last may not be committed yet', async () => {
  const page = await watch();
  await page.event(({ event }) => event === 'ready');
  let rows = 0;
  const { stop } = await server.changes.watch(null, () => {
    rows += 1;
  });
  for (let index = 0; index <= limits.changesToldMax; index += 1) {
    changed({ ticketId: `0199f0c4-7a12-7bcd-8e21-${String(index).padStart(12, '0')}`, headSeq: 1 });
  }
  await server.changes.settle();
  const { data } = await page.event((seen) => JSON.stringify(seen.data).includes('everything'));
  expect(data.changes).toEqual([{ kind: 'everything' }]);
  for (let round = 0; round < 3; round += 1) await server.changes.settle();
  expect(rows).toBe(2);
  stop();
  page.close();
});

test('a change that is not committed yet is told when it is', async () => {
  const page = await watch();
  await page.event(({ event }) => event === 'ready');
  const ticketId = await server.place(stopped('stream-6'));
  changed({ ticketId, headSeq: 99 });
  await server.changes.settle();
  await server.db.updateTable('ticket').set({ head_seq: 99 }).where('id', '=', ticketId).execute();
  await server.changes.settle();
  await page.event(about(ticketId));
  page.close();
});

describe('on a database of its own', () => {
  let database: TestDatabase;
  let owner: pg.Client;
  let changes: Changes;
  const told: Change[] = [];
  const logged: string[] = [];
  beforeEach(async () => {
    database = await testDatabase();
    owner = new pg.Client(database.ownerUrl);
    await owner.connect();
    told.length = 0;
    logged.length = 0;
    const log = pino({}, { write: (line: string) => logged.push(line) });
    changes = createChanges({ db: database.db, clock: systemClock, log });
    await changes.settle();
    await changes.watch(null, (row) => told.push(...row.changes));
  });
  afterEach(async () => {
    await changes.stop();
    await owner.end();
    await database.close();
  });

  test('what is noted while others are being told is told too', async () => {
    const { id } = await insertTicket(database.db, { now: new Date() });
    changed({ workflow: 'first' });
    changed({ ticketId: id, headSeq: 1 });
    await owner.query('begin; lock table change in access exclusive mode');
    const telling = changes.settle();
    await vi.waitFor(async () => expect(await waitingForChanges()).toBeGreaterThan(0), waiting);
    await database.db.updateTable('ticket').set({ head_seq: 2 }).where('id', '=', id).execute();
    changed({ workflow: 'second' });
    changed({ ticketId: id, headSeq: 2 });
    await owner.query('rollback');
    await telling;
    await changes.settle();
    const both = (workflow: string) => [
      { kind: 'workflow', workflow },
      expect.objectContaining({ kind: 'ticket', ticket: id }),
    ];
    expect(told).toEqual([...both('first'), ...both('second')]);
  });

  test('what could not be told is told when the database is back, without another change', async () => {
    withLimits({ changesTellMs: 1, changesRetryMs: 1 });
    await owner.query('alter table change rename to gone');
    changed({ workflow: 'first' });
    const failed = () => expect(logged.join()).toContain('changes could not be told');
    await vi.waitFor(failed, waiting);
    await owner.query('alter table gone rename to change');
    await vi.waitFor(() => expect(told).toContainEqual({ kind: 'workflow', workflow: 'first' }), waiting);
  });

  test('who cannot be told anything is not told that all is ready', async () => {
    await owner.query('alter table change rename to gone');
    await expect(changes.watch(null, () => {})).rejects.toThrow('does not exist');
    await owner.query('alter table gone rename to change');
    await changes.watch(0, () => {});
  });

  const waiting = { timeout: 5_000, interval: 5 };

  async function waitingForChanges(): Promise<number> {
    const { rows } = await owner.query<{ count: number }>(
      `select count(*)::int from pg_locks where relation = 'change'::regclass and not granted`,
    );
    return rows[0]?.count ?? 0;
  }
});

test('who leaves no more unread than may be stays', async () => {
  withLimits({ streamBytesMax: 64_000_000, changesOverlap: 0 });
  const page = await watch();
  await page.event(({ event }) => event === 'ready');
  page.response.pause();
  for (let round = 0; round < 3; round += 1) {
    changed({ destination: 'x'.repeat(3_000_000), state: `left ${round}` });
    await server.changes.settle();
  }
  page.response.resume();
  await page.event((seen) => JSON.stringify(seen.data).includes('left 2'));
  page.close();
});

test('who leaves more is cut off', async () => {
  withLimits({ changesOverlap: 0 });
  expect(limits.streamBytesMax).toBeLessThan(3_000_000);
  const page = await watch();
  await page.event(({ event }) => event === 'ready');
  page.response.pause();
  const destination = 'x'.repeat(3_000_000);
  for (let round = 0; round < 8; round += 1) {
    changed({ destination, state: String(round) });
    await server.changes.settle();
  }
  page.response.resume();
  await page.closed;
});

test('how a destination is doing is told when it changes', async () => {
  const page = await watch();
  await page.event(({ event }) => event === 'ready');
  const row = {
    ...healthy(server.clock.now()),
    state: 'paused',
    reason: 'theirs',
    pausedBy: 'person:dana',
  } as const;
  const act = { act: 'paused', actor: 'person:dana', reason: 'theirs' } as const;
  expect(await writeCircuit(server.db, 'told', 0, row, act, server.clock.now())).toBe(true);
  await server.changes.settle();
  const { data } = await page.event((seen) => JSON.stringify(seen.data).includes('"told"'));
  expect(data.changes).toContainEqual({ kind: 'destination', destination: 'told', state: 'paused' });
  page.close();
});

test('a question for its head alone is not left waiting', async () => {
  const headers = { authorization: `Bearer ${key}` };
  expect((await fetch(`${server.url}/api/stream`, { method: 'HEAD', headers })).status).toBe(404);
});

test.each<[path: string, headers: Record<string, string>, used: boolean, reason: string]>([
  ['/api/me', {}, true, 'somebody has asked'],
  ['/api/me', { 'signalbox-unattended': 'true' }, false, 'the page asks by itself, and nobody is there'],
  ['/api/stream', {}, false, 'it is open for as long as the page is'],
])('%s with %o uses a session: %s, for %s', async (path, headers, used) => {
  const browser = await server.signedIn('dana');
  const seenAt = new Date(server.clock.now().getTime() - 2 * limits.sessionSeenMs);
  await server.db.updateTable('sign_in_session').set({ seen_at: seenAt }).execute();
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const all = { ...headers, cookie: browser.cookie() };
    get(server.url + path, { headers: all, agent: false }, resolve).on('error', reject);
  });
  expect(response.statusCode).toBe(200);
  response.destroy();
  const sessions = await server.db.selectFrom('sign_in_session').select('seen_at').execute();
  expect(sessions.some(({ seen_at }) => seen_at > seenAt)).toBe(used);
});
