import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { observe } from '../../infer/observe.ts';
import type { Shape } from '../../infer/shape.ts';
import { chanceOfSoFew, chanceOfSoMany } from './chance.ts';
import { changesBetween, countIn } from './changes.ts';
import { isDescribed } from './described.ts';
import { emptyWindow, extended, kindOf, read, turned, usualOf, type Window, written } from './window.ts';

const many = (count: number, make: (index: number) => unknown) =>
  Array.from({ length: count }, (_, index) => make(index));

function shapeOf(payloads: readonly unknown[]): Shape {
  const shape = payloads.reduce<Shape | null>((seen, each) => observe(seen, each, { values: false }), null);
  if (shape === null) throw new Error('no payloads');
  return shape;
}

const usual = many(200, (index) => ({
  id: `a${index}`,
  at: '2026-01-05T09:00:00Z',
  budget: 500 + index,
  utm: { campaign: 'x' },
  rows: [{ price: 1 }, { price: 2 }],
  ...(index % 4 === 0 ? { note: 'x' } : {}),
}));
const like = (change: Record<string, unknown>) => (index: number) => ({
  ...(usual[index % 200] as object),
  ...change,
});
const without = (name: string) => (index: number) => {
  const { [name]: _, ...rest } = usual[index % 200] as Record<string, unknown>;
  return rest;
};

test.each<[string, unknown[], string[], string]>([
  ['as usual', many(64, like({})), [], 'nothing is told'],
  ['a field is gone', many(16, without('budget')), ['budget vanished'], '16 are enough where all had it'],
  [
    'a field is gone from half',
    many(64, (i) => (i % 2 ? without('budget')(i) : usual[i])),
    [],
    'it is rarer, and still usual',
  ],
  ['a rare field is gone', many(16, without('note')), [], 'a quarter had it: 16 without it come by chance'],
  ['a rare field is gone for long', many(64, without('note')), ['note vanished'], '64 do not'],
  ['a new field', many(16, like({ gclid: 'x' })), ['gclid appeared'], 'in all of them'],
  [
    'a field that is new once',
    many(16, (i) => like(i === 3 ? { gclid: 'x' } : {})(i)),
    [],
    'one of 16 is an exception, no drift',
  ],
  [
    'a text instead of a number',
    many(16, like({ budget: '500' })),
    ['budget type string'],
    'while the contract may allow it',
  ],
  ['now null', many(16, like({ budget: null })), ['budget type null'], 'null is a type'],
  [
    'another form of time',
    many(16, like({ at: '5 Jan 2026' })),
    ['at format date-time'],
    'all had been RFC 3339',
  ],
  ['a section is gone', many(16, without('utm')), ['utm vanished'], 'what was in it is not told again'],
  [
    'a field within is renamed',
    many(16, like({ utm: { name: 'x' } })),
    ['utm.campaign vanished', 'utm.name appeared'],
    'by its path',
  ],
  [
    'elements of a list change',
    many(16, like({ rows: [{ amount: 1 }] })),
    ['rows[].amount appeared', 'rows[].price vanished'],
    'by its path',
  ],
  [
    'names with dots and brackets in them',
    many(16, like({ 'utm.source': 'x', 'tags[]': 'x', utm: { campaign: 'x', 'ad.id': 'x' } })),
    ['["tags[]"] appeared', '["utm.source"] appeared', 'utm["ad.id"] appeared'],
    'they are names, and no paths',
  ],
  [
    'a name that is empty',
    many(16, like({ '': { x: 1 } })),
    ['[""] appeared'],
    'it has a path as all others',
  ],
])('%s', (_what, recent, expected, reason) => {
  const found = changesBetween(shapeOf(usual), shapeOf(recent));
  expect(found.map(({ path, change, what }) => `${path} ${change} ${what}`.trim()).sort(), reason).toEqual(
    expected,
  );
  for (const each of found) expect(countIn(shapeOf(recent), each)).toEqual(each.now);
});

test('of little, nothing is usual', () => {
  expect(changesBetween(shapeOf(usual.slice(0, 49)), shapeOf(many(64, without('budget'))))).toEqual([]);
});

