import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { migrate } from '../../src/db/migrate.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { describeSchema } from '../support/describe-schema.ts';
import { temporaryFolder } from '../support/folder.ts';

const now = new Date('2026-03-01T10:00:00.000Z');

let database: TestDatabase;
let folder: string;
let client: pg.Client;

beforeEach(async () => {
  database = await testDatabase({ empty: true });
  folder = await temporaryFolder('signalbox-migrations-');
  client = new pg.Client(database.ownerUrl);
  await client.connect();
});

afterEach(async () => {
  await client.end();
  await database.close();
  await rm(folder, { recursive: true });
});

describe('migrate', () => {
  test('applies every file in its order, and nothing the second time', async () => {
    await write({
      '0001_first.sql': 'create table a (b integer)',
      '0002_second.sql': 'alter table a add c integer',
    });
    expect(await run()).toEqual({ applied: ['0001_first.sql', '0002_second.sql'] });
    expect(await run()).toEqual({ applied: [] });
    const { rows } = await client.query('select number, name, applied_at from migration order by number');
    expect(rows).toEqual([
      { number: 1, name: '0001_first.sql', applied_at: now },
      { number: 2, name: '0002_second.sql', applied_at: now },
    ]);
  });

  test('applies only what is new', async () => {
    await write({ '0001_first.sql': 'create table a (b integer)' });
    await run();
    await write({ '0002_second.sql': 'alter table a add c integer' });
    expect(await run()).toEqual({ applied: ['0002_second.sql'] });
  });

  test('several nodes at once apply each file once', async () => {
    await write({
      '0001_first.sql': 'create table a (b integer)',
      '0002_second.sql': 'create table c (d integer)',
    });
    const results = await Promise.all([run(), run(), run(), run()]);
    expect(results.flatMap((result) => result.applied).sort()).toEqual(['0001_first.sql', '0002_second.sql']);
  });

  test('a file that fails leaves nothing of itself, and all before it', async () => {
    await write({
      '0001_first.sql': 'create table a (b integer)',
      '0002_bad.sql': 'create table c (d integer); select 1/0',
    });
    await expect(run()).rejects.toThrow('division by zero');
    const { rows } = await client.query(
      `select to_regclass('a') is not null as a, to_regclass('c') is not null as c`,
    );
    expect(rows).toEqual([{ a: true, c: false }]);
    await write({ '0002_bad.sql': 'create table c (d integer)' });
    expect(await run()).toEqual({ applied: ['0002_bad.sql'] });
  });

  test('refuses a landed file that was edited, and says what to do', async () => {
    await write({ '0001_first.sql': 'create table a (b integer)' });
    await run();
    await write({ '0001_first.sql': 'create table a (b text)' });
    await expect(run()).rejects.toMatchObject({
      code: 'schema_changed',
      message: expect.stringContaining('0001_first.sql'),
      help: expect.stringContaining('a new one'),
    });
  });

  test('takes a file whose line ends a checkout has turned', async () => {
    await write({ '0001_first.sql': 'create table a (\n  b integer\n)' });
    await run();
    await write({ '0001_first.sql': 'create table a (\r\n  b integer\r\n)' });
    expect(await run()).toEqual({ applied: [] });
  });

  test('refuses a database that a newer program has migrated', async () => {
    await write({
      '0001_first.sql': 'create table a (b integer)',
      '0002_second.sql': 'create table c (d integer)',
    });
    await run();
    await rm(join(folder, '0002_second.sql'));
    await expect(run()).rejects.toMatchObject({
      code: 'schema_too_new',
      message: expect.stringContaining('0002_second.sql'),
      help: expect.stringContaining('newer'),
    });
  });

  test('refuses two files with one number', async () => {
    await write({ '0001_first.sql': 'select 1', '0001_other.sql': 'select 1' });
    await expect(run()).rejects.toThrow('one number');
  });
});

test('what was deployed before there was a history is its beginning', async () => {
  await write({ '0001_the_path.sql': await readFile('migrations/0001_the_path.sql', 'utf8') });
  await run();
  for (const [digit, active] of [
    ['a', false],
    ['b', true],
  ] as const) {
    const row = [digit.repeat(64), 'leads', '{}', now, 'person:dana', active];
    await client.query('insert into workflow_version values ($1, $2, $3, $4, $5, $6)', row);
  }
  await write({ '0002_deployments.sql': await readFile('migrations/0002_deployments.sql', 'utf8') });
  await run();
  const { rows } = await client.query('select version, kind, deployed_by from deployment order by id');
  expect(rows).toEqual(
    ['a', 'b'].map((digit) => ({ version: digit.repeat(64), kind: 'up', deployed_by: 'person:dana' })),
  );
});

test('migrations/schema.sql is what the migrations make; `npx vitest run test/db/migrate.test.ts -u` rewrites it', async () => {
  await migrate(database.ownerUrl, now);
  await expect(await describeSchema(client)).toMatchFileSnapshot('../../migrations/schema.sql');
});

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
}

async function run() {
  return await migrate(database.ownerUrl, now, pathToFileURL(`${folder}/`));
}
