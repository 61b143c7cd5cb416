import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiServer, apiServer, key, stopped } from './api-server.ts';

let server: ApiServer;
beforeAll(async () => {
  server = await apiServer();
});
afterAll(async () => await server.close());

const dana = { 'signalbox-actor': 'person:dana' };

async function opened(identity: string): Promise<string> {
  return `/api/exceptions/${await server.place(stopped(identity))}/1`;
}

test('an exception is claimed, worked on and discarded, and answers each time as it then stands', async () => {
  const path = await opened('work');
  const act = async (body: unknown) => (await server.ask(`${path}/acts`, { body, headers: dana })).body;

  expect(await act({ act: 'claim' })).toMatchObject({ state: 'claimed', claimed_by: 'person:dana' });
  expect(await act({ act: 'note', text: 'Asked the sender' })).toMatchObject({ state: 'claimed' });
  const { checklist } = (await server.ask(path)).body;
  expect((await act({ act: 'tick', index: 0 })).checklist[0]).toMatchObject({
    state: 'ticked',
    by: 'person:dana',
  });
  for (let index = 1; index < checklist.length; index += 1) {
    const { checklist: after } = await act({ act: 'waive', index, reason: 'Not here' });
    expect(after[index]).toMatchObject({ state: 'waived', reason: 'Not here' });
  }
  const discard = { act: 'resolve', resolution: 'discard', root_cause: 'human-error', reason: 'A test lead' };
  expect(await act(discard)).toMatchObject({
    state: 'resolved',
    resolution: 'discard',
    resolved_by: 'person:dana',
  });
  expect(await act({ act: 'claim' })).toMatchObject({ status: 409, code: 'conflict' });
});

test('the list filters by queue, mode, person and state, and pages', async () => {
  await opened('list-1');
  await opened('list-2');
  const first = (await server.ask('/api/exceptions?limit=1&queue=exception&responsible=team:triage')).body;
  expect(first.exceptions).toHaveLength(1);
  expect(first.exceptions[0]).toMatchObject({ workflow: 'leads', source: 'form', state: 'open' });
  const second = (await server.ask(`/api/exceptions?limit=1&after=${encodeURIComponent(first.next)}`)).body;
  expect(second.exceptions[0].ticket_id).not.toBe(first.exceptions[0].ticket_id);
  expect((await server.ask('/api/exceptions?queue=triage')).body.exceptions).toEqual([]);
  expect((await server.ask('/api/exceptions?mode=unparseable')).body.exceptions).toEqual([]);
  const resolved = (await server.ask('/api/exceptions?state=resolved')).body.exceptions;
  expect(resolved.map((each: { resolution: string }) => each.resolution)).toEqual(['discard']);
});

test.each<[body: unknown, headers: Record<string, string>, status: number, detail: string, reason: string]>([
  [
    { act: 'note', text: 'a\ud800' },
    dana,
    400,
    'The text at /text holds half of a surrogate pair, which is no character.',
    'half of a pair',
  ],
  [{ act: 'claim' }, {}, 400, 'Only a person can claim an exception.', 'nobody is named'],
  [
    { act: 'claim' },
    { 'signalbox-actor': 'person:dna' },
    400,
    'Signalbox-Actor names "person:dna", who is not in this project.',
    'unknown person',
  ],
  [
    { act: 'clame' },
    dana,
    400,
    'The body must name one of `claim`, `release`, `note`, `tick`, `waive`, `resolve` in `act`.',
    'unknown act',
  ],
  [{}, dana, 400, 'The body lacks `act`.', 'no act'],
  [{ act: 'note' }, dana, 400, 'The body lacks `text`.', 'a member is missing'],
  [
    { act: 'note', text: 'x', note: 'y' },
    dana,
    400,
    'The body has the unknown member `note`: it takes `act`, `text`.',
    'a member too many',
  ],
  [{ act: 'note', text: '' }, dana, 400, '`text` in the body is empty.', 'an empty note'],
  [
    { act: 'note', text: 'x'.repeat(4001) },
    dana,
    400,
    '`text` in the body has more than 4000 characters.',
    'a note has its bound',
  ],
  [
    { act: 'tick', index: '0' },
    dana,
    400,
    '`index` in the body must be an integer.',
    'a body is not guessed at',
  ],
  [{ act: 'tick', index: 99 }, dana, 404, 'The checklist has no point 99.', 'no such point'],
  [
    { act: 'resolve', resolution: 'forget', root_cause: 'x' },
    dana,
    400,
    'The body must name one of `replay`, `reroute`, `retry`, `confirm`, `discard` in `resolution`.',
    'unknown resolution',
  ],
  [
    { act: 'resolve', resolution: 'discard', root_cause: 'x' },
    dana,
    400,
    'The body lacks `reason`.',
    'what a resolution needs',
  ],
  [
    { act: 'resolve', resolution: 'retry', root_cause: 'x' },
    dana,
    409,
    "Exception 1 is nobody's yet.",
    'not claimed',
  ],
])('%# is refused: %s', async (body, headers, status, detail) => {
  const path = await opened(`bad-${JSON.stringify(body).slice(0, 100)}`);
  const answer = await server.ask(`${path}/acts`, { body, headers });
  expect(answer.body).toMatchObject({ status, detail });
});

test('an unknown person is told who was meant', async () => {
  const { body } = await server.ask(`${await opened('who')}/acts`, {
    body: { act: 'claim' },
    headers: { 'signalbox-actor': 'person:dna' },
  });
  expect(body.help).toBe('Did you mean person:dana?');
});

test.each(['acts', 'rehearsal'])(
  'a repaired payload says what it says: no number in %s is rounded to its neighbour',
  async (to) => {
    const path = await opened(`exact-${to}`);
    const at = to === 'acts' ? `${path}/acts` : `/api/tickets/${path.split('/')[3]}/rehearsal`;
    const act =
      to === 'acts' ? '"act": "resolve", "resolution": "replay", "root_cause": "human-error", ' : '';
    const response = await fetch(server.url + at, {
      method: 'POST',
      headers: { ...dana, authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: `{ ${act}"payload": { "lead_id": 9007199254740993 } }`,
    });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('beyond 2^53');
  },
);
