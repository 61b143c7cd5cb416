import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordedLines } from '../../src/api/recorded-triggers.ts';
import { recordedTriggers } from '../../src/cli/recorded-triggers.ts';
import { limits } from '../../src/limits.ts';
import { type ApiServer, apiServer, key, routed, stopped } from './api-server.ts';

let server: ApiServer;
const ids: string[] = [];
beforeAll(async () => {
  server = await apiServer();
  ids.push(await server.place(routed('lead-1', true), '{"lead_id":"lead-1"}'));
  ids.push(await server.place(stopped('lead-2'), '{"lead_id":'));
  ids.sort();
});
afterAll(async () => await server.close());

/** All lines of an answer. */
async function lines(query = '') {
  const response = await fetch(`${server.url}/api/triggers${query}`, {
    headers: { authorization: `Bearer ${key}` },
  });
  expect(response.headers.get('content-type')).toBe('application/x-ndjson');
  const text = await response.text();
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

describe('recorded triggers', () => {
  test('come as they came in, with what was decided then', async () => {
    const all = await lines();
    expect(all.map(({ ticket }) => ticket)).toEqual(ids);
    const byIdentity = Object.fromEntries(all.map((each) => [each.decided.identity, each]));
    expect(byIdentity['lead-1']).toMatchObject({
      source: 'form',
      workflow: 'leads',
      received_at: '2026-03-01T10:00:00.000Z',
      content_type: 'application/json',
      headers: { 'x-a': '1' },
      body: Buffer.from('{"lead_id":"lead-1"}').toString('base64'),
      part: null,
      decided: {
        kind: 'routed',
        state: 'handoff',
        route: 'team:growth',
        confidence: 1,
        owner: 'team:growth',
        alternate: 'person:omar',
        exception: null,
        first_ticket: null,
        handoffs: [
          {
            handoff: 'create',
            destination: 'tool',
            request: { method: 'POST', path: '/projects', body: { type: 'web' } },
            approval: { by: 'team:growth' },
          },
        ],
        reasons: [{ rung: 'routing', code: 'routed', text: 'team:growth: 1' }],
      },
    });
    expect(byIdentity['lead-2']).toMatchObject({
      decided: {
        kind: 'stopped',
        state: 'exception',
        route: null,
        exception: { mode: 'contract_violation', summary: 'project_type is missing', owner: 'team:triage' },
        handoffs: [],
      },
    });
  });

  test('say who was to answer for them, also where others have taken over since', async () => {
    const [id = ''] = ids;
    const owners = async () => {
      const [{ decided }] = await lines(`?ticket=${id}`);
      return [decided.owner, decided.alternate];
    };
    const before = await owners();
    // The alternate takes it over, and then gives it away.
    for (const to of ['person:omar', 'person:dana']) {
      const body = { to, reason: 'Away' };
      const headers = { 'signalbox-actor': 'person:omar' };
      expect((await server.ask(`/api/tickets/${id}/transfer`, { body, headers })).body).toMatchObject({
        owner: to,
      });
      expect(await owners()).toEqual(before);
    }
  });

  test('what has been done to a ticket since does not change what was decided', async () => {
    const id = ids.find((each) => each) ?? '';
    const before = await lines(`?ticket=${id}`);
    await server.db
      .updateTable('ticket')
      .set({ state: 'discarded', settled_at: new Date(), revision: 2 })
      .where('id', '=', id)
      .execute();
    expect(await lines(`?ticket=${id}`)).toEqual(before);
  });

  test.each([
    ['?since=2026-03-01T10:00:00Z', 2, 'received then'],
    ['?since=2026-03-01T10:00:00.001Z', 0, 'received before'],
    ['?until=2026-03-01T10:00:00Z', 0, 'the end is not in it'],
    ['?until=2026-03-01T11:00:00%2B01:00', 0, 'a time elsewhere is the same time'],
    ['?until=2026-03-01T10:00:00.001Z&since=1969-01-01T00:00:00Z', 2, 'between'],
    ['?workflow=leads&source=form', 2, 'both hold'],
    ['?workflow=other', 0, 'another workflow'],
    ['?limit=1', 1, 'the oldest'],
  ])('%s is %i of them: %s', async (query, count) => {
    expect(await lines(query)).toHaveLength(count);
  });

  test('`after` goes on behind a ticket', async () => {
    expect((await lines(`?after=${ids[0]}`)).map(({ ticket }) => ticket)).toEqual([ids[1]]);
  });

  test('an erased payload is told as such', async () => {
    const id = await server.place(routed('erased'), '{"secret":1}');
    const owner = new pg.Client(server.ownerUrl);
    await owner.connect();
    await owner.query(
      'update payload set body = null, erased_at = received_at from ticket where id = ticket_id and id = $1',
      [id],
    );
    await owner.end();
    expect(await lines(`?ticket=${id}`)).toMatchObject([{ body: null, decided: { kind: 'routed' } }]);
  });

  test.each([
    [
      '?ticket=0199f0c4-7a12-7bcd-8e21-5a3b9c8d2f41',
      404,
      'There is no ticket 0199f0c4-7a12-7bcd-8e21-5a3b9c8d2f41.',
    ],
    ['?since=yesterday', 400, '`since` in the query must be a time with its zone: 2026-03-01T10:00:00Z.'],
    ['?limit=0', 400, '`limit` in the query must be at least 1.'],
  ])('%s is a %i problem: %s', async (query, status, detail) => {
    expect((await server.ask(`/api/triggers${query}`)).body).toMatchObject({ status, detail });
  });
});

describe('a stream of many', () => {
  const bodyBytes = 400_000;
  const count = 14;
  beforeAll(async () => {
    for (let index = 0; index < count; index += 1) {
      await server.place(routed(`big-${index}`), JSON.stringify({ text: 'x'.repeat(bodyBytes) }));
    }
  });

  test('comes whole, in order, over several pages', async () => {
    const seen: string[] = [];
    let large = 0;
    for await (const { ticket, body } of recordedTriggers({ url: server.url, key }, {})) {
      seen.push(ticket);
      if ((body?.length ?? 0) > bodyBytes) large += 1;
    }
    expect(count * bodyBytes).toBeGreaterThan(limits.recordedBytesMax);
    expect([seen.length, large]).toEqual([3 + count, count]);
    expect(seen).toEqual(seen.toSorted());
  });

  test('is read from the database only as far as it is taken', async () => {
    let queries = 0;
    const counting = server.db.withPlugin({
      transformQuery: ({ node }) => {
        queries += 1;
        return node;
      },
      transformResult: async ({ result }) => result,
    });
    const lines = recordedLines(counting, {}, Number.POSITIVE_INFINITY);
    await lines.next();
    const ofOnePage = queries;
    await lines.next();
    await lines.return(undefined);
    expect(queries).toBe(ofOnePage);
  });

  test('ends when its reader goes away', async () => {
    const answering = once(server.app.server, 'request') as Promise<[IncomingMessage, ServerResponse]>;
    const request = get(`${server.url}/api/triggers`, { headers: { authorization: `Bearer ${key}` } });
    const [, answer] = await answering;
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    await once(response, 'data');
    const ended = once(answer, 'close');
    request.destroy();
    await ended;
    expect(answer.writableFinished).toBe(false);
  });
});

test('a stream that breaks off is no shorter list, but an error', async () => {
  const broken = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson', 'transfer-encoding': 'chunked' });
    response.write('{"ticket":"1"}\n', () => response.destroy());
  });
  broken.listen(0, '127.0.0.1');
  await once(broken, 'listening');
  const { port } = broken.address() as AddressInfo;
  const read = async () => {
    for await (const _ of recordedTriggers({ url: `http://127.0.0.1:${port}`, key }, {}));
  };
  await expect(read()).rejects.toThrow(/broke off before its end/);
  broken.close();
});
