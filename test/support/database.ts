import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { type Connection, connect } from '../../src/db/connect.ts';

export interface TestDatabase extends Connection {
  /** As the role that the program works with: `db` and `pool` use it, so a missing right shows. */
  readonly url: string;
  /** As the owner and superuser. */
  readonly ownerUrl: string;
}

/** A fresh, migrated database of its own on the run's server; `close` drops it. `{ empty: true }`: without the migrations. */
export async function testDatabase(options: { empty?: boolean } = {}): Promise<TestDatabase> {
  const server = inject('postgres');
  const name = `test_${randomBytes(6).toString('hex')}`;
  const template = options.empty ? 'template1' : 'signalbox_template';
  await asAdmin(server.adminUrl, `create database ${name} template ${template} strategy file_copy`);
  const url = server.url.replace(/signalbox$/, name);
  const connection = connect(url);
  return {
    ...connection,
    url,
    ownerUrl: server.ownerUrl.replace(/signalbox$/, name),
    close: async () => {
      await connection.close();
      await asAdmin(server.adminUrl, `drop database ${name} with (force)`);
    },
  };
}

let admin: pg.Pool | null = null;

/** One connection for all of a worker's files: to sign in takes as long as to make a database. */
async function asAdmin(connectionString: string, statement: string): Promise<void> {
  admin ??= new pg.Pool({ connectionString, max: 1, allowExitOnIdle: true });
  await admin.query(statement);
}
