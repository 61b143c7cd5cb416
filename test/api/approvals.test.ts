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
