import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareFields, complaint } from './compare.ts';
import { normal } from './normal.ts';
import { blankForms, type SameField, type SameKind, sameKinds, sameText } from './same.ts';

type Ways = Partial<Omit<SameField, 'sent' | 'found'>>;

const rows: readonly [ways: Ways, sent: unknown, found: unknown, equal: boolean, reason: string][] = [
  [{ as: 'exact' }, 'Web', 'web', false, 'a change of case is a contradiction'],
  [{ as: 'exact' }, 'a', 'a ', false, 'so is white space'],
  [{ as: 'exact' }, 'é', 'e\u0301', false, 'and the form of a letter'],
  [{ as: 'exact' }, 12, '12', false, 'a number is no text'],
  [{ as: 'text' }, 'é', 'e\u0301', true, 'composed and decomposed'],
  [{ as: 'text' }, 'A', 'a', false, 'case still matters'],
  [{ as: 'text' }, 'Å', '\u212b', true, 'the Ångström sign is the letter'],
  [{ as: 'text-ignoring-case' }, 'Web', 'WEB', true, 'case'],
  [{ as: 'text-ignoring-case' }, 'Straße', 'STRASSE', true, 'the sharp s has no capital of its own'],
  [{ as: 'text-ignoring-case' }, 'ΟΔΟΣ', 'οδος', true, 'a sigma at the end'],
  [{ as: 'text-ignoring-case' }, 'ı', 'i', false, 'another letter'],
  [{ as: 'text-ignoring-case' }, 'a b', 'a  b', false, 'white space still matters'],
  [{ as: 'text-ignoring-space' }, ' a\u00a0 b\n', 'a b', true, 'runs and ends'],
  [{ as: 'text-ignoring-space' }, 'ab', 'a b', false, 'there is none'],
  [{ as: 'text-ignoring-space' }, 'A', 'a', false, 'case still matters'],
  [{ as: 'text-ignoring-case-and-space' }, ' A  b', 'a B', true, 'both'],
  [{ as: 'number' }, 12, '12.0', true, 'by value'],
  [{ as: 'number' }, '1e3', '1000.00', true, 'with an exponent'],
  [{ as: 'number' }, '-0', 0, true, 'there is one zero'],
  [{ as: 'number' }, '9007199254740993', '9007199254740992', false, 'exact beyond what a double holds'],
  [{ as: 'number' }, '0.1', '0.10000000000000000001', false, 'to the last digit'],
  [{ as: 'number' }, '12', '12 EUR', false, 'not a number alone'],
  [{ as: 'number' }, '1,200', '1200', false, 'a comma means two things in two countries'],
  [{ as: 'number' }, '', '0', false, 'nothing is not zero'],
  [{ as: 'number' }, 'a', 'a', true, 'what is no number counts as it is'],
  [{ as: 'number', shift: 2 }, '12.50', 1250, true, 'money in cents'],
  [{ as: 'number', shift: 2 }, '12.50', '12.5', false, 'and not in euros'],
  [{ as: 'number', shift: -2 }, 1250, '12.5', true, 'the other way about'],
  [{ as: 'number', shift: 0 }, 500, 500, true, 'yen'],
  [{ as: 'time' }, '2026-03-02T09:00:00Z', '2026-03-02T10:00:00.000+0100', true, 'as Jira writes it'],
  [{ as: 'time' }, '2026-03-02T09:00:00Z', '2026-03-02 09:00:00+00', true, 'as PostgreSQL writes it'],
  [{ as: 'time' }, '2026-03-02T09:00:00.120Z', '2026-03-02T09:00:00.12Z', true, 'a zero at the end'],
  [{ as: 'time' }, '2026-03-02T09:00:00.123Z', '2026-03-02T09:00:00Z', false, 'a part of a second'],
  [{ as: 'time' }, '1969-12-31T23:59:59.5Z', '1970-01-01T00:59:59.50+01:00', true, 'before 1970'],
  [{ as: 'time' }, '2026-03-02T09:00:00', '2026-03-02T09:00:00Z', false, 'nobody has said whose clock'],
  [{ as: 'time' }, '2026-02-30T09:00:00Z', '2026-03-02T09:00:00Z', false, 'no such day'],
  [{ as: 'time' }, '2026-03-02T09:00:00Z', 1772442000, false, 'a number is a time where it is said'],
  [{ as: 'time', epoch: 's' }, '2026-03-02T09:00:00Z', 1772442000, true, 'seconds'],
  [{ as: 'time', epoch: 'ms' }, '2026-03-02T09:00:00.5Z', '1772442000500', true, 'milliseconds, as text'],
  [{ as: 'time', epoch: 's' }, '2026-03-02T09:00:00Z', 1772442000000, false, 'milliseconds are no seconds'],
  [{ as: 'time', zone: 'Europe/Berlin' }, '2026-03-02T09:00:00Z', '2026-03-02T10:00:00', true, 'winter'],
  [{ as: 'time', zone: 'Europe/Berlin' }, '2026-07-02T09:00:00Z', '2026-07-02 11:00', true, 'summer'],
  [
    { as: 'time', zone: 'Europe/Berlin' },
    '2026-03-29T01:30:00Z',
    '2026-03-29T02:30',
    true,
    'an hour that is left out in spring is read as by PostgreSQL and JavaScript: with the clock as it was before',
  ],
  [
    { as: 'time', zone: 'Europe/Berlin' },
    '2026-07-02T09:00:00Z',
    '2026-07-02T09:00:00Z',
    true,
    'it names its own',
  ],
  [{ as: 'date' }, '2026-03-02', '20260302', true, 'a day'],
  [{ as: 'date' }, '2026-03-02', '2026/03/02', true, 'with slashes'],
  [{ as: 'date' }, '2026-03-02', '2026-03-02T00:00:00.000+0100', true, 'a time where a day was meant'],
  [{ as: 'date' }, '2026-03-02', '2026-03-02T00:00:01Z', false, 'a time'],
  [{ as: 'date' }, '2026-03-02', '02/03/2026', false, 'the 2nd of March, or the 3rd of February'],
  [{ as: 'date', epoch: 'ms' }, '2026-03-02', 1772409600000, true, 'as HubSpot has dates'],
  [{ as: 'date', epoch: 'ms' }, '2026-03-02', 1772413200000, false, 'an hour later'],
  [{ as: 'exact', set: true }, ['b', 'a', 'a'], ['a', 'b'], true, 'neither order nor repetition'],
  [{ as: 'exact', set: true }, ['a'], ['a', 'b'], false, 'one more'],
  [{ as: 'exact' }, ['b', 'a'], ['a', 'b'], false, 'order matters where nothing is said'],
  [{ as: 'text-ignoring-case', set: true }, ['A', 'b'], ['B', 'a'], true, 'each as said'],
  [{ as: 'number' }, { a: [1] }, { a: ['1.0'] }, true, 'every leaf'],
  [{ as: 'exact', blank: ['missing', 'null'] }, null, undefined, true, 'both are nothing'],
  [{ as: 'exact', blank: ['missing', 'null'] }, null, '', false, 'an empty text is not named'],
  [{ as: 'exact', blank: ['null', 'empty'] }, null, [], true, 'an empty list'],
  [{ as: 'exact', blank: ['null', 'empty'] }, '', undefined, false, 'missing is not named'],
  [{ as: 'text-ignoring-space', blank: ['null', 'empty'] }, '  ', null, true, 'nothing but white space'],
  [{ as: 'exact' }, undefined, undefined, false, 'neither: nothing is proved'],
];

