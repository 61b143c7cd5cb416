import { expect, test } from 'vitest';
import { limits } from '../../limits.ts';
import { suspicion } from './suspicion.ts';

const least = limits.reconciliationUnlikeMin;
const rows: [
  held: number,
  differs: number,
  missing: number,
  ours: number | null,
  refused: boolean,
  unlike: boolean,
  reason: string,
][] = [
  [99, 0, 1, 100, false, false, 'one in a hundred dropped'],
  [0, 0, 40, 0, false, false, 'no webhook came at all: the list is all there is'],
  [0, 0, 40, 38, true, false, 'two lists of the same, with other names'],
  [0, 0, 1, 1, true, false, 'however small'],
  [0, 3, 40, 38, false, false, 'some are known'],
  [0, 0, 0, 38, false, false, 'an empty list'],
  [0, 0, 40, null, false, false, 'a file says of no time'],
  [least - 1, least, 0, 100, false, true, 'most of it differs'],
  [least, least, 0, 100, false, false, 'as many as not'],
  [0, least - 1, 0, 100, false, false, 'too few to judge by'],
];
test.each(rows)(
  '%i held, %i other, %i missing of %s ours: refused %s, only told %s (%s)',
  (held, differs, missing, ours, refused, unlike) => {
    const found = suspicion('crm', { held, differs, missing, ours });
    expect([found.refused !== null, found.unlike !== null]).toEqual([refused, unlike]);
  },
);