describe('chance', () => {
  test.each([
    [{ seen: 3, of: 4 }, { seen: 1, of: 4 }, 17 / 70, 'the lady tasting tea'],
    [{ seen: 10, of: 10 }, { seen: 0, of: 10 }, 1 / 184_756, 'one of all choices'],
    [{ seen: 5, of: 10 }, { seen: 10, of: 10 }, 1, 'more than before is never too few'],
  ])('%j, then %j: %d', (before, now, chance) => {
    expect(chanceOfSoFew(before, now)).toBeCloseTo(chance, 8);
  });

  test('so many is so few of the others', () => {
    expect(chanceOfSoMany({ seen: 1, of: 4 }, { seen: 3, of: 4 })).toBeCloseTo(17 / 70, 8);
  });

  test('false alarms: payloads of one kind, whatever its rates, are told of in fewer than 1 of 1,000 comparisons', () => {
    const rate = fc.double({ min: 0, max: 1, noNaN: true });
    let alarms = 0;
    const draw = (rates: readonly number[], dice: () => number) => () =>
      Object.fromEntries(
        rates.flatMap((each, index) => (dice() < each ? [[`f${'abcdefghij'[index]}`, 1]] : [])),
      );
    fc.assert(
      fc.property(fc.array(rate, { minLength: 10, maxLength: 10 }), fc.integer(), (rates, seed) => {
        const dice = random(seed);
        const found = changesBetween(
          shapeOf(many(200, draw(rates, dice))),
          shapeOf(many(64, draw(rates, dice))),
        );
        alarms += found.length > 0 ? 1 : 0;
      }),
      { numRuns: 100 },
    );
    expect(alarms).toBe(0);
  });
});

/** Mulberry32: the same numbers for the same seed. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const contract = {
  $defs: { utm: { properties: { campaign: { type: ['string', 'null'] } } } },
  properties: {
    utm: { $ref: '#/$defs/utm' },
    rows: { items: { properties: { price: { type: 'number' } } } },
    any: true,
    'ad.id': { type: 'string' },
  },
  // biome-ignore lint/suspicious/noThenProperty: JSON Schema's own word
  allOf: [{ if: {}, then: { properties: { refund: { type: 'integer' } } } }],
};
test.each([
  ['utm.campaign', 'appeared', '', true],
  ['utm.name', 'appeared', '', false],
  ['utm.campaign', 'type', 'null', true],
  ['utm.campaign', 'type', 'number', false],
  ['rows[].price', 'type', 'number', true],
  ['refund', 'type', 'number', true],
  ['any', 'appeared', '', true],
  ['any', 'type', 'string', false],
  ['gclid', 'appeared', '', false],
  ['["ad.id"]', 'appeared', '', true],
  ['ad.id', 'appeared', '', false],
] as const)('the contract speaks of %s (%s %s): %s', (path, change, what, described) => {
  expect(isDescribed(contract, { path, change, what })).toBe(described);
});

describe('window', () => {
  test('it is looked at each 16 payloads, and becomes usual when it is full', () => {
    let window: Window = { ...emptyWindow, younger: shapeOf(usual) };
    const looks: number[] = [];
    for (let lot = 1; lot <= 10; lot += 1) {
      const { look, ...next } = extended(window, many(8, like({})));
      if (look) looks.push(lot * 8);
      window = turned(next);
    }
    expect(looks).toEqual([16, 32, 48, 64, 80]);
    expect([usualOf(window)?.samples, window.recent?.samples]).toEqual([264, 16]);
  });

  test('what is stored is what is read', () => {
    const shape = shapeOf([...usual, { '12': 1, fields: { others: [null, { fields: 2 }] } }, [1], 'x']);
    expect(read(JSON.parse(written(shape) ?? 'null'))).toEqual(shape);
    expect(read(null)).toBeNull();
  });

  test.each([
    [{ type: 'order.paid' }, {}, 'order.paid'],
    [{ type: 'order.paid' }, { 'x-github-event': 'push' }, 'push'],
    [{ type: 'Noor said: hello' }, {}, ''],
    [[1], {}, ''],
  ])('%j with %j is of the kind %j', (payload, headers, kind) => {
    expect(kindOf(payload, headers)).toBe(kind);
  });
});
