import { expect, test } from 'vitest';
import { compileContract } from './schema.ts';

const rows: [value: number, step: number, fits: boolean, reason: string][] = [
  [19.99, 0.01, true, 'money in cents, which no double holds exactly'],
  [0.3, 0.1, true, 'the same'],
  [-4.35, 0.01, true, 'what is owed'],
  [1.005, 0.01, false, 'half a cent'],
  [0, 0.01, true, 'nothing'],
  [0.0075, 0.0001, true, 'a small step'],
  [0.00751, 0.0001, false, 'beside it'],
  [12_391_239_123, 1e-8, true, 'a large number of a tiny step'],
  [1e308, 0.123456789, false, 'what overflows when it is divided'],
  [1e22, 1, true, 'whole beyond 2^53'],
  [7, 2, false, 'whole numbers'],
];

test.each(['2020-12', 'draft-07', 'draft-04'])('multiples are told by their digits (%s)', (draft) => {
  const $schema = {
    '2020-12': 'https://json-schema.org/draft/2020-12/schema',
    'draft-07': 'http://json-schema.org/draft-07/schema#',
    'draft-04': 'http://json-schema.org/draft-04/schema#',
  }[draft];
  for (const [value, step, fits, reason] of rows) {
    const contract = compileContract({ document: { $schema, multipleOf: step }, pointer: '', name: 'test' });
    const messages = contract.validate(value).map(({ message }) => message);
    expect(messages, reason).toEqual(fits ? [] : [`The value is ${value}, which is no multiple of ${step}`]);
  }
});
