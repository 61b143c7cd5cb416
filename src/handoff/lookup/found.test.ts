import { expect, test } from 'vitest';
import { ExpressionError } from '../../workflow/expression.ts';
import type { AttemptOutcome } from '../handoff.ts';
import { judgeSearch } from './found.ts';

const read = (changes: Partial<AttemptOutcome>): AttemptOutcome => ({
  result: 'accepted',
  status: 200,
  detail: 'tool answered 200',
  excerpt: null,
  retryAfter: null,
  ...changes,
});

const rows: readonly [
  read: Partial<AttemptOutcome>,
  that: unknown,
  record: unknown,
  verdict: string,
  reason: string,
][] = [
  [{ body: { id: 1 } }, true, { id: 1 }, 'found', 'it is there'],
  [{ body: { items: [] } }, false, null, 'not_found', 'the condition says no'],
  [{ body: { items: [] } }, true, null, 'not_found', 'no record'],
  [{ result: 'rejected', status: 404 }, true, 1, 'not_found', '404'],
  [{ result: 'rejected', status: 410 }, true, 1, 'not_found', '410'],
  [{ status: 204 }, true, 1, 'not_found', 'no content'],
  [{}, true, 1, 'unreadable', 'no JSON says nothing'],
  [{ result: 'rejected', status: 401 }, true, 1, 'unreadable', 'not allowed to ask'],
  [{ result: 'unknown', status: 500 }, true, 1, 'unreadable', 'it failed'],
  [{ result: 'not_sent', status: null }, true, 1, 'unreadable', 'it is not there'],
  [{ body: {} }, 'throw', 1, 'unreadable', 'an answer of another shape'],
];

test.each(rows)('%j with that %j and record %j is %s: %s', (given, that, record, verdict) => {
  const found = judgeSearch(
    'tool',
    { operation: 'findIt', that: 'that', record: 'record' },
    read(given),
    (text) => {
      if (that === 'throw') throw new ExpressionError('no such field');
      return text === 'that' ? that : record;
    },
  );
  expect(found.verdict).toBe(verdict);
  expect(found.outcome.result).toBe(verdict === 'found' ? 'accepted' : 'unknown');
});
