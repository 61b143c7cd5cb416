import { describe, expect, test } from 'vitest';
import type { HandoffState } from '../../db/schema.ts';
import type { UndoPlan } from '../handoff.ts';
import { isOverUndone, isUndoPending, type Standing, undoneByAbandonment, undoneByFailure } from './undo.ts';

const at = new Date('2026-03-02T09:00:00Z');
const plan = { retry: { attemptsMax: 1, forMs: 1 }, request: {}, outcome: {} };

type Row = [
  handoff: string,
  state: HandoffState,
  more?: Partial<{
    after: string[];
    undo: UndoPlan['when'] | null;
    accepted: boolean;
    revision: number;
    undoes: string;
  }>,
];

function rowsOf(rows: readonly Row[]): Standing[] {
  return rows.map(([handoff, state, more = {}], index) => {
    const { after = [], undo = null, accepted = state === 'confirmed', revision = 1, undoes } = more;
    return {
      seq: index + 1,
      handoff,
      state,
      accepted_at: accepted ? at : null,
      idempotency_key: `sb_t_${handoff}_r${revision}`,
      plan: {
        after,
        ...(undo !== null && { undo: { ...plan, when: undo } as unknown as UndoPlan }),
        ...(undoes !== undefined && {
          undoes: { seq: 1, key: `sb_t_${undoes}_r${revision}`, response: null },
        }),
      },
    };
  });
}

const told = (undone: readonly { readonly row: Standing; readonly after: readonly string[] }[]) =>
  undone.map(({ row, after }) => [row.handoff, ...after].join(' < '));

const chain = (undo: UndoPlan['when'] | null, more: Row[] = []): Row[] => [
  ['a', 'confirmed', { undo }],
  ['b', 'confirmed', { undo, after: ['a'] }],
  ['c', 'failed', { after: ['b'] }],
  ...more,
];

describe('what a failure takes back', () => {
  test.each<
    [
      string,
      Row[],
      mode:
        | 'rejected'
        | 'attempts_exhausted'
        | 'refused'
        | 'approval_overdue'
        | 'unconfirmed'
        | 'contradicted',
      undone: string[],
      cancelled: string[],
    ]
  >([
    ['what it comes after, last things first', chain('refused'), 'rejected', ['b', 'a < b.undo'], []],
    ['given up for its attempts', chain('refused'), 'attempts_exhausted', ['b', 'a < b.undo'], []],
    ['a no', chain('refused'), 'refused', ['b', 'a < b.undo'], []],
    ['no answer in time', chain('refused'), 'approval_overdue', ['b', 'a < b.undo'], []],
    ['a record may still come right', chain('refused'), 'unconfirmed', [], []],
    ['what stands otherwise is a person’s to put right', chain('refused'), 'contradicted', [], []],
    ['only when it is given up', chain('abandoned'), 'rejected', [], []],
    ['nothing says how', chain(null), 'rejected', [], []],
    [
      'what else comes after it goes first, and what is under way is cancelled',
      chain('refused', [
        ['d', 'confirmed', { undo: 'abandoned', after: ['a'] }],
        ['e', 'attempting', { after: ['d'] }],
        ['f', 'confirming', { undo: 'abandoned', after: ['a'], accepted: true }],
      ]),
      'rejected',
      ['f', 'd', 'b', 'a < b.undo < d.undo < f.undo'],
      ['e', 'f'],
    ],
    [
      'what stands beside it stays',
      [
        ['a', 'confirmed', { undo: 'refused' }],
        ['x', 'ready', { after: ['a'] }],
        ['c', 'failed'],
      ],
      'rejected',
      [],
      [],
    ],
    [
      'what is undone already is not undone again',
      chain('refused', [
        ['a.undo', 'failed', { undoes: 'a' }],
        ['b.undo', 'confirmed', { undoes: 'b' }],
      ]),
      'rejected',
      [],
      [],
    ],
  ])('%s', (_, rows, mode, undone, cancelled) => {
    const all = rowsOf(rows);
    const failed = all.find(({ handoff }) => handoff === 'c') as Standing;
    const result = undoneByFailure(failed, mode, all);
    expect(told(result.undone)).toEqual(undone);
    expect(result.cancelled.map(({ handoff }) => handoff)).toEqual(cancelled);
  });

  test('an undo that fails takes nothing back', () => {
    const rows = rowsOf(chain('refused', [['b.undo', 'failed', { undoes: 'b' }]]));
    expect(undoneByFailure(rows[3] as Standing, 'rejected', rows).undone).toEqual([]);
  });

  test('its exception says what is taken back, or what would be', () => {
    const detail = (rows: Row[]) =>
      undoneByFailure(rowsOf(rows)[2] as Standing, 'rejected', rowsOf(rows)).detail;
    expect(detail(chain('refused'))).toEqual({ undoing: ['b', 'a'] });
    expect(detail(chain('abandoned'))).toEqual({ undone_if_given_up: ['b', 'a'] });
  });
});

test('given up: all that was accepted, of each key once, whatever became of its proof', () => {
  const rows = rowsOf([
    ['a', 'failed', { undo: 'abandoned', accepted: true }],
    ['a', 'failed', { undo: 'abandoned', accepted: true }],
    ['b', 'cancelled', { undo: 'refused', accepted: true, after: ['a'] }],
    ['c', 'failed', { undo: 'abandoned' }],
    ['a', 'confirmed', { undo: 'abandoned', revision: 2 }],
  ]);
  const undone = undoneByAbandonment(rows);
  expect(told(undone)).toEqual(['a', 'b', 'a < b.undo']);
  expect(undone.at(-1)?.row.seq).toBe(2);
});

test('new work waits until what was before it is taken back, by an attempt or by hand', () => {
  const undo = (...states: HandoffState[]) =>
    rowsOf(states.map((state): Row => ['a.undo', state, { undoes: 'a' }]));
  expect(isUndoPending(2, undo('waiting'))).toBe(true);
  expect(isUndoPending(2, undo('failed'))).toBe(true);
  expect(isUndoPending(2, undo('failed', 'confirmed'))).toBe(false);
  expect(isUndoPending(1, undo('waiting'))).toBe(false);
  expect(isUndoPending(2, [])).toBe(false);
});

test('what comes after something undone cannot be done alone', () => {
  const rows = rowsOf(chain('refused', [['a.undo', 'ready', { undoes: 'a' }]]));
  expect(isOverUndone(rows[2] as Standing, rows)).toEqual(['a']);
  expect(isOverUndone(rows[0] as Standing, rows)).toEqual([]);
  expect(isOverUndone(rows[3] as Standing, rows)).toEqual([]);
});
