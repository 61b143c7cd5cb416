import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { run } from '../cli/run.ts';
import { type TestApp, testApp } from '../support/app.ts';
import { lead } from '../support/project.ts';
import { startTarget, type Target } from '../support/target.ts';

/** Promise 12: whoever edits the record, even as superuser, is found out, and the first broken entry is named. */

const waiting = { timeout: 20_000, interval: 50 };
let target: Target;
let server: TestApp;
let ticket: string;
let superuser: pg.Client;

beforeAll(async () => {
  target = await startTarget();
  server = await testApp(target.url);
  ticket = (await server.post(lead('tampered'))).body.ticket;
  await vi.waitFor(async () => {
    expect((await server.get(`/api/tickets/${ticket}`)).body.ticket.state).toBe('done');
  }, waiting);
  superuser = new pg.Client(server.database.ownerUrl);
  await superuser.connect();
});

afterAll(async () => {
  await superuser.end();
  await server.stop();
  await target.close();
});

test('a record that nobody touched is whole', async () => {
  const { code, stdout } = await verify();
  expect(stdout).toContain('as it was written');
  expect(code).toBe(0);
});

test('the database refuses to change or remove an entry', async () => {
  await expect(superuser.query("update entry set kind = 'x'")).rejects.toThrow(/append-only/);
  await expect(superuser.query('delete from entry')).rejects.toThrow(/append-only/);
  await expect(superuser.query('truncate entry')).rejects.toThrow(/append-only|truncate/);
});

test.each<[sql: string, what: string, seq: number | null, reason: string]>([
  [
    "update entry set data = overlay(data placing 'X' from 3) where seq = 2",
    'entry',
    2,
    'one byte of an entry',
  ],
  ["update entry set actor = 'person:omar' where seq = 2", 'entry', 2, 'who did it'],
  ["update entry set at = at + interval '1 ms' where seq = 3", 'entry', 3, 'when'],
  ['update entry set hash = sha256(hash) where seq = 2', 'entry', 2, 'a hash'],
  ['delete from entry where seq = 2', 'entry', 3, 'an entry removed'],
  ['delete from entry where seq = (select max(seq) from entry)', 'head', null, 'the last entry removed'],
  ['update payload set body = set_byte(body, 5, 88)', 'payload', 1, 'one byte of the payload'],
  ["update payload set headers = '{}'", 'payload', 1, 'its headers'],
  ['delete from payload', 'payload', 1, 'the payload removed'],
])('%s', async (sql, what, seq, reason) => {
  await tampering(sql, async () => {
    const { code, stdout } = await verify('--json');
    const { broken } = JSON.parse(stdout);
    expect(broken, reason).toMatchObject({ ticket_id: ticket, what, ...(seq === null ? {} : { seq }) });
    expect(code).toBe(1);
  });
});

test.each([
  [
    'entry',
    'select gen_random_uuid() as ticket_id, seq, at, kind, actor, data, previous, hash from entry limit 1',
  ],
  [
    'payload',
    `select gen_random_uuid() as ticket_id, revision, content_type, headers, body, salt, digest, erased_at from payload limit 1`,
  ],
])('%s put in for a ticket that is not there', async (what, row) => {
  await tampering(`insert into ${what} ${row}`, async () => {
    const { code, stdout } = await verify('--json');
    expect(JSON.parse(stdout).broken).toMatchObject({ what, why: 'its ticket is not there' });
    expect(code).toBe(1);
  });
});

function verify(...more: string[]) {
  return run(['audit', 'verify', '--database-url', server.database.ownerUrl, ...more], { cwd: server.root });
}

/** Does what only a superuser can, looks, and puts it back. */
async function tampering(sql: string, look: () => Promise<void>): Promise<void> {
  await superuser.query(
    'create table kept_entry as select * from entry; create table kept_payload as select * from payload',
  );
  await superuser.query('alter table entry disable trigger all');
  try {
    await superuser.query(sql);
    await look();
  } finally {
    await superuser.query(`
      delete from entry; insert into entry select * from kept_entry; drop table kept_entry;
      delete from payload; insert into payload select * from kept_payload; drop table kept_payload;
      alter table entry enable always trigger entry_append_only; alter table entry enable always trigger entry_no_truncate`);
  }
}
