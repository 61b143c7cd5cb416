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
