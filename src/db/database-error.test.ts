import pg from 'pg';
import { expect, test } from 'vitest';
import { isDatabaseError } from './database-error.ts';

test.each<[error: unknown, is: boolean, reason: string]>([
  [
    Object.assign(new pg.DatabaseError('deadlock', 1, 'error'), { severity: 'ERROR' }),
    true,
    'the server says so',
  ],
  [Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), true, 'nobody listens'],
  [Object.assign(new Error('no such socket'), { code: 'ENOENT' }), true, 'nobody listens at a socket either'],
  [new Error('Connection terminated unexpectedly'), true, 'it went away'],
  [new Error('timeout exceeded when trying to connect'), true, 'it has no room'],
  [new Error('Cannot use a pool after calling end on the pool'), true, 'this server is stopping'],
  [new TypeError('x is not a function'), false, 'a fault of ours'],
  [new RangeError('Maximum call stack size exceeded'), false, 'a fault of ours'],
  ['connection', false, 'no error at all'],
])('%s: %s, %s', (error, is) => {
  expect(isDatabaseError(error)).toBe(is);
});
