import {
  compileExpression,
  type Expression,
  type ExpressionEnvironment,
  ExpressionError,
  ExpressionSyntaxError,
} from './expression.ts';
import type { Place } from './place.ts';

/** What an expression has to yield, and for whom it matters. */
export interface Expected {
  readonly types: readonly string[];
  /** `must be true or false`, … */
  readonly says: string;
  readonly help: string;
}

export const truth: Expected = {
  types: ['bool'],
  says: 'must be true or false',
  help: 'compare it with something: `… == "web"`, `… > 0.0`, or ask `has(…)`',
};

export const identity: Expected = {
  types: ['string', 'int', 'uint', 'double', 'number'],
  says: 'must be a text or a number',
  help: 'an identity is the one value that two triggers of the same thing share: `payload.lead_id`',
};

export const list: Expected = {
  types: ['list'],
  says: 'must be a list',
  help: 'each of its elements becomes a trigger: `payload`, `payload.entry.map(e, e.changes)`',
};

export const version: Expected = {
  types: ['string', 'int', 'uint', 'double', 'number', 'timestamp'],
  says: 'must be a text, a number or a time',
  help: 'a version is what grows with each change of the thing: `payload.updated_at`, `payload.sequence`',
};

export const json: Expected = { types: [], says: '', help: '' };

export interface Typed {
  readonly expression: Expression;
  /** As CEL names it; `dyn`: anything. */
  readonly type: string;
}

/** Compiles the expression at a place; where it is wrong, reports it and returns one that cannot be evaluated. */
export function expressionAt(place: Place, environment: ExpressionEnvironment, expected: Expected): Typed {
  const source = place.written();
  if (source === undefined) return { expression: broken(''), type: 'dyn' };
  try {
    const { expression, type } = compileExpression(source, environment);
    const [kind = ''] = type.split('(');
    if (expected.types.length > 0 && kind !== 'dyn' && !expected.types.includes(kind)) {
      place.report({
        code: 'SB141',
        message: `this ${expected.says}, and it is ${type}`,
        help: expected.help,
      });
    }
    return { expression, type };
  } catch (error) {
    if (!(error instanceof ExpressionSyntaxError)) throw error;
    place.report({
      code: 'SB140',
      message: error.message,
      help: 'expressions are CEL; what each one sees stands in docs/reference/workflow.md',
      at: { offset: error.offset, length: error.length },
    });
    return { expression: broken(source), type: 'dyn' };
  }
}

/** Where the key is absent: null. */
export function optionalExpressionAt(
  place: Place,
  environment: ExpressionEnvironment,
  expected: Expected,
): Expression | null {
  return place.value === undefined ? null : expressionAt(place, environment, expected).expression;
}

function broken(source: string): Expression {
  return {
    source,
    evaluate() {
      throw new ExpressionError('the expression did not compile');
    },
  };
}