test.each(rows)('%j: %j and %j are the same: %s (%s)', (ways, sent, found, equal) => {
  const field = { sent: 'a', found: 'a', as: 'exact', ...ways } as const;
  const record = (value: unknown) => (value === undefined ? {} : { a: value });
  expect(compareFields(record(sent), record(found), [field])).toMatchObject([{ field: 'a', equal }]);
});

const paths: readonly [sent: string, found: string, record: unknown, equal: boolean, reason: string][] = [
  ['name', 'data.title', { data: { title: 'Ada' } }, true, 'under another name'],
  ['name', '/data/title', { data: { title: 'Ada' } }, true, 'as a pointer'],
  ['name', '/a~1b', { 'a/b': 'Ada' }, true, 'an escaped slash'],
  ['name', 'a.b', { 'a.b': 'Ada', a: { b: 'no' } }, true, 'a name with a dot comes first'],
  ['name', 'list.1', { list: ['no', 'Ada'] }, true, 'into a list'],
  ['tags', 'labels.*.name', { labels: [{ name: 'x' }, { name: 'y' }] }, true, 'of each element'],
  ['tags', 'labels.*.name', { labels: [{ name: 'x' }, {}] }, false, 'one has none'],
  ['customer.email', 'email', { email: 'a@b' }, true, 'from below'],
  ['name', 'constructor.name', {}, false, 'only what is its own'],
  ['tags', 'tags.length', { tags: ['x', 'y'] }, false, 'a list has no members'],
];

