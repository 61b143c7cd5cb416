import { get, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeKey } from '../../src/account/admin/worker.ts';
import { listKeys } from '../../src/account/key/store.ts';
import { listSessions } from '../../src/account/session/store.ts';
import { checksPass } from '../../src/api/health.ts';
import { appendChanges } from '../../src/change/store.ts';
import { type Changes, createChanges } from '../../src/change/worker.ts';
import { limits } from '../../src/limits.ts';
import { changed } from '../../src/platform/changed.ts';
import { plusMs } from '../../src/platform/instant.ts';
import { recordedPage } from '../../src/ticket/recorded/store.ts';
import { withLimits } from '../support/limits.ts';
import { insertTicket } from '../support/ticket.ts';
import { type ApiServer, apiServer, key, routed, stopped } from './api-server.ts';

/** Bounds of what the API shows, takes and tells, each at its edge; a handful stands for what is thousands. */

let server: ApiServer;
let ticket: string;
beforeAll(async () => {
  server = await apiServer();
  ticket = await server.place(routed('limits-1'));
});
afterAll(() => server.close());

const get200 = async (path: string) => {
  const { status, body } = await server.ask(path);
  expect(status, path).toBe(200);
  return body;
};

describe('a destination', () => {
  test('so many acts on it are listed, the latest', async () => {
    const act = { destination: 'tool', act: 'paused', at: server.clock.now(), actor: 'person:dana' } as const;
    const acts = Array.from({ length: 3 }, (_, index) => ({ ...act, reason: `act ${index}` }));
    await server.db
      .insertInto('destination_act')
      .values(acts as never)
      .execute();
    const listed = async () =>
      (await get200('/api/destinations/tool')).acts.map(({ reason }: { reason: string }) => reason);
    withLimits({ destinationActsListed: 3 });
    expect(await listed()).toEqual(['act 2', 'act 1', 'act 0']);
    withLimits({ destinationActsListed: 2 });
    expect(await listed()).toEqual(['act 2', 'act 1']);
  });

  test.each<[max: number, counted: number, reason: string]>([
    [3, 3, 'all attempts of the time looked at'],
    [2, 2, 'and not one more'],
  ])('its figures are of %i attempts: %i, %s', async (max, counted) => {
    withLimits({ destinationAttemptsMax: max, destinationAttemptsListed: max });
    const values = [1, 2, 3].map((attempt) => ({
      ticket_id: ticket,
      handoff_seq: 1,
      attempt,
      started_at: plusMs(server.clock.now(), -attempt * 1_000),
      ended_at: server.clock.now(),
      result: 'accepted' as const,
      status: 201,
      detail: null,
      response: null,
    }));
    await server.db
      .insertInto('attempt')
      .values(values)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const { steps, attempts } = await get200('/api/destinations/tool/attempts');
    expect(attempts.map(({ attempt }: { attempt: number }) => attempt)).toEqual([1, 2, 3].slice(0, counted));
    expect(steps.reduce((sum: number, { accepted }: { accepted: number }) => sum + accepted, 0)).toBe(
      counted,
    );
    expect(await get200('/api/destinations/tool')).toMatchObject({ succeeded: counted });
  });
});

test('so many versions of a workflow are listed, and those before that have open tickets', async () => {
  const values = ['c', 'd', 'e'].map((letter, index) => ({
    version: letter.repeat(64),
    workflow: 'versions',
    bundle: '{}',
    deployed_at: plusMs(server.clock.now(), index),
    deployed_by: 'test',
    active: letter === 'e',
  }));
  await server.db.insertInto('workflow_version').values(values).execute();
  const deployment = { workflow: 'versions', kind: 'up', deployed_at: server.clock.now() };
  await server.db
    .insertInto('deployment')
    .values({ ...deployment, version: 'e'.repeat(64), deployed_by: 'test', reason: 'test' } as never)
    .execute();
  const listed = async () =>
    (await get200('/api/workflows/versions/versions')).versions.map(
      ({ version }: { version: string }) => version[0],
    );
  withLimits({ workflowVersionsListed: 3 });
  expect(await listed()).toEqual(['e', 'd', 'c']);
  withLimits({ workflowVersionsListed: 2 });
  expect(await listed()).toEqual(['e', 'd']);
});

