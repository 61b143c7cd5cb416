import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import type { TestProject } from 'vitest/node';
import { startEmbedded } from '../../src/db/embedded.ts';
import { grantToApp } from '../../src/db/grants.ts';
import { migrate } from '../../src/db/migrate.ts';

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

/** Fast and forgetful: nothing of a test needs to survive a power cut. */
const flags = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'shared_buffers=64MB'].flatMap(
  (setting) => ['-c', setting],
);

/** Vitest's global set-up: one embedded server for the whole run, with a migrated database that tests copy. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
  // Passable, as a project's folder is: the server of a run by root belongs to another user.
  await chmod(dataFolder, 0o711);
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
