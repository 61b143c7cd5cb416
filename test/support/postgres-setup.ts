import { readdir, rm } from 'node:fs/promises';
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
const flags = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'shared_buffers=64MB'].flatMap(
  (setting) => ['-c', setting],
);

/** Vitest's global set-up: one embedded server for the whole run, with a migrated database that tests copy. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await sweep();
  const dataFolder = await temporaryFolder(`${prefix}${process.pid}-`);
  const server = await startEmbedded({ dataFolder, log: pino({ level: 'warn' }), flags });
  const adminUrl = server.ownerUrl.replace(/signalbox$/, 'postgres');
  const admin = new pg.Client(adminUrl);
  await admin.connect();
  await admin.query('create database signalbox_template');
  await admin.end();
  const template = server.ownerUrl.replace(/signalbox$/, 'signalbox_template');
  await migrate(template, new Date());
  await grantToApp(template);
  project.provide('postgres', { adminUrl, ownerUrl: server.ownerUrl, url: server.url });
  return async () => {
    await server.stop();
    await rm(dataFolder, { recursive: true, force: true });
  };
}

/** Stops and removes what runs that were killed have left. */
async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = name.startsWith(prefix) ? Number(name.slice(prefix.length).split('-')[0]) : 0;
    if (pid === 0 || isAlive(pid)) continue;
    const folder = join(tmpdir(), name);
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