describe('how far back', () => {
  const since = (ms: number) => plusMs(server.clock.now(), -ms);
  const ids = (tickets: readonly { id: string }[]) => tickets.map(({ id }) => id);
  test.each<[agoMs: number, found: boolean, reason: string]>([
    [limits.searchMs, true, 'as far as a search reads'],
    [limits.searchMs + 1, false, 'further, where nobody says since when'],
  ])('a search finds what came %i ms ago: %s, %s', async (agoMs, found) => {
    const { id, identity } = await insertTicket(server.db, { now: since(agoMs) });
    const asked = await get200(`/api/tickets?text=${identity}`);
    expect(ids(asked.tickets)).toEqual(found ? [id] : []);
    const said = await get200(`/api/tickets?text=${identity}&since=${since(agoMs).toISOString()}`);
    expect(ids(said.tickets), 'who says since when, gets it').toEqual([id]);
  });

  test.each<[agoMs: number, received: number, reason: string]>([
    [limits.windowMs, 1, 'as far as a map goes back'],
    [limits.windowMs + 1, 0, 'further than that'],
  ])('a map that is asked for more counts what came %i ms ago: %i, %s', async (agoMs, received) => {
    const { id } = await insertTicket(server.db, { now: since(agoMs) });
    const map = await get200(`/api/workflows/leads/map?since=${since(2 * limits.windowMs).toISOString()}`);
    const today = await get200(`/api/today?since=${since(2 * limits.windowMs).toISOString()}`);
    expect([map.since, today.since]).toEqual(Array(2).fill(since(limits.windowMs).toISOString()));
    // With it, the one that every test of this file has.
    expect(map.received).toBe(1 + received);
    await forgotten(id);
  });

  test.each<[max: number, counted: number, reason: string]>([
    [2, 2, 'all tickets of the window'],
    [1, 1, 'the newest, and not one more'],
  ])('of a window of at most %i tickets %i are counted: %s', async (windowTicketsMax, counted) => {
    const { id } = await insertTicket(server.db, { now: since(1_000) });
    withLimits({ windowTicketsMax });
    const sum = (rows: readonly { tickets?: number; received?: number }[]) =>
      rows.reduce((total, { tickets = 0, received = 0 }) => total + tickets + received, 0);
    expect((await get200('/api/workflows/leads/map')).received).toBe(counted);
    expect(sum((await get200('/api/today')).received)).toBe(counted);
    expect(sum((await get200('/api/inventory')).chains)).toBe(counted);
    await forgotten(id);
  });
});

/** Out of every window. */
async function forgotten(id: string): Promise<void> {
  await server.db.updateTable('ticket').set({ workflow: 'forgotten' }).where('id', '=', id).execute();
}

test.each<[max: number, rows: number, reason: string]>([
  [2, 2, 'all of them'],
  [1, 1, 'and not one more'],
])('of two exceptions today shows, at most %i: %i, %s', async (todayRowsMax, rows) => {
  await server.place(stopped(`today-${rows}`));
  if (rows === 2) await server.place(stopped('today-3'));
  withLimits({ todayRowsMax });
  expect((await get200('/api/today')).mine.exceptions).toHaveLength(rows);
});

test.each<[rows: number, status: number, reason: string]>([
  [limits.pageRowsMax, 200, 'a whole page'],
  [limits.pageRowsMax + 1, 400, 'one row more'],
])('a page of %i rows is answered %i: %s', async (rows, status) => {
  expect((await server.ask(`/api/tickets?limit=${rows}`)).status).toBe(status);
});

test.each<[max: number, reason: string]>([
  [2, 'as many as are read at once'],
  [1, 'one fewer'],
])('of recorded triggers %i are read at once: %s', async (recordedRowsMax) => {
  withLimits({ recordedRowsMax });
  expect(await recordedPage(server.db, {}, 100)).toHaveLength(recordedRowsMax);
});

