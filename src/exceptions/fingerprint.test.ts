import { expect, test } from 'vitest';
import type { FailureMode } from './exception.ts';
import { fingerprint } from './fingerprint.ts';

type Detail = Record<string, unknown>;
type Row = [mode: FailureMode, one: Detail, other: Detail, same: boolean, reason: string];

const missing = { path: '/project_type', rule: 'required', message: 'project_type is missing' };
const wrong = { path: '/budget', rule: 'type', message: 'budget is "a lot"' };

const rows: Row[] = [
  [
    'contract_violation',
    { violations: [missing] },
    { violations: [missing] },
    true,
    'the same field is missing',
  ],
  ['contract_violation', { violations: [missing] }, { violations: [wrong] }, false, 'another field is wrong'],
  [
    'contract_violation',
    { violations: [missing, wrong] },
    { violations: [wrong, missing] },
    true,
    'order is no cause',
  ],
  [
    'contract_violation',
    { violations: [wrong] },
    { violations: [{ ...wrong, message: 'budget is 10' }] },
    true,
    'messages name values of one payload',
  ],
  [
    'contract_violation',
    { violations: [{ path: '/lines/0/sku', rule: 'required' }] },
    { violations: [{ path: '/lines/7/sku', rule: 'required' }] },
    true,
    'any line of a list lacks it for the same cause',
  ],
  ['check_failed', { failed: ['budget'] }, { failed: ['country'] }, false, 'another check failed'],
  ['conflicting_duplicate', { first_ticket: 'a' }, { first_ticket: 'b' }, true, 'ids are no cause'],
  [
    'transform_failed',
    { failures: [{ field: 'budget', why: 'no "x"' }] },
    { failures: [{ field: 'budget', why: 'no "y"' }] },
    true,
    'the same field could not be made',
  ],
  [
    'rejected',
    { destination: 'pm', status: 400 },
    { destination: 'pm', status: 401 },
    false,
    'another answer',
  ],
  [
    'rejected',
    { destination: 'pm', status: 400 },
    { destination: 'crm', status: 400 },
    false,
    'another system',
  ],
  [
    'contradicted',
    {
      compared: [
        { field: 'name', equal: true },
        { field: 'type', sent: 'web', equal: false },
      ],
    },
    {
      compared: [
        { field: 'name', equal: true },
        { field: 'type', sent: 'print', equal: false },
      ],
    },
    true,
    'the same field came back other than it was sent',
  ],
  [
    'contradicted',
    {
      compared: [
        { field: 'name', equal: false },
        { field: 'type', equal: true },
      ],
    },
    {
      compared: [
        { field: 'name', equal: true },
        { field: 'type', equal: false },
      ],
    },
    false,
    'another field differs',
  ],
  [
    'error_rate',
    { finding: 'error_rate/leads', failed: 10 },
    { finding: 'error_rate/leads', failed: 12 },
    true,
    'a finding that is told again has other counts',
  ],
  ['unparseable', { at: '\ud800' }, {}, true, 'what is not a cause is not looked at'],
];

test.each(rows)('%s of %j and %j: same cause %s, for %s', (mode, one, other, same) => {
  const [a, b] = [one, other].map((detail) => fingerprint('leads', { mode, detail }));
  expect(a === b).toBe(same);
  expect(a).toMatch(/^[0-9a-f]{16}$/);
});

test('another workflow or failure mode is another cause', () => {
  const detail = { violations: [missing] };
  const marks = [
    fingerprint('leads', { mode: 'contract_violation', detail }),
    fingerprint('orders', { mode: 'contract_violation', detail }),
    fingerprint('leads', { mode: 'destination_contract_violation', detail }),
  ];
  expect(new Set(marks).size).toBe(3);
});

test('foreign text that the chain could not hold is no obstacle', () => {
  const detail = { violations: [{ path: '/\ud800', rule: 'required' }] };
  expect(fingerprint('leads', { mode: 'contract_violation', detail })).toMatch(/^[0-9a-f]{16}$/);
});
