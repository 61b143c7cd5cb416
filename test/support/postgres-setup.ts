import { readdir, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import type { TestProject } from 'vitest/node';
import { startEmbedded } from '../../src/db/embedded.ts';
import { grantToApp } from '../../src/db/grants.ts';
import { migrate } from '../../src/db/migrate.ts';
import { findPostmaster } from '../../src/db/postmaster.ts';
import { temporaryFolder } from './folder.ts';

/** How tests reach the one server of this run. */
export interface TestServer {
  /** As the owner, of the database `postgres`. */
  readonly adminUrl: string;
  /** Two databases to copy: `signalbox_template` is migrated; the address of either role, with `/signalbox` at its end. */
  readonly ownerUrl: string;
  readonly url: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    postgres: TestServer;
  }
}

const prefix = 'signalbox-test-';

/** Fast and forgetful: nothing of a test needs to survive a power cut. */
const flags = [
  'fsync=off',
  'synchronous_commit=off',
  'full_page_writes=off',
  'shared_buffers=64MB',
  'io_method=sync',
  'scram_iterations=1',
].flatMap((setting) => ['-c', setting]);

/** Files in memory: a database is some hundred of them, and every test makes one. */
const memory = '/dev/shm';
/** More than a run has ever taken: what all tests at one time have, and a gigabyte of log. */
const roomBytes = 4_294_967_296;

/** Vitest's global set-up: one embedded server for the whole run, with a migrated database that tests copy. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await sweep();
  const dataFolder = await temporaryFolder(`${prefix}${process.pid}-`, await quickFolder());
  const server = await startEmbedded({ dataFolder, log: pino({ level: 'warn' }), flags });
  const adminUrl = server.ownerUrl.replace(/signalbox$/, 'postgres');
  const admin = new pg.Client(adminUrl);
  await admin.connect();
  await admin.query('create database signalbox_template');
  await admin.end();
  const template = server.ownerUrl.replace(/signalbox$/, 'signalbox_template');
  await migrate(template, new Date());
  await grantToApp(template);
  await lookAround(template);
  project.provide('postgres', { adminUrl, ownerUrl: server.ownerUrl, url: server.url });
  return async () => {
    await server.stop();
    await rm(dataFolder, { recursive: true, force: true });
  };
}

/** What the first connection to a database reads together, and leaves beside it: copies have it too. */
async function lookAround(url: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query('select from pg_class');
  await client.end();
}

/** The machine's memory where it is a folder with enough room, else the folder for temporary files. */
async function quickFolder(): Promise<string> {
  const room = await statfs(memory).catch(() => null);
  return room !== null && room.bavail * room.bsize >= roomBytes ? memory : tmpdir();
}

/** Stops and removes what runs that were killed have left. */
async function sweep(): Promise<void> {
  for (const parent of [tmpdir(), memory]) await sweepIn(parent);
}

async function sweepIn(parent: string): Promise<void> {
  for (const name of await readdir(parent).catch(() => [])) {
    const pid = name.startsWith(prefix) ? Number(name.slice(prefix.length).split('-')[0]) : 0;
    if (pid === 0 || isAlive(pid)) continue;
    const folder = join(parent, name);
    const left = await findPostmaster(join(folder, 'postgres'));
    if (left !== null) process.kill(left.pid, 'SIGQUIT');
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
