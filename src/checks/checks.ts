import type { Reason } from '../decision.ts';
import { type Expression, ExpressionError, type Scope } from '../workflow/expression.ts';
import type { CompiledCheck } from '../workflow/workflow.ts';

export interface Checked {
  readonly failed: readonly CompiledCheck[];
  readonly reason: Reason;
}

/** Runs every QA rule; a rule that cannot be evaluated has failed. Pure. */
export function runChecks(checks: readonly CompiledCheck[], scope: Scope): Checked {
  const failed = checks.filter((check) => !holds(check.that, scope));
  return { failed, reason: reasonFor(checks.length, failed) };
}

/** Whether an expression is true; one that cannot be evaluated is not. */
export function holds(expression: Expression, scope: Scope): boolean {
  try {
    return expression.evaluate(scope) === true;
  } catch (error) {
    if (error instanceof ExpressionError) return false;
    throw error;
  }
}

function reasonFor(count: number, failed: readonly CompiledCheck[]): Reason {
  if (failed.length === 0) {
    const text = count === 0 ? 'No checks' : `${count} of ${count} checks hold`;
    return { rung: 'checks', code: 'checks_held', text };
  }
  const text = failed.map((check) => `${check.id}: ${check.otherwise}`).join('; ');
  return { rung: 'checks', code: 'check_failed', text, data: { failed: failed.map((check) => check.id) } };
}
