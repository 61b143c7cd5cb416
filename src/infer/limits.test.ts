import { describe, expect, test } from 'vitest';
import { withLimits } from '../../test/support/limits.ts';
import { extended, turned } from '../detection/drift/window.ts';
import { limits } from '../limits.ts';
import { bounded } from './bounded.ts';
import { learn, nothingLearned } from './inference.ts';
import { observe } from './observe.ts';
import type { Shape } from './shape.ts';

/** What is kept of payloads, each bound at its edge. */

const names = (count: number, from = 0) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`name${from + index}`, 1]));
const all = (...payloads: unknown[]): Shape =>
  payloads.reduce<Shape>((shape, each) => observe(shape, each), observe(null, payloads[0]));
const counted = (count: number, each: (index: number) => unknown) =>
  all(...Array.from({ length: count }, (_, index) => each(index)));

describe('names of an object', () => {
  const { shapeKeysMax: max } = limits;
  test.each<[shape: Shape, kept: number | undefined, reason: string]>([
    [observe(null, names(max)), max, 'as many as are kept'],
    [observe(null, names(max + 1)), undefined, 'one more in one payload: they are data'],
    [all(names(max), names(max)), max, 'the same ones again'],
    [all(names(max - 1), names(1, max)), max, 'together as many'],
    [all(names(max), names(1, max)), undefined, 'together one more'],
  ])('%#: %s', (shape, kept) => {
    expect(shape.object?.fields?.size).toBe(kept);
  });
});

describe('values, kinds and what texts begin with', () => {
  const { shapeValuesMax: values, shapeVariantsMax: kinds, shapePrefixChars: chars } = limits;
  const kind = (index: number) => ({ type: `kind${index}` });
  const valuesKept = (shape: Shape) => shape.text?.values?.size;
  const kindsOf = (shape: Shape) => shape.object?.variants?.get('type')?.size;
  test.each<[what: string, found: unknown, expected: unknown, reason: string]>([
    ['values', valuesKept(counted(values, (index) => `v${index}`)), values, 'as many as are kept'],
    ['values', valuesKept(counted(values + 1, (index) => `v${index}`)), undefined, 'one more: none is kept'],
    ['kinds', kindsOf(counted(kinds, kind)), kinds, 'as many as are told apart'],
    ['kinds', kindsOf(counted(kinds + 1, kind)), undefined, 'one more: none is'],
    ['prefix', observe(null, 'p'.repeat(chars)).text?.prefix.length, chars, 'all of it'],
    ['prefix', observe(null, 'p'.repeat(chars + 1)).text?.prefix.length, chars, 'and no more'],
  ])('%s: %#: %s is %s, %s', (_, found, expected) => {
    expect(found).toBe(expected);
  });
});

/** An object, its one list, and the element of that: three parts. */
const three = observe(null, { list: ['x'] });

test.each<[nodesMax: number, opaque: boolean, reason: string]>([
  [3, false, 'as many parts as may be'],
  [2, true, 'one part too many: the deepest level goes'],
])('a shape of three parts where %i are kept is cut: %s, %s', (nodesMax, opaque) => {
  withLimits({ shapeNodesMax: nodesMax });
  expect(bounded(three).object?.fields?.get('list')?.shape.list?.opaque).toBe(opaque);
});

test.each<[nodesMax: number, opaque: boolean, reason: string]>([
  [3, false, 'as many parts as may be'],
  [2, true, 'one part too many'],
])('the same of what drift watches, %i parts: cut %s, %s', (nodesMax, opaque) => {
  withLimits({ driftNodesMax: nodesMax });
  const isCut = (shape: Shape | null) => shape?.object?.fields?.get('list')?.shape.list?.opaque;
  const window = extended({ older: null, younger: null, recent: null }, [{ list: ['x'] }]);
  expect(isCut(window.recent)).toBe(opaque);
  expect(isCut(turned({ ...window, recent: three }).younger)).toBe(opaque);
});

test.each<[samples: number, marks: number, reason: string]>([
  [3, 3, 'as many as an identity is looked for in'],
  [4, 3, 'one more counts for the contract alone'],
])('of %i samples %i are looked at for an identity: %s', (samples, marks) => {
  withLimits({ inferMarksMax: 3 });
  let learned = nothingLearned;
  for (let index = 0; index < samples; index += 1)
    learned = learn(learned, { payload: { id: index }, headers: {} });
  expect(learned.marks).toHaveLength(marks);
  expect(learned.shape?.samples).toBe(samples);
});
