import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileContract } from '../contract/schema.ts';
import { limits } from '../limits.ts';
import { bounded } from './bounded.ts';
import { merge } from './merge.ts';
import { observe } from './observe.ts';
import { schemaOf } from './schema.ts';
import type { Shape } from './shape.ts';

const text = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.constantFrom('open', 'closed', 'EUR', '2026-01-05', '2026-01-05T09:00:00Z', 'a@example.com', ''),
  fc.constantFrom('https://example.com/a', '0190c1a2-0000-7000-8000-000000000000', 'cus_1', 'cus_2', '12'),
);
const name = fc.oneof(
  fc.constantFrom('type', 'event', 'object', 'id', 'state', 'name', '__proto__', 'toString', 'constructor'),
  fc.constantFrom('12', 'a b', 'x@example.com', 'fields'),
  fc.string({ maxLength: 3 }),
);
const payload = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    text,
    fc.oneof(
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
    ),
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .array(fc.tuple(name, tie('value')), { maxLength: 5 })
      .map((entries) => Object.fromEntries(entries) as Record<string, unknown>),
  ),
})).value;
const payloads = fc.array(payload, { minLength: 1, maxLength: 6 });

function shapeOf(all: readonly unknown[], values = true): Shape {
  const shape = all.reduce<Shape | null>((seen, each) => observe(seen, each, { values }), null);
  if (shape === null) throw new Error('no payloads');
  return shape;
}

function violationsOf(shape: Shape, value: unknown) {
  return compileContract({ document: schemaOf(shape, 'x'), pointer: '', name: 'x' }).validate(value);
}

describe('merge', () => {
  test('the order of two lots does not matter', () => {
    fc.assert(
      fc.property(payloads, payloads, (a, b) => {
        expect(merge(shapeOf(a), shapeOf(b))).toEqual(merge(shapeOf(b), shapeOf(a)));
      }),
    );
  });

  test('how payloads are put together does not matter', () => {
    fc.assert(
      fc.property(payloads, payloads, payloads, (a, b, c) => {
        const [x, y, z] = [shapeOf(a), shapeOf(b), shapeOf(c)];
        expect(merge(merge(x, y), z)).toEqual(merge(x, merge(y, z)));
        expect(merge(merge(x, y), z)).toEqual(shapeOf([...a, ...b, ...c]));
      }),
    );
  });

  test('nor where names, values and kinds are more than is kept', () => {
    const lot = (from: number, count: number) =>
      Array.from({ length: count }, (_, index) => {
        const digits = String(from + index).replaceAll(/\d/g, (digit) => 'abcdefghij'[Number(digit)] ?? '');
        return { type: `kind_${digits}`, state: `state_${digits}`, [`name_${digits}`]: index };
      });
    const [a, b, c] = [lot(0, 90), lot(80, 120), lot(150, 100)].map((each) => shapeOf(each));
    if (a === undefined || b === undefined || c === undefined) throw new Error('three lots');
    expect(merge(merge(a, b), c)).toEqual(merge(a, merge(b, c)));
    expect(merge(merge(c, a), b)).toEqual(merge(c, merge(a, b)));
    expect(merge(merge(a, b), c).object?.fields).toBeNull();
    expect(merge(merge(a, b), c).object?.variants?.get('type')).toBeNull();
  });
});

describe('schemaOf', () => {
  test('every payload that was observed satisfies it', () => {
    fc.assert(
      fc.property(payloads, fc.integer({ min: 1, max: 40 }), (all, times) => {
        // Repeated, so that there is enough support for every kind of statement.
        const shape = shapeOf(Array.from({ length: times }, () => all).flat());
        for (const each of all) expect(violationsOf(shape, each)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test('and where the shape had to be cut', () => {
    fc.assert(
      fc.property(payloads, fc.integer({ min: 1, max: 12 }), (all, nodesMax) => {
        const shape = bounded(shapeOf(all), nodesMax);
        for (const each of all) expect(violationsOf(shape, each)).toEqual([]);
        expect(sizeOf(shape)).toBeLessThanOrEqual(Math.max(nodesMax, 1));
      }),
      { numRuns: 60 },
    );
  });
});

function sizeOf({ list, object }: Shape): number {
  const inner = [...(list?.of ? [list.of] : []), ...(object?.others ? [object.others] : [])];
  for (const { shape } of object?.fields?.values() ?? []) inner.push(shape);
  return inner.reduce((sum, each) => sum + sizeOf(each), 1);
}

describe('bounds', () => {
  test('levels that are not looked at', () => {
    let deep: unknown = 'x';
    for (let level = 0; level < limits.shapeDepthMax + 5; level += 1)
      deep = level % 2 === 0 ? [deep] : { a: deep };
    expect(textOf(shapeOf([deep]))).toContain('"opaque":true');
    expect(violationsOf(shapeOf([deep]), deep)).toEqual([]);
  });

  test('without values, nothing that stood in a payload is kept but names', () => {
    const shape = shapeOf(
      [{ email: 'noor@example.com', type: 'lead', budget: 4321, 'noor@example.com': 1 }],
      false,
    );
    const kept = textOf(shape);
    expect(kept).not.toMatch(/noor|lead|4321/);
    expect(kept).toContain('"email"');
  });
});

function textOf(shape: Shape): string {
  return JSON.stringify(shape, (_key, value: unknown) => (value instanceof Map ? [...value] : value));
}
