import fc from 'fast-check';
import { expect, test } from 'vitest';
import { conditionOf } from './condition.ts';
import { type Trace, traced } from './trace.ts';

test.each([
  ['a', 'atom', [], 'a name'],
  ['a && b || c', 'any', ['a && b ', ' c'], '|| binds least'],
  ['(a && b) && c', 'all', ['(a && b) ', ' c'], 'brackets are one part'],
  ['((a || b))', 'any', ['a ', ' b'], 'brackets around the whole are taken off'],
  ['(a) || (b)', 'any', ['(a) ', ' (b)'], 'these are around its parts'],
  ['!(a && b)', 'not', ['(a && b)'], 'a negation'],
  ['!a == b', 'atom', [], 'a comparison with a negation in it'],
  ['a ? b ? c : d : e', 'choice', ['a ', ' b ? c : d ', ' e'], 'a choice in a choice'],
  ['a ? b : c ? d : e', 'choice', ['a ', ' b ', ' c ? d : e'], 'and in its else'],
  ['a == "x && y" && b', 'all', ['a == "x && y" ', ' b'], 'a text is no condition'],
  [`a == 'it\\'s || so' || b`, 'any', [`a == 'it\\'s || so' `, ' b'], 'nor with a quote in it'],
  ['a == """x " || """ || b', 'any', ['a == """x " || """ ', ' b'], 'nor of three quotes'],
  ['a.exists(x, x > 1 && x < 3)', 'atom', [], 'what a loop asks is its own'],
  ['{"a": b || c}["a"]', 'atom', [], 'nor what stands in a map'],
])('%s is %s', (source, how, parts) => {
  expect(conditionOf(source)).toMatchObject({ how, parts });
});

const names = ['a', 'b', 'c'] as const;
const { tree } = fc.letrec<{ tree: string }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(
      ...names.map((name) => `ticket.${name}`),
      'ticket.text == ") || (a ? b"',
      '[1, 2].exists(x, x > 1 || x < 0)',
    ),
    fc
      .tuple(tie('tree'), fc.constantFrom('&&', '||'), tie('tree'))
      .map(([a, sign, b]) => `${a} ${sign} ${b}`),
    tie('tree').map((a) => `(${a})`),
    tie('tree').map((a) => `!(${a})`),
    fc.tuple(tie('tree'), tie('tree'), tie('tree')).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
  ),
}));

test('the parts of a condition come to what the whole comes to', () => {
  fc.assert(
    fc.property(tree, fc.record({ a: fc.boolean(), b: fc.boolean(), c: fc.boolean() }), (source, values) => {
      const trace = traced(source, { ticket: { ...values, text: ') || (a ? b' } }, () => false);
      expect(trace.problem).toBeNull();
      agrees(trace);
    }),
    { numRuns: 200 },
  );
});

function agrees(trace: Trace): void {
  const [first, second, third] = trace.parts.map(({ held }) => held);
  const all = trace.parts.map(({ held }) => held);
  const expected = {
    all: all.every((held) => held),
    any: all.some((held) => held),
    not: !first,
    choice: first ? second : third,
    atom: trace.held,
  }[trace.how];
  expect(trace.held, trace.text).toBe(expected);
  for (const part of trace.parts) agrees(part);
}
