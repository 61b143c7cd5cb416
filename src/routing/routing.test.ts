import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Expression, ExpressionError } from '../workflow/expression.ts';
import type { CompiledRoutes, CompiledRule, Ref } from '../workflow/workflow.ts';
import { route } from './routing.ts';

const yes: Expression = { source: 'true', evaluate: () => true };
const no: Expression = { source: 'false', evaluate: () => false };
const broken: Expression = {
  source: 'payload.utm.source',
  evaluate: () => {
    throw new ExpressionError('payload.utm is missing');
  },
};

function rule(to: Ref, when: Expression | null, ...signals: [Expression, number][]): CompiledRule {
  return { to, when, signals: signals.map(([that, weight]) => ({ that, weight })) };
}

function routes(threshold: number, ...rules: CompiledRule[]): CompiledRoutes {
  return { threshold, rules, otherwise: 'triage' };
}

describe('confidence is the best score less half the second best', () => {
  test.each<[rules: CompiledRule[], outcome: string, confidence: number | null, reason: string]>([
    [[rule('team:a', yes)], 'routed', 1, 'a lone full match is certain'],
    [[rule('team:a', null)], 'routed', 1, 'a rule without `when` always matches'],
    [[rule('team:a', yes), rule('team:b', yes)], 'ambiguous', 0.5, 'two full matches are a toss-up'],
    [[rule('team:a', yes), rule('team:a', yes)], 'routed', 1, 'two rules to one team do not compete'],
    [[rule('team:a', no)], 'no_route', null, 'nothing matched'],
    [[rule('team:a', broken)], 'no_route', null, 'a rule that cannot be evaluated does not match'],
    [[rule('team:a', yes, [yes, 2], [no, 1])], 'low_confidence', 0.666667, 'two of three parts of evidence'],
    [
      [rule('team:a', yes, [yes, 2], [broken, 1])],
      'low_confidence',
      0.666667,
      'a broken signal did not hold',
    ],
    [[rule('team:a', yes, [yes, 8], [no, 2])], 'routed', 0.8, 'at the threshold is enough'],
    [
      [rule('team:a', yes), rule('team:b', yes, [yes, 1], [no, 3])],
      'routed',
      0.875,
      'a weak rival costs half its score',
    ],
  ])('%#', (rules, outcome, confidence, reason) => {
    const routing = route(routes(0.8, ...rules), {}, null);
    expect(routing.kind === 'routed' ? 'routed' : routing.mode, reason).toBe(outcome);
    expect(routing.route?.confidence ?? null, reason).toBe(confidence);
  });

  test('a default destination takes what no rule matched', () => {
    const routing = route({ threshold: 0.8, rules: [rule('team:a', no)], otherwise: 'team:rest' }, {}, null);
    expect(routing).toMatchObject({ kind: 'routed', route: { to: 'team:rest', confidence: 1 } });
  });

  test('a person who re-routes outranks the rules', () => {
    const routing = route(routes(0.8, rule('team:a', yes), rule('team:b', yes)), {}, 'team:b');
    expect(routing).toMatchObject({ kind: 'routed', route: { to: 'team:b', confidence: 1 } });
  });

  test('property: confidence lies between 0 and 1, and only at the threshold or above is anything routed', () => {
    const someRule = fc.record({
      to: fc.constantFrom<Ref>('team:a', 'team:b', 'team:c'),
      held: fc.boolean(),
      signals: fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 9 })), { maxLength: 4 }),
    });
    fc.assert(
      fc.property(
        fc.array(someRule, { maxLength: 6 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (given, threshold) => {
          const rules = given.map(({ to, held, signals }) =>
            rule(
              to,
              held ? yes : no,
              ...signals.map(([on, weight]) => [on ? yes : no, weight] as [Expression, number]),
            ),
          );
          const routing = route(routes(threshold, ...rules), {}, null);
          if (routing.route === null) return;
          expect(routing.route.confidence).toBeGreaterThanOrEqual(0);
          expect(routing.route.confidence).toBeLessThanOrEqual(1);
          expect(routing.kind === 'routed').toBe(routing.route.confidence >= threshold);
        },
      ),
    );
  });
});
