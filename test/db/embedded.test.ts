import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findBinaries, programOf } from '../../src/db/binaries.ts';
import { type Embedded, startEmbedded } from '../../src/db/embedded.ts';
import { findPlace } from '../../src/db/place.ts';
import { findPostmaster } from '../../src/db/postmaster.ts';
import { reach } from '../../src/db/reach.ts';
import { temporaryFolder } from '../support/folder.ts';
import { withLimits } from '../support/limits.ts';

const log = pino({ level: 'silent' });
const isRoot = process.getuid?.() === 0;
/** Any ordinary user: `nobody` on most systems. */
const ordinary = { uid: 65_534, gid: 65_534 };
/** A checkout in a folder of `mktemp -d` is one that nobody else may enter: no program of it can be started as somebody else. */
const shut = isShut(import.meta.dirname) && 'an ordinary user may not enter this checkout';

let home: string;
let dataFolder: string;
let stops: (() => Promise<void>)[];

beforeEach(async () => {
  home = await temporaryFolder('signalbox-embedded-');
  dataFolder = join(home, '.signalbox');
  stops = [];
});

afterEach(async () => {
  for (const stop of stops.reverse()) await stop();
  await rm(home, { recursive: true, force: true });
});

describe('an embedded server', () => {
  test('starts in its folder, keeps its data and its port, and stops with its parent', async () => {
    const first = await start();
    await query(first.ownerUrl, 'create table kept (a integer); insert into kept values (1)');
    const data = join(dataFolder, 'postgres');
    expect(await findPostmaster(data)).toMatchObject({ port: first.port, ready: true });
    await first.stop();
    expect(await findPostmaster(data)).toBeNull();
    await expect(query(first.url, 'select 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });

    const second = await start();
    expect(second.port).toBe(first.port);
    expect(await query(second.ownerUrl, 'select a from kept')).toEqual([{ a: 1 }]);
  });

  test('listens on 127.0.0.1 alone, durably, with a secret password in a private file', async () => {
    const server = await start([]);
    const settings = ['listen_addresses', 'unix_socket_directories', 'fsync', 'synchronous_commit'];
    const rows = await query(
      server.ownerUrl,
      `select setting from unnest('{${settings}}'::text[]) with ordinality as n(name, o)
       join pg_settings using (name) order by o`,
    );
    expect(rows.map((row) => row.setting)).toEqual(['127.0.0.1', '', 'on', 'on']);
    expect((await stat(join(dataFolder, 'postgres.json'))).mode & 0o777).toBe(0o600);
    const guessed = new URL(server.url);
    guessed.password = 'signalbox';
    await expect(query(guessed.href, 'select 1')).rejects.toThrow('password authentication failed');
  });

  test.each<[bytes: number, aside: boolean, reason: string]>([
    [10, false, 'as long as its log may be'],
    [11, true, 'longer: it is put aside at the next start'],
  ])('with a log of %i bytes puts it aside: %s, %s', async (bytes, aside) => {
    withLimits({ serverLogBytesMax: 10 });
    await mkdir(dataFolder, { recursive: true });
    await writeFile(join(dataFolder, 'postgres.log'), 'x'.repeat(bytes));
    await start();
    const before = await readFile(join(dataFolder, 'postgres.log.1'), 'utf8').catch(() => null);
    expect(before).toBe(aside ? 'x'.repeat(bytes) : null);
  });

  test('is given up where it does not start in its time', async () => {
    withLimits({ serverStartMs: 0 });
    await expect(start()).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('that does not stop in its time is told of, and stops when it can', async () => {
    const server = await start();
    stops.pop();
    const data = join(dataFolder, 'postgres');
    const { pid = 0 } = (await findPostmaster(data)) ?? {};
    withLimits({ serverStopMs: 1_000 });
    process.kill(pid, 'SIGSTOP');
    try {
      await expect(server.stop()).rejects.toThrow(/does not shut down|not stop/);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await expect.poll(() => findPostmaster(data), { timeout: 20_000 }).toBeNull();
  });

  test('outlives a parent that was killed, and is found again', async () => {
    const child = await startChild();
    await query(child.server.ownerUrl, 'create table kept (a integer); insert into kept values (1)');
    const before = await findPostmaster(join(dataFolder, 'postgres'));
    await kill(child.process);

    const again = await start();
    expect(await findPostmaster(join(dataFolder, 'postgres'))).toEqual(before);
    expect(again.port).toBe(child.server.port);
    expect(await query(again.ownerUrl, 'select a from kept')).toEqual([{ a: 1 }]);
    await again.stop();
    expect(await findPostmaster(join(dataFolder, 'postgres'))).toBeNull();
  });

  test('recovers when it was killed itself, and a pid file was left that names another process by now', async () => {
    const first = await start();
    await query(first.ownerUrl, 'create table kept (a integer); insert into kept values (1)');
    const data = join(dataFolder, 'postgres');
    const left = await readFile(join(data, 'postmaster.pid'), 'utf8');
    await first.stop();
    await writeFile(join(data, 'postmaster.pid'), left.replace(/^\d+/, String(process.pid)));

    const second = await start();
    expect(await query(second.ownerUrl, 'select a from kept')).toEqual([{ a: 1 }]);
    const postmaster = await findPostmaster(data);
    process.kill(postmaster?.pid ?? 0, 'SIGKILL');
    const third = await start();
    expect(await query(third.ownerUrl, 'select a from kept')).toEqual([{ a: 1 }]);
  });

  test.each([
    ['SIGKILL', 'its postmaster is killed'],
    ['SIGQUIT', 'it is stopped as `pg_ctl -m immediate` does'],
  ] as const)('comes back by itself at the same port after %s: %s', async (signal, _reason) => {
    const server = await start();
    await query(server.ownerUrl, 'create table kept (a integer); insert into kept values (1)');
    const data = join(dataFolder, 'postgres');
    const before = (await findPostmaster(data))?.pid ?? 0;
    process.kill(before, signal);
    await expect
      .poll(() => query(server.url, 'select 1 as one').catch(() => null), { timeout: 20_000 })
      .toEqual([{ one: 1 }]);
    expect((await findPostmaster(data))?.pid).not.toBe(before);
    expect(await query(server.ownerUrl, 'select a from kept')).toEqual([{ a: 1 }]);
    await server.stop();
    expect(await findPostmaster(data)).toBeNull();
  });

  test('stays down when it is stopped while it is gone', async () => {
    const server = await start();
    const data = join(dataFolder, 'postgres');
    process.kill((await findPostmaster(data))?.pid ?? 0, 'SIGKILL');
    await expect.poll(() => query(server.url, 'select 1').catch(() => null)).toBeNull();
    await server.stop();
    await expect.poll(() => findPostmaster(data), { timeout: 20_000 }).toBeNull();
  });

  test('serves two processes of one project, and goes with the last of them', async () => {
    // Both come at once to an empty folder.
    const [child, own] = await Promise.all([startChild(), start()]);
    expect(own.ownerUrl).toBe(child.server.ownerUrl);
    child.process.stdin?.end();
    await once(child.process, 'exit');
    expect(await query(own.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await own.stop();
    expect(await findPostmaster(join(dataFolder, 'postgres'))).toBeNull();
  });

  test('stands beside another project’s', async () => {
    const one = await start();
    const other = await start(undefined, join(home, 'other'));
    expect(other.port).not.toBe(one.port);
    await query(one.ownerUrl, 'create table mine (a integer)');
    await expect(query(other.ownerUrl, 'select from mine')).rejects.toThrow('does not exist');
  });

  test('says so where its data is of another PostgreSQL', async () => {
    await mkdir(join(dataFolder, 'postgres'), { recursive: true });
    await writeFile(join(dataFolder, 'postgres/PG_VERSION'), '12\n');
    await expect(start()).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('PostgreSQL 12'),
    });
  });

  test('shows the end of its log where it does not start', async () => {
    await expect(start(['-c', 'no_such_setting=1'])).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('no_such_setting'),
    });
  });

  test('says so where its program is not there to be run', async () => {
    const { place } = await findPlace(dataFolder, await findBinaries());
    const gone = { ...place, binaries: { ...place.binaries, folder: join(home, 'gone') } };
    const portFor = async () => 1;
    await expect(
      reach({ place: gone, log, flags: [], url: () => 'postgres://127.0.0.1:1', portFor }),
    ).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('ENOENT') });
  });

  test('says DATABASE_URL where npm has no server for the platform', async () => {
    await expect(findBinaries('sunos', 'mips')).rejects.toMatchObject({
      code: 'no_database_binary',
      help: expect.stringContaining('DATABASE_URL'),
    });
  });
});

describe.skipIf(!isRoot)('started by root', () => {
  test('lives elsewhere where that user cannot enter the folder, and the folder points there', async () => {
    await chmod(home, 0o700);
    const server = await start();
    const { data } = JSON.parse(await readFile(join(dataFolder, 'postgres.json'), 'utf8'));
    stops.unshift(() => rm(dirname(data), { recursive: true }));
    expect(data).toMatch(/^\/var\/(lib|tmp)\/signalbox\/[0-9a-f]{16}\/postgres$/);
    await query(server.ownerUrl, 'create table kept (a integer); insert into kept values (1)');
    await server.stop();
    const again = await start();
    expect(await query(again.ownerUrl, 'select a from kept')).toEqual([{ a: 1 }]);
  });

  test('runs from a copy of the binaries where that user cannot read them', async () => {
    const hidden = join(home, 'root/native');
    for (const name of ['bin', 'lib', 'share']) await mkdir(join(hidden, name), { recursive: true });
    await writeFile(join(hidden, 'bin/postgres'), '#!/bin/sh\necho PostgreSQL', { mode: 0o700 });
    await chmod(join(home, 'root'), 0o700);
    const version = `test-${process.pid}`;
    const { place } = await findPlace(dataFolder, { folder: hidden, version });
    stops.push(() => rm(place.binaries.folder, { recursive: true }));
    expect(place.binaries.folder).toMatch(/^\/var\/(lib|tmp)\/signalbox\/server-test-/);
    const run = promisify(execFile);
    const { stdout } = await run(programOf(place.binaries, 'postgres'), ['--version'], {
      ...place.user,
      cwd: '/',
      env: {},
    });
    expect(stdout).toContain('PostgreSQL');
  });

  test('refuses an ordinary user afterwards, and says whose it is', async ({ skip }) => {
    if (shut) skip(shut);
    await findPlace(dataFolder, await findBinaries());
    await expect(startChild(ordinary)).rejects.toThrow('made by another user');
  });
});

test.skipIf(!isRoot)('an ordinary user starts, finds and stops a server', async ({ skip }) => {
  if (shut) skip(shut);
  await mkdir(dataFolder);
  await chown(dataFolder, ordinary.uid, ordinary.gid);
  const child = await startChild(ordinary);
  expect((await stat(join(dataFolder, 'postgres'))).uid).toBe(ordinary.uid);
  await kill(child.process);
  const again = await startChild(ordinary);
  expect(again.server).toEqual(child.server);
  again.process.stdin?.end();
  await once(again.process, 'exit');
  expect(await findPostmaster(join(dataFolder, 'postgres'))).toBeNull();
});

async function start(flags = ['-c', 'fsync=off'], folder = dataFolder): Promise<Embedded> {
  const server = await startEmbedded({ dataFolder: folder, log, flags });
  stops.push(() => server.stop());
  return server;
}

function isShut(folder: string): boolean {
  const above = dirname(folder);
  return (statSync(folder).mode & 0o001) === 0 || (above !== folder && isShut(above));
}

/** A real process that holds a server; rejects with what it complains of. */
async function startChild(user: { uid?: number; gid?: number } = {}) {
  const program = fileURLToPath(new URL('../support/hold-embedded.ts', import.meta.url));
  const child = spawn(process.execPath, [program, dataFolder], { ...user, stdio: ['pipe', 'pipe', 'pipe'] });
  stops.push(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.stdin.end();
    await once(child, 'exit');
  });
  let complaint = '';
  child.stderr.on('data', (chunk) => {
    complaint += chunk;
  });
  const [line] = await Promise.race([
    once(createInterface(child.stdout), 'line'),
    once(child, 'exit').then(() => Promise.reject(new Error(complaint))),
  ]);
  return { process: child, server: JSON.parse(line) as Omit<Embedded, 'stop'> };
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function query(url: string, text: string) {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}
