import { expect, test } from 'vitest';
import { apiServer, routed } from './api-server.ts';

test('what waits is listed with what would be sent, and a decision is passed on with who made it', async () => {
  const decided: unknown[] = [];
  const server = await apiServer({ onApproval: async (...given) => decided.push(given) });
  const id = await server.place(routed('big', true));
  const { approvals } = (await server.ask('/api/approvals')).body;
  expect(approvals).toMatchObject([
    {
      ticket_id: id,
      handoff_seq: 1,
      by: 'team:growth',
      request: { method: 'POST', path: '/projects', body: { type: 'web' } },
    },
  ]);
  const headers = { 'signalbox-actor': 'person:dana' };
  const answer = await server.ask(`/api/approvals/${id}/1`, { body: { approve: true }, headers });
  expect(answer.status).toBe(200);
  expect(decided).toEqual([[{ ticketId: id, handoffSeq: 1 }, { approve: true, reason: '' }, 'person:dana']]);
  const refused = await server.ask(`/api/approvals/${id}/1`, { body: { aprove: true }, headers });
  expect(refused.body).toMatchObject({ status: 400, detail: 'The body lacks `approve`.' });
  await server.close();
});

test('what was decided is listed in pages, the newest ticket first, and what waits is not among it', async () => {
  const server = await apiServer();
  const ids: string[] = [];
  for (const name of ['a', 'b', 'c', 'waits']) ids.push(await server.place(routed(name, true)));
  const decided = ids.slice(0, 3).toSorted().toReversed();
  await server.db
    .updateTable('approval')
    .set({ state: 'refused', decided_at: server.clock.now(), decided_by: 'person:dana', reason: 'too dear' })
    .where('ticket_id', 'in', decided)
    .execute();
  const page = async (after: string) =>
    (await server.ask(`/api/approvals?state=decided&limit=2${after}`)).body;
  const first = await page('');
  expect(first.approvals[0]).toMatchObject({
    state: 'refused',
    decided_by: 'person:dana',
    reason: 'too dear',
  });
  const second = await page(`&after=${first.next}`);
  expect([...first.approvals, ...second.approvals].map(({ ticket_id }) => ticket_id)).toEqual(decided);
  expect(second.next).toBeNull();
  expect((await page('&after=nowhere')).detail).toBe('"nowhere" is no place in this list.');
  expect((await server.ask('/api/approvals')).body.approvals).toHaveLength(1);
  await server.close();
});
