import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonical } from '../../console/src/audit/canonical.ts';
import { verifyChain } from '../../console/src/audit/verify.ts';
import { chain, emptyChain } from '../../src/audit/chain.ts';
import { canonical as written } from '../../src/audit/encoding.ts';

/** The browser's verifier, which has no code of the writer's, holds to the same rules. */

const id = '0199f0c4-7a12-7bcd-8e21-5a3b9c8d2f41';
const at = new Date('2026-03-01T10:00:00.123Z');

function wire(drafts: Record<string, unknown>[]) {
  const all = drafts.map((data) => ({ kind: 'noted', actor: 'person:dana', data }));
  return chain(id, emptyChain, all, at).map(({ seq, kind, actor, data, hash }) => ({
    seq,
    at: at.toISOString(),
    kind,
    actor,
    data: JSON.parse(data) as Record<string, unknown>,
    hash: hash.toString('hex'),
  }));
}

test('it writes any JSON as the writer does', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(canonical(value)).toBe(written(value));
    }),
  );
});

test('a chain as it was written is whole, whatever stands in it', async () => {
  const object = fc.dictionary(fc.string(), fc.jsonValue());
  await fc.assert(
    fc.asyncProperty(fc.array(object, { maxLength: 5 }), async (drafts) => {
      expect(await verifyChain(id, wire(drafts))).toBeNull();
    }),
    { numRuns: 50 },
  );
});

test.each([
  [
    'a changed value',
    (all: ReturnType<typeof wire>) => all.with(1, { ...at1(all), data: { n: 9 } }),
    2,
    'hash',
  ],
  [
    'another actor',
    (all: ReturnType<typeof wire>) => all.with(1, { ...at1(all), actor: 'person:eve' }),
    2,
    'hash',
  ],
  ['a missing entry', (all: ReturnType<typeof wire>) => all.toSpliced(1, 1), 2, 'missing'],
  [
    'two changed places',
    (all: ReturnType<typeof wire>) => all.toSpliced(0, 2, at1(all), at0(all)),
    1,
    'missing',
  ],
] as const)('%s is found', async (_, tamper, seq, why) => {
  expect(await verifyChain(id, tamper(wire([{ n: 1 }, { n: 2 }, { n: 3 }])))).toEqual({ seq, why });
});

function at0<T>([first]: readonly T[]): T {
  return first as T;
}

function at1<T>([, second]: readonly T[]): T {
  return second as T;
}
