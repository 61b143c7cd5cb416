import { rm } from 'node:fs/promises';
import pg from 'pg';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { connect } from '../../src/db/connect.ts';
import { grantToApp } from '../../src/db/grants.ts';
import { type OpenDatabase, openDatabase } from '../../src/db/open.ts';
import { testDatabase } from '../support/database.ts';
import { temporaryFolder } from '../support/folder.ts';

const log = pino({ level: 'silent' });
const now = new Date('2026-03-01T10:00:00.000Z');

test('the embedded database is migrated, and worked with by a role that can do little', async () => {
  const dataFolder = await temporaryFolder('signalbox-open-');
  let database: OpenDatabase | null = null;
  try {
    database = await openDatabase({ dataFolder, log, now });
    expect(database.embedded).toBe(true);
    expect(await database.db.selectFrom('ticket').select('id').execute()).toEqual([]);
    const { rows } = await database.pool.query('select current_user as role');
    expect(rows).toEqual([{ role: 'signalbox_app' }]);
    await expect(database.pool.query('delete from entry')).rejects.toThrow('permission denied');
  } finally {
    await database?.close();
    await rm(dataFolder, { recursive: true, force: true });
  }
});

test('nodes that start at once give the role its rights one after the other', async () => {
  const database = await testDatabase();
  await Promise.all(Array.from({ length: 6 }, () => grantToApp(database.ownerUrl)));
  await expect(database.pool.query('delete from entry')).rejects.toThrow('permission denied');
  await database.close();
});

test('DATABASE_URL is migrated with its one role, and is not stopped', async () => {
  const server = await testDatabase({ empty: true });
  const open = async () =>
    await openDatabase({ dataFolder: '/nowhere', databaseUrl: server.ownerUrl, log, now });
  const first = await open();
  expect(first).toMatchObject({ embedded: false, url: server.ownerUrl, ownerUrl: server.ownerUrl });
  await first.close();
  const second = await open();
  expect(await second.db.selectFrom('exception').select('seq').execute()).toEqual([]);
  await second.close();
  await server.close();
});

test.each([
  ['postgres://nobody:secret-word@127.0.0.1:1/x', 'ECONNREFUSED', 'nothing listens there'],
  ['postgres://[', '', 'it is no address'],
])('DATABASE_URL %s is refused (%s), without its password: %s', async (databaseUrl, reason) => {
  const error = await openDatabase({ dataFolder: '/nowhere', databaseUrl, log, now }).catch(
    (caught) => caught,
  );
  expect(error).toMatchObject({ code: 'unavailable', message: expect.stringContaining(reason) });
  expect(error.message).not.toContain('secret-word');
});

test('DATABASE_URL with a role that may make nothing is refused, and says which right it lacks', async () => {
  const server = await testDatabase({ empty: true });
  await expect(
    openDatabase({ dataFolder: '/nowhere', databaseUrl: server.url, log, now }),
  ).rejects.toMatchObject({ code: 'unavailable', help: expect.stringContaining('own the database') });
  await server.close();
});

test('a bigint comes as a number, json parsed, a broken idle connection is told of and replaced', async () => {
  const database = await testDatabase();
  const broken = Promise.withResolvers<Error>();
  const connection = connect(database.url, { max: 1, onError: broken.resolve });
  const { rows } = await connection.pool.query(`select 9007199254740991::bigint as b, '{"a": 1}'::json as j`);
  expect(rows).toEqual([{ b: Number.MAX_SAFE_INTEGER, j: { a: 1 } }]);
  const owner = new pg.Client(database.ownerUrl);
  await owner.connect();
  await owner.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'signalbox_app' and datname = current_database()`,
  );
  await owner.end();
  expect((await broken.promise).message).toContain('terminating connection');
  expect((await connection.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  await connection.close();
  await database.close();
});
