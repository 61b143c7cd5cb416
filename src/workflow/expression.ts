import { isCelError, plan } from '@bufbuild/cel';
import { checkedType } from './expression-check.ts';
import { type ExpressionEnvironment, runtime } from './expression-environment.ts';
import { sentenceFor } from './expression-errors.ts';
import { metered, startMeter } from './expression-meter.ts';
import { namesIn, parsed } from './expression-parse.ts';
import { typeName } from './expression-type.ts';
import { fromCel, scopeValues } from './expression-values.ts';

export { type ExpressionEnvironment, expressionEnvironment } from './expression-environment.ts';
export { ExpressionSyntaxError } from './expression-parse.ts';

/** What an expression can see, by name: payload, headers, ticket, route, request, response, result. */
export type Scope = Readonly<Record<string, unknown>>;

/** One CEL expression, compiled once. */
export interface Expression {
  readonly source: string;
  /** Plain JSON values come out (number, string, boolean, null, array, object). Throws ExpressionError. */
  evaluate(scope: Scope): unknown;
}

/** An expression that could not be evaluated; the message names what was missing or wrong. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
}

/**
 * Parses a CEL expression and checks it against the variables that it may see.
 * `type` is what it yields: `bool`, `int`, `double`, `string`, `list(string)`, `object`, `dyn` (anything), …
 * Bounded by limits.expressionCharsMax; its evaluation by limits.expressionStepsMax. The scope's values are
 * taken as JSON. Throws ExpressionSyntaxError with offset and length in the source.
 */
export function compileExpression(
  source: string,
  environment: ExpressionEnvironment,
): { expression: Expression; type: string } {
  const { expression: syntax, info } = parsed(source);
  const type = checkedType({ source, syntax, info, environment });
  const names = [...namesIn(syntax)].filter((name) => environment.variables.has(name));
  const run = plan(runtime, metered(syntax));
  const evaluate = (scope: Scope): unknown => {
    try {
      startMeter();
      const value = run(scopeValues(scope, names));
      if (isCelError(value)) throw new ExpressionError(sentenceFor(value, syntax));
      return fromCel(value);
    } catch (error) {
      if (error instanceof ExpressionError) throw error;
      throw new ExpressionError(error instanceof Error ? error.message : String(error), { cause: error });
    }
  };
  return { expression: { source, evaluate }, type: typeName(type) };
}
