import { limits } from '../limits.ts';
import {
  compileExpression,
  type Expression,
  ExpressionError,
  expressionEnvironment,
  type Scope,
} from '../workflow/expression.ts';

/** The expressions of an outcome as a row holds them: texts, which were checked when the workflow was. Pure. */

const environment = expressionEnvironment({
  payload: true,
  ticket: true,
  request: true,
  response: true,
  result: true,
});
/** What tells by a callback which handoff it is about. */
const callbackEnvironment = expressionEnvironment({ result: true, headers: true });

/** By their texts, which are few: those of the workflows whose handoffs are under way. */
const compiled = new Map<string, Expression>();

/** Throws ExpressionError. */
export function evaluate(text: string, scope: Scope): unknown {
  let expression = compiled.get(text);
  if (expression === undefined) {
    ({ expression } = compileExpression(text, environment));
    if (compiled.size >= limits.outcomeExpressionsKept) compiled.delete(compiled.keys().next().value ?? '');
    compiled.set(text, expression);
  }
  return expression.evaluate(scope);
}

/** Null: it could not be evaluated on what was read, a field being absent, say. */
export function holds(condition: string, scope: Scope): boolean | null {
  try {
    return evaluate(condition, scope) === true;
  } catch (error) {
    if (error instanceof ExpressionError) return null;
    throw error;
  }
}

/** What a callback names its handoff by; null where it names none: only a text or a number can be a key. */
export function keyIn(
  match: string,
  callback: { readonly result: unknown; readonly headers: unknown },
): string | null {
  try {
    return keyText(compileExpression(match, callbackEnvironment).expression.evaluate(callback));
  } catch (error) {
    if (error instanceof ExpressionError) return null;
    throw error;
  }
}

export function keyText(value: unknown): string | null {
  const text = typeof value === 'number' || typeof value === 'string' ? `${value}` : '';
  // PostgreSQL keeps neither NUL nor half a character.
  return text === '' || text.includes('\0') || !text.isWellFormed() ? null : text;
}
