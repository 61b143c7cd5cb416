import type { Reason } from '../decision.ts';
import { ExpressionError, type Scope } from '../workflow/expression.ts';
import type { CompiledWorkflow } from '../workflow/workflow.ts';

export interface Transformed {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly reason: Reason;
  /** The fields that could not be made, with why; empty where all were. */
  readonly failures: readonly { readonly field: string; readonly why: string }[];
}

/** Makes the ticket's fields, one expression each; a failing one does not hide the others. Pure. */
export function transform(workflow: CompiledWorkflow, scope: Scope): Transformed {
  const fields: Record<string, unknown> = {};
  const failures: { field: string; why: string }[] = [];
  for (const { name, value } of workflow.fields) {
    try {
      fields[name] = value.evaluate(scope);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      failures.push({ field: name, why: error.message });
    }
  }
  return { fields, failures, reason: reasonFor(workflow.fields.length, failures) };
}

function reasonFor(count: number, failures: Transformed['failures']): Reason {
  if (failures.length === 0) {
    return { rung: 'transform', code: 'transformed', text: `${count} fields made` };
  }
  const names = failures.map((failure) => failure.field).join(', ');
  return { rung: 'transform', code: 'transform_failed', text: `Could not make: ${names}` };
}
