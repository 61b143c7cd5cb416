import { EventEmitter, once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import type pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../../src/db/connect.ts';
import { MessageWriter } from '../../src/db/message.ts';
import { openDatabase } from '../../src/db/open.ts';
import { supervise } from '../../src/db/supervise.ts';
import { forgetRequests } from '../../src/dedupe/request/store.ts';
import { limits } from '../../src/limits.ts';
import { plusMs } from '../../src/platform/instant.ts';
import { loadProject } from '../../src/workflow/load.ts';
import { deployWorkflows } from '../../src/workflow/store.ts';
import { storedWorkflows } from '../../src/workflow/worker.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { withLimits } from '../support/limits.ts';
import { changed } from '../support/project-texts.ts';

/** Every wait for the database, and what is kept of it, at its edge. */

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const now = new Date('2026-03-01T10:00:00.000Z');

test.each<[which: 'pool' | 'byIndex', limit: 'connectionsMax' | 'byIndexConnectionsMax', reason: string]>([
  ['pool', 'connectionsMax', 'of the node'],
  ['byIndex', 'byIndexConnectionsMax', 'those for finding and writing handoffs'],
])('the %s has as many connections as %s, and one more has to wait: %s', async (which, limit) => {
  withLimits({ [limit]: 2 });
  const log = pino({ level: 'silent' });
  const opened = await openDatabase({ dataFolder: '/nowhere', databaseUrl: database.ownerUrl, log, now });
  const { db } = which === 'pool' ? opened : { db: opened.byIndex };
  const release = Promise.withResolvers<void>();
  let held = 0;
  const hold = () =>
    db.connection().execute(async () => {
      held += 1;
      await release.promise;
    });
  const all = [hold(), hold(), hold()];
  await expect.poll(() => held, { interval: 5, timeout: 10_000 }).toBe(2);
  // By when this one has come and gone, the third would have been held too.
  await database.pool.query('select 1');
  expect(held).toBe(2);
  release.resolve();
  await Promise.all(all);
  expect(held).toBe(3);
  await opened.close();
});

test('a statement that takes too long is ended, and so is a transaction that does nothing', async () => {
  withLimits({ statementMs: 50, idleInTransactionMs: 50 });
  const { pool, close } = connect(database.ownerUrl);
  await expect(pool.query('select pg_sleep(30)')).rejects.toMatchObject({ code: '57014' });
  expect((await pool.query('select pg_sleep(0)')).rowCount, 'what does not is not').toBe(1);
  const client = await pool.connect();
  const ended = new Promise((resolve) => client.once('end', resolve));
  await client.query('begin');
  await ended;
  await expect(client.query('commit')).rejects.toThrow();
  client.release(true);
  await close();
});

/** A pool at a server that takes connections and says nothing. */
async function connectToSilence() {
  const silent = createServer((socket) => socket.resume().on('error', () => {})).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const { pool, close: closePool } = connect(`postgres://x:x@127.0.0.1:${port}/x`);
  const close = async () => {
    await closePool();
    await new Promise((resolve) => silent.close(resolve));
  };
  return { pool, close };
}

test('a connection over which nothing comes is given up, and who waits hears of it', async () => {
  withLimits({ databaseSilentMs: 50 });
  const { pool, close } = await connectToSilence();
  await expect(pool.query('select 1')).rejects.toThrow(/says nothing/);
  await close();
});

test('a connection that does not come about in time is given up', async () => {
  withLimits({ connectMs: 50 });
  const { pool, close } = await connectToSilence();
  await expect(pool.query('select 1')).rejects.toThrow(/timeout/i);
  await close();
});

test.each<[bytes: number, kept: number, reason: string]>([
  [limits.messageBytesKept, limits.messageBytesKept, 'as large as one that is kept'],
  [limits.messageBytesKept + 1, limits.messageBytesKept, 'one byte more is not kept'],
])('of a buffer for %i bytes %i are kept: %s', (bytes, kept) => {
  const writer = new MessageWriter();
  writer.reserve(bytes);
  expect(writer.buffer.length).toBeGreaterThanOrEqual(bytes);
  writer.clear();
  expect(writer.buffer.length).toBe(kept);
});

test('a server that does not come back is tried after delays that double up to their ceiling', async () => {
  withLimits({ serverRestartFirstMs: 1, serverRestartMaxMs: 4 });
  const delays: unknown[] = [];
  const log = pino({ level: 'error' }, { write: (line) => delays.push(JSON.parse(line).againMs) });
  const keeper = new EventEmitter() as unknown as pg.Client;
  const back = Promise.withResolvers<void>();
  let tries = 0;
  const supervisor = supervise(
    keeper,
    async () => {
      tries += 1;
      if (tries <= 5) throw new Error('no room on the disk');
      back.resolve();
      return new EventEmitter() as unknown as pg.Client;
    },
    log,
  );
  (keeper as unknown as EventEmitter).emit('end');
  await back.promise;
  await supervisor.stop();
  expect(delays.filter((ms) => ms !== undefined)).toEqual([1, 2, 4, 4, 4]);
});

test.each<[max: number, forgotten: number[], reason: string]>([
  [3, [3, 0], 'as many as are forgotten at once'],
  [2, [2, 1], 'one more is forgotten with the next'],
])('of three expired keys, at most %i at once: %j, %s', async (forgottenRowsMax, forgotten) => {
  withLimits({ forgottenRowsMax });
  const values = ['a', 'b', 'c'].map((key) => ({
    key,
    request: 'a'.repeat(64),
    answers: '[]',
    until: plusMs(now, -1),
  }));
  await database.db
    .insertInto('idempotency')
    .values(values as never)
    .execute();
  expect([await forgetRequests(database.db, now), await forgetRequests(database.db, now)]).toEqual(forgotten);
});

describe('compiled versions', () => {
  test.each<[kept: number, same: boolean, reason: string]>([
    [2, true, 'both are kept'],
    [1, false, 'the one of before has made room'],
  ])('of two with room for %i, the first is the same again: %s, %s', async (workflowVersionsKept, same) => {
    withLimits({ workflowVersionsKept });
    const versions: string[] = [];
    for (const owner of ['growth', 'web']) {
      const files = changed('workflows/lead.yaml', 'owner: team:growth', `owner: team:${owner}`);
      const { project } = loadProject(files);
      if (project === null) throw new Error('it compiles');
      await deployWorkflows(database.db, project, 'test', now);
      versions.push(project.workflows.get('lead')?.version ?? '');
    }
    const [one = '', two = ''] = versions;
    const workflowAt = storedWorkflows(database.db);
    const first = await workflowAt(one);
    expect(first).not.toBeNull();
    expect(await workflowAt(two)).not.toBe(first);
    expect((await workflowAt(one)) === first).toBe(same);
  });
});
