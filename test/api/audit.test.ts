import pg from 'pg';
import { expect, test } from 'vitest';
import { apiServer, routed } from './api-server.ts';

test('a whole record is verified, and a changed entry is named', async () => {
  const server = await apiServer();
  const id = await server.place(routed('audited'));
  await server.place(routed('another'));
  expect((await server.ask('/api/audit/verify')).body).toEqual({
    tickets: 2,
    entries: 6,
    payloads: 2,
    broken: null,
  });

  const superuser = new pg.Client(server.ownerUrl);
  await superuser.connect();
  await superuser.query('alter table entry disable trigger entry_append_only');
  await superuser.query(
    `update entry set data = replace(data, 'routed', 'bouted') where ticket_id = $1 and seq = 2`,
    [id],
  );
  await superuser.end();

  const { body } = await server.ask(`/api/audit/verify?ticket=${id}`);
  expect(body.broken).toMatchObject({ ticket_id: id, seq: 2, what: 'entry' });
  expect((await server.ask('/api/audit/verify?ticket=0199f0c4-7a12-7bcd-8e21-5a3b9c8d2f41')).status).toBe(
    404,
  );
  await server.close();
});
