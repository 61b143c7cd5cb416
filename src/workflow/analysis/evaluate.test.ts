import fc from 'fast-check';
import { expect, test } from 'vitest';
import { smallCondition, smallContract, smallPayloads } from '../../../test/support/small-contract.ts';
import { compileContract } from '../../contract/schema.ts';
import { compileExpression, ExpressionError, expressionEnvironment } from '../expression.ts';
import { outcomesOf, type Reader, truths } from './evaluate.ts';
import { programOf } from './program.ts';
import { shapeOf } from './shape.ts';

const untyped = expressionEnvironment({ payload: true });

/** What the evaluator makes of every payload. */
function tried(source: string): Set<string> {
  const { expression } = compileExpression(source, untyped);
  return new Set(
    smallPayloads.map((payload) => {
      try {
        return String(expression.evaluate({ payload }));
      } catch (error) {
        if (error instanceof ExpressionError) return 'fails';
        throw error;
      }
    }),
  );
}

function found(source: string): Set<string> {
  const program = programOf(source);
  if (program === null) throw new Error(`not an expression: ${source}`);
  const budget = { steps: 100_000 };
  const reader: Reader = { program, fields: new Map(), locals: new Map(), budget, compared: () => {} };
  const given = { shapes: { payload: shapeOf(smallContract) }, known: new Map() };
  const all = truths(outcomesOf(program.syntax, given, reader), program.syntax);
  return new Set(all.map(({ holds }) => (holds === null ? 'fails' : String(holds))));
}

test('the payloads that are tried are those that the contract admits', () => {
  const contract = compileContract({ document: smallContract, pointer: '', name: 'test' });
  for (const payload of smallPayloads) expect(contract.validate(payload)).toEqual([]);
});

test('nothing that comes of any payload is denied', () => {
  fc.assert(
    fc.property(smallCondition, (source) => {
      const ways = found(source);
      for (const way of tried(source)) expect(ways, source).toContain(way);
    }),
    { numRuns: 100 },
  );
});

test.each([
  ['payload.kind == "web" && payload.kind == "brand"', ['false'], 'one field has one value'],
  ['payload.count < 1 && payload.count > 0', ['false'], 'no whole number lies between'],
  ['payload.count >= 0', ['true'], 'the contract asks for it'],
  ['has(payload.utm) && payload.utm.id == "x"', ['false', 'true'], 'what is asked for can be read'],
  [
    'payload.utm.id == "x" && has(payload.utm)',
    ['false', 'true'],
    'the guard may stand behind: `&&` waits for both',
  ],
  ['!has(payload.utm) || payload.utm.id == "x"', ['false', 'true'], 'the other way round'],
  ['has(payload.utm) ? payload.utm.id == "x" : true', ['false', 'true'], 'a choice guards'],
  ['has(payload.utm.tag)', ['fails', 'false', 'true'], 'the owner of what is asked for may be missing'],
  ['has(payload.utm) && payload.utm.tag == "t"', ['fails', 'false', 'true'], 'half a guard'],
  ['payload.note.startsWith("a")', ['fails', 'true'], 'null starts with nothing'],
  ['payload.kind.upperAscii() == "WEB" && payload.kind == "brand"', ['false'], 'functions of listed values'],
  ['size(payload.kind) > 5', ['false'], 'the longest value has five characters'],
  ['double(payload.utm.tag.size()) >= 0.0', ['fails', 'true'], 'a length is no negative number'],
])('%s', (source, ways, reason) => {
  expect([...found(source)].sort(), reason).toEqual(ways);
  expect([...tried(source)].sort(), reason).toEqual(ways);
});
