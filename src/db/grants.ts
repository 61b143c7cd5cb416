import pg from 'pg';
import { limits } from '../limits.ts';
import { lockKey } from './migrate.ts';

/**
 * Gives the program's role what it needs and nothing more; run by the owner after every migration.
 * It reads, inserts and updates, and deletes nothing but what has had its time: keys of requests, sessions, tokens, codes, passkeys, told changes, what a comparison has read. Entries, deployments and acts on accounts and destinations it only inserts; of a payload or delivery it only erases the body;
 * a workflow version stays as it was deployed. It creates nothing.
 */
export async function grantToApp(ownerUrl: string, role = 'signalbox_app'): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl, connectionTimeoutMillis: limits.connectMs });
  client.on('error', () => {});
  await client.connect();
  try {
    // One statement, so one transaction: the role is never without its rights. Rights that two nodes give at once are refused to one.
    await client.query(`
      select pg_advisory_xact_lock(${lockKey});
      revoke all on all tables in schema public from ${role};
      grant select, insert, update on all tables in schema public to ${role};
      revoke update on entry, payload, delivery, workflow_version, deployment, account_act, destination_act, change from ${role};
      grant update (body, erased_at) on payload, delivery to ${role};
      grant update (active, deployed_at, deployed_by) on workflow_version to ${role};
      grant delete on idempotency, sign_in_session, sign_in_token, passkey, backup_code, change, reconciliation_listed, reading_again to ${role};
      revoke insert, update on migration from ${role};`);
  } finally {
    await client.end();
  }
}