test.each(paths)('%s is found in %s of %j: %s (%s)', (sent, found, record, equal) => {
  const body = { name: 'Ada', tags: ['x', 'y'], customer: { email: 'a@b' } };
  expect(compareFields(body, record, [{ sent, found, as: 'exact' }])).toMatchObject([{ equal }]);
});

describe('whatever the way', () => {
  const way = fc.record({
    as: fc.constantFrom<SameKind>(...sameKinds),
    set: fc.constantFrom(undefined, true as const),
    epoch: fc.constantFrom(undefined, 's' as const, 'ms' as const),
    zone: fc.constantFrom(undefined, 'America/New_York'),
    blank: fc.constantFrom(undefined, [...blankForms]),
  });
  const time = fc
    .date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })
    .map((at) => at.toISOString());
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    time,
    fc.double().map(String),
    fc.constantFrom('', ' ', 'A'),
  );
  const value = fc.oneof(
    fc.jsonValue(),
    texts,
    fc.array(texts),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  );

  test('a value is the same as itself, also after a way through JSON', () => {
    fc.assert(
      fc.property(value, way, (one, { set, epoch, zone, blank, as }) => {
        const how = {
          as,
          ...(set && { set }),
          ...(epoch && { epoch }),
          ...(zone && { zone }),
          ...(blank && { blank }),
        };
        expect(normal(JSON.parse(JSON.stringify(one)), how)).toBe(normal(one, how));
      }),
    );
  });

  test('sameness goes both ways', () => {
    fc.assert(
      fc.property(value, value, fc.constantFrom<SameKind>(...sameKinds), (one, other, as) => {
        const equal = (sent: unknown, found: unknown) =>
          compareFields({ a: sent }, { a: found }, [{ sent: 'a', found: 'a', as }])[0]?.equal;
        expect(equal(one, other)).toBe(equal(other, one));
      }),
    );
  });

  test('exactly the same is the same in every way; a looser way finds no less than a stricter one', () => {
    const looser = ['text', 'text-ignoring-case', 'text-ignoring-case-and-space'] as const;
    fc.assert(
      fc.property(texts, texts, (one, other) => {
        const same = (as: SameKind) => normal(one, { as }) === normal(other, { as });
        for (const as of sameKinds) if (same('exact')) expect(same(as)).toBe(true);
        for (const [index, as] of looser.entries()) {
          const next = looser[index + 1];
          if (next !== undefined && same(as)) expect(same(next)).toBe(true);
        }
      }),
    );
  });

  test('different numbers, moments and texts are never the same', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt({ min: 1n }), fc.integer({ min: 0, max: 20 }), (one, by, places) => {
        const text = (of: bigint) => `${of}e-${places}`;
        expect(normal(text(one), { as: 'number' })).not.toBe(normal(text(one + by), { as: 'number' }));
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: 1, max: 1e9 }), (at, by) => {
        const text = (ms: number) => new Date(ms).toISOString();
        expect(normal(text(at), { as: 'time' })).not.toBe(normal(text(at + by), { as: 'time' }));
      }),
    );
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z0-9]{1,20}$/),
        fc.stringMatching(/^[a-z0-9]{1,20}$/),
        (one, other) => {
          for (const as of sameKinds.filter((each) => each.startsWith('text')))
            expect(normal(one, { as }) === normal(other, { as })).toBe(one === other);
        },
      ),
    );
  });

  test('the same moment is the same at every offset and precision', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: -14, max: 14 }), (at, hours) => {
        const local = new Date(at + hours * 3_600_000).toISOString().slice(0, -1);
        const sign = hours < 0 ? '-' : '+';
        const written = `${local}${sign}${String(Math.abs(hours)).padStart(2, '0')}00`;
        expect(normal(written, { as: 'time' })).toBe(normal(new Date(at).toISOString(), { as: 'time' }));
      }),
    );
  });
});

test('a complaint names both values and where they stand; a field is told in words', () => {
  const [compared] = compareFields({ due: 1 }, { at: { x: 2 } }, [
    { sent: 'due', found: 'at.x', as: 'number' },
  ]);
  expect(compared && complaint(compared)).toBe('at.x is 2, sent as due was 1');
  expect(sameText({ sent: 'due', found: 'at', as: 'time', epoch: 's', blank: ['missing', 'null'] })).toBe(
    'due as time, epoch in s, missing, null alike in at',
  );
  expect(sameText('name')).toBe('name');
});
