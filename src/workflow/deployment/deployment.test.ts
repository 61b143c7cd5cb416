import { describe, expect, test } from 'vitest';
import { changesOfFiles, changesOfWanted, inForceAfter, reasonOfFiles, versionBefore } from './deployment.ts';

const standing = (inForce: Record<string, string>, offered: Record<string, string | null>) => ({
  inForce: new Map(Object.entries(inForce)),
  offered: new Map(Object.entries(offered)),
});

describe('what a folder changes', () => {
  test.each<
    [
      Record<string, string>,
      Record<string, string>,
      Record<string, string | null>,
      Record<string, string>,
      string,
    ]
  >([
    [{ a: '1' }, {}, {}, { a: '1' }, 'a first start puts all in force'],
    [{ a: '1' }, { a: '1' }, { a: '1' }, { a: '1' }, 'a restart changes nothing'],
    [{ a: '2' }, { a: '1' }, { a: '1' }, { a: '2' }, 'a file change is a deployment'],
    [{ a: '2' }, { a: '1' }, { a: '2' }, { a: '1' }, 'a rollback holds while the files are as they were'],
    [{ a: '3' }, { a: '1' }, { a: '2' }, { a: '3' }, 'and ends with the next change of them'],
    [{ a: '1' }, { a: '1' }, { a: '2' }, { a: '1' }, 'also where they become what it put in force'],
    [
      { a: '1' },
      { a: '1', b: '1' },
      { a: '1' },
      { a: '1', b: '1' },
      'what was sent and never in the folder stays',
    ],
    [{}, { a: '1' }, { a: '1' }, {}, 'a file that has left is withdrawn'],
    [{}, { a: '2' }, { a: '1' }, {}, 'whatever was in force for it'],
    [{}, { a: '2' }, { a: null }, { a: '2' }, 'what was sent after it had left stays'],
    [{ a: '1' }, {}, { a: null }, { a: '1' }, 'a file that comes back is in force again'],
  ])('%j on %j, offered last %j: %j in force (%s)', (files, inForce, offered, after) => {
    const before = standing(inForce, offered);
    const changes = changesOfFiles(new Map(Object.entries(files)), before);
    expect(Object.fromEntries(inForceAfter(before, changes))).toEqual(after);
  });

  test('the end of a hold is in the history, where nothing else changes too', () => {
    const changes = changesOfFiles(new Map([['a', '1']]), standing({ a: '1' }, { a: '2' }));
    expect(changes).toEqual([{ workflow: 'a', version: '1', replaced: '1' }]);
  });

  test.each<[Record<string, string> | null, Record<string, string>, string, string]>([
    [null, { 'workflows/a.yaml': '1', 'c.json': '1' }, 'first seen in workflows/a.yaml', 'the first time'],
    [{ a: '1', b: '1' }, { a: '1', b: '2' }, 'file change: b', 'one file'],
    [{ a: '1', b: '1' }, { a: '2', c: '1' }, 'file change: a, b, c', 'changed, gone and new ones'],
  ])('%j → %j is told as %j (%s)', (before, after, reason) => {
    const map = (files: Record<string, string>) => new Map(Object.entries(files));
    expect(reasonOfFiles(before === null ? null : map(before), map(after))).toBe(reason);
  });
});

describe('what is sent', () => {
  const before = standing({ a: '1' }, {});
  test.each<[string | null | undefined, string, object[] | 'conflict', string]>([
    ['1', '2', [{ workflow: 'a', version: '2', replaced: '1' }], 'what its sender saw is replaced'],
    [undefined, '2', [{ workflow: 'a', version: '2', replaced: '1' }], 'or whatever is there'],
    ['1', '1', [], 'what is in force already is no change'],
    ['0', '2', 'conflict', 'somebody else was faster'],
    [null, '2', 'conflict', 'or made the first one'],
  ])('from %j to %j: %j (%s)', (from, version, result) => {
    const change = () => changesOfWanted([{ workflow: 'a', version, from }], before);
    if (result === 'conflict') expect(change).toThrow(/was put in force meanwhile/);
    else expect(change()).toEqual(result);
  });
});

test.each<[(string | null)[], string | null, string]>([
  [['2', '1'], '1', 'the one before'],
  [['2', '2', '1'], '1', 'the present one is not the one before'],
  [['1', '2', '1'], '2', 'after a rollback, what it replaced'],
  [[null, '1'], '1', 'of one that was withdrawn, the last'],
  [['1'], null, 'there is none'],
  [[], null, 'there is nothing'],
])('of %j a rollback goes to %j (%s)', (history, version) => {
  expect(versionBefore(history, history[0] ?? null)).toBe(version);
});