test('a check that does not answer in time is not ready', async () => {
  withLimits({ healthMs: 1 });
  const silent = { name: 'database', check: () => new Promise<null>(() => {}) };
  expect(await checksPass([silent])).toBe('database: It does not answer.');
  expect(await checksPass([{ name: 'database', check: async () => null }])).toBeNull();
});

test('a deployment, and a file that is compared, may have so many bytes', async () => {
  withLimits({ deploymentBytesMax: 2_000, reconciliationFileBytesMax: 2_000 });
  const small = await apiServer();
  const answered = async (path: string, type: string, bytes: number) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': type };
    const init = { method: 'POST', headers, body: ' '.repeat(bytes) };
    return (await fetch(`${small.url}${path}`, init)).status;
  };
  for (const [path, type] of [
    ['/api/deployments', 'application/json'],
    ['/api/reconciliations/form', 'text/csv'],
  ] as const) {
    expect(await answered(path, type, 2_000), `${path}: read, and found wanting`).not.toBe(413);
    expect(await answered(path, type, 2_001), `${path}: one byte more`).toBe(413);
  }
  await small.close();
});

describe('the stream of changes', () => {
  /** A page that watches, and what it has been sent so far. */
  async function watch(after?: number) {
    const headers = { authorization: `Bearer ${key}` };
    const path = `${server.url}/api/stream${after === undefined ? '' : `?after=${after}`}`;
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get(path, { headers, agent: false }, resolve).on('error', reject);
    });
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    response.on('error', () => {});
    const closed = new Promise<void>((resolve) => response.on('close', resolve));
    const says = (what: string) => expect.poll(() => text, { timeout: 10_000, interval: 5 }).toContain(what);
    return { status: response.statusCode, says, closed, close: () => response.destroy() };
  }
  const told = (name: string) => [{ kind: 'destination', destination: name, state: 'open' }] as const;
  const append = (name: string) => appendChanges(server.db, told(name), server.clock.now());
  const lastId = async () =>
    Number(
      (
        await server.db
          .selectFrom('change')
          .select((eb) => eb.fn.max('id').as('id'))
          .executeTakeFirst()
      )?.id ?? 0,
    );

  test('so many may watch; one more is told so, until one has gone', async () => {
    withLimits({ streamsMax: 2 });
    const [one, two] = [await watch(), await watch()];
    expect([one.status, two.status, (await watch()).status]).toEqual([200, 200, 503]);
    one.close();
    await expect.poll(async () => (await watch()).status, { timeout: 10_000 }).toBe(200);
    two.close();
  });

  test('it says when to come again, and that it is still open', async () => {
    withLimits({ streamBeatMs: 1, streamRetryMs: 1_234 });
    const page = await watch();
    await page.says('retry: 1234\n');
    await page.says(': still here\n\n');
    page.close();
  });

  test('what changed is told soon without anybody asking, and so is what another node has told', async () => {
    withLimits({ changesTellMs: 1, changesReadMs: 1 });
    const page = await watch();
    await page.says('event: ready');
    changed({ destination: 'told-here', state: 'open' });
    await page.says('told-here');
    await append('told-elsewhere');
    await page.says('told-elsewhere');
    page.close();
  });

  /** What a node notes of its process, told one by one when it settles. */
  async function heardOf(notes: (node: Changes) => Promise<void> | void): Promise<string> {
    const node = createChanges(server.shell);
    await node.settle();
    const heard: unknown[] = [];
    const { stop } = await node.watch(null, ({ changes }) => heard.push(changes));
    await notes(node);
    await node.settle();
    stop();
    await node.stop();
    return JSON.stringify(heard);
  }

  test('so many changes are noted at most, of tickets as of the rest', async () => {
    withLimits({ changesNotedMax: 2 });
    const tickets = [
      await server.place(routed('n1')),
      await server.place(routed('n2')),
      await server.place(routed('n3')),
    ];
    const ofTickets = await heardOf(() => {
      for (const ticketId of tickets) changed({ ticketId, headSeq: 1 });
    });
    expect(tickets.map((id) => ofTickets.includes(id))).toEqual([true, true, false]);
    const names = ['dest-a', 'dest-b', 'dest-c'];
    const ofOthers = await heardOf(() => {
      for (const destination of names) changed({ destination, state: 'open' });
    });
    expect(names.map((name) => ofOthers.includes(name))).toEqual([true, true, false]);
  });

  test.each<[commitMs: number, heard: boolean, reason: string]>([
    [60_000, true, 'its commit may still come'],
    [-1, false, 'it has not come in time: given up'],
  ])(
    'a change that shows late, with %i ms for its commit, is told: %s, %s',
    async (changeCommitMs, heard) => {
      withLimits({ changeCommitMs });
      const ticketId = await server.place(routed(`late-${changeCommitMs}`));
      const all = await heardOf(async (node) => {
        changed({ ticketId, headSeq: 99 });
        // Every node that has heard of it looks, and does not see it yet.
        await Promise.all([node.settle(), server.changes.settle()]);
        await server.db.updateTable('ticket').set({ head_seq: 99 }).where('id', '=', ticketId).execute();
      });
      expect(all.includes(ticketId)).toBe(heard);
    },
  );

  test.each<[missed: number, event: string, reason: string]>([
    [2, 'missed-2-0', 'fewer than are read at once: each is told'],
    [3, 'event: reload', 'as many: there may be more, read it all again'],
  ])('who comes again after %i changes hears %s: %s', async (missed, event) => {
    withLimits({ changesReadMax: 3, changesOverlap: 0 });
    await append('before');
    const after = await lastId();
    for (let index = 0; index < missed; index += 1) await append(`missed-${missed}-${index}`);
    const page = await watch(after);
    await page.says(event);
    page.close();
  });

  test.each<[back: number, heard: boolean, reason: string]>([
    [1, true, 'of the last so many one may show late'],
    [2, false, 'what is older is not looked at again'],
  ])('a row that shows late, %i before the last: heard %s, %s', async (back, heard) => {
    withLimits({ changesOverlap: 2 });
    const node = createChanges(server.shell);
    await node.settle();
    const name = `late-row-${back}`;
    const written = Promise.withResolvers<void>();
    const commit = Promise.withResolvers<void>();
    const late = server.db.transaction().execute(async (tx) => {
      await appendChanges(tx, told(name), server.clock.now());
      written.resolve();
      await commit.promise;
    });
    await written.promise;
    for (let index = 0; index < back; index += 1) await append('meanwhile');
    const all: unknown[] = [];
    const { stop } = await node.watch(null, ({ changes }) => all.push(changes));
    commit.resolve();
    await late;
    await node.settle();
    expect(JSON.stringify(all).includes(name)).toBe(heard);
    stop();
    await node.stop();
  });
});

describe('a last use is written so often', () => {
  test('of a session and of a key', async () => {
    const browser = await server.signedIn('dana');
    const expiresAt = plusMs(server.clock.now(), limits.apiKeyMs);
    const { text } = await makeKey(
      server.shell,
      'dana',
      { name: 'seen', scopes: ['read'], expiresAt },
      'local',
    );
    const seen = async () => {
      const [session] = await listSessions(server.db, 'dana', server.clock.now());
      const own = (await listKeys(server.db, 'dana')).find(({ name }) => name === 'seen');
      return [session?.seen_at, own?.used_at].map((at) => at?.getTime());
    };
    const use = async () => {
      expect((await browser.get('/api/me')).status).toBe(200);
      expect(
        (await server.ask('/api/tickets', { headers: { authorization: `Bearer ${text}` } })).status,
      ).toBe(200);
    };
    await use();
    const first = server.clock.now().getTime();
    expect(await seen()).toEqual([first, first]);
    server.clock.passes(limits.sessionSeenMs - 1);
    await use();
    expect(await seen(), 'not before').toEqual([first, first]);
    server.clock.passes(1);
    await use();
    expect(await seen(), 'with it').toEqual(Array(2).fill(server.clock.now().getTime()));
  });
});
