import pg from 'pg';
import { expect, test } from 'vitest';
import { readForAudit } from '../../src/audit/store.ts';
import { verifyAll } from '../../src/audit/worker.ts';
import { limits } from '../../src/limits.ts';
import { withLimits } from '../support/limits.ts';
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

test.each<[bytes: number, tickets: number, reason: string]>([
  [10, 1, 'the first is read whatever its size'],
  [29, 1, 'two are a byte too many'],
  [30, 2, 'two are just as much as may be'],
  [100, 3, 'all of them'],
])('with %i bytes at once %i tickets are read: %s', async (auditBytesMax, count) => {
  const server = await apiServer();
  for (const name of ['a', 'b', 'c']) await server.place(routed(name), '{"lead_id":"1"}');
  withLimits({ auditBytesMax });
  expect(await readForAudit(server.db, null, limits.pageRowsMax)).toHaveLength(count);
  expect(await verifyAll(server.db)).toMatchObject({ tickets: 3, broken: null });
  await server.close();
});
