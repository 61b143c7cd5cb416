import { expect, test } from 'vitest';
import { identitiesOf } from './identity.ts';
import { marksOf } from './samples.ts';
import { schemeSeen, sourceEntry, withSource } from './source-entry.ts';

const many = (count: number, make: (index: number) => unknown, headers = (_: number) => ({})) =>
  Array.from({ length: count }, (_, index) => marksOf({ payload: make(index), headers: headers(index) }));
const time = (index: number) => `2026-01-05T09:00:${String(index).padStart(2, '0')}Z`;

test.each<[string, ReturnType<typeof many>, string | undefined, string]>([
  [
    'an id of its own',
    many(20, (i) => ({ lead_id: `L-${i}`, email: `p${i}@x.de`, at: time(i) })),
    'payload.lead_id',
    'named and unique',
  ],
  [
    'repeats',
    many(20, (i) => ({ order_id: i % 10, total: (i % 10) * 7 })),
    'payload.order_id',
    'the same content again is a retry',
  ],
  ['one sample', many(1, () => ({ id: 7, name: 'x' })), 'payload.id', 'then the name counts'],
  [
    'updates',
    many(20, (i) => ({ id: `T-${i % 15}`, updated_at: time(i) })),
    'payload.id',
    'an id with other content is an update of one thing',
  ],
  [
    'ids of others',
    many(20, (i) => ({ account_id: 'a', user_id: i, event_id: `e${i}` })),
    'payload.event_id',
    'an account sends many',
  ],
  [
    'an id within',
    many(20, (i) => ({ type: 'a.b', data: { object: { id: `in_${i}` } } })),
    'payload.data.object.id',
    'where there is none above',
  ],
  [
    'a combination',
    many(20, (i) => ({ action: i % 2 ? 'opened' : 'closed', issue: { id: i >> 1 } })),
    'string(payload.issue.id) + "/" + payload.action',
    'a thing, and what happened to it',
  ],
  [
    'a reserved word',
    many(9, (i) => ({ package: { id: i } })),
    'payload["package"].id',
    'as CEL has to read it',
  ],
  [
    'nothing',
    many(20, (i) => ({ email: `p${i}@x.de`, ...(i ? { id: i } : {}) })),
    undefined,
    'not in all, or no identity',
  ],
  ['lists', many(9, (i) => [{ id: i }]), undefined, 'an element is no trigger'],
  [
    'a delivery',
    many(
      9,
      () => ({ repository: { id: 1 } }),
      (i) => ({ 'x-github-delivery': `d${i}` }),
    ),
    'headers["x-github-delivery"]',
    'the sender names it',
  ],
])('%s', (_what, samples, expected, reason) => {
  expect(identitiesOf(samples)[0]?.expression, reason).toBe(expected);
});

test('the reason and the runners-up are told', () => {
  const samples = many(12, (i) => ({ id: i % 10, created_at: time(i % 10) }));
  const [best, second] = identitiesOf(samples);
  expect(best?.reason).toBe(
    'its name says so, and unique: 10 values in 10 different payloads; 2 repeats had it again with the same content',
  );
  expect(second?.expression).toBe('payload.created_at');
});

test.each([
  [{ 'x-hub-signature-256': 'x', 'x-github-event': 'push' }, 'github'],
  [{ 'x-hub-signature-256': 'x' }, 'meta'],
  [{ 'x-hub-signature': 'sha256=x', 'x-atlassian-webhook-identifier': 'x' }, 'jira'],
  [{ 'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)' }, 'stripe'],
  [{ 'webhook-id': 'x' }, 'standard-webhooks'],
  [{ authorization: 'Bearer x' }, 'bearer'],
  [{ 'content-type': 'application/json' }, undefined],
])('headers %j speak for %s', (headers, scheme) => {
  expect(schemeSeen(headers)?.scheme).toBe(scheme);
});

test.each<[string, string | null, string]>([
  ['sources:\n  a: {}\n', 'sources:\n  b:\n    summary', 'before the first'],
  ['x: 1\nsources: # those\n\n    a: {}\n', 'x: 1\nsources: # those\n    b:\n    ', 'with its indentation'],
  ['sources: { a: {} }\n', null, 'not written line by line'],
])('%j gets one more source', (text, start) => {
  const changed = withSource(text, sourceEntry('b', null));
  if (start === null) expect(changed).toBeNull();
  else expect(changed?.startsWith(start)).toBe(true);
});
