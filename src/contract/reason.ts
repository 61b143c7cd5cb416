import type { Reason } from '../decision.ts';
import type { Payload } from '../intake/split.ts';
import type { Violation } from './contract.ts';

/** What the contract's rung says of a payload. Pure. */
export function contractReason(parsed: Payload, violations: readonly Violation[]): Reason {
  if (!parsed.ok) {
    const whole = 'The delivery could not be split into its triggers';
    return {
      rung: 'contract',
      code: parsed.mode,
      text: parsed.mode === 'unparseable' ? parsed.problem : whole,
    };
  }
  if (violations.length === 0) {
    return { rung: 'contract', code: 'contract_satisfied', text: 'The payload satisfies its contract' };
  }
  // Paths and rules only: reasons stand in entries, which outlive an erased payload.
  const places = violations.map(({ path, rule }) => `${path || 'the payload'} (${rule})`).join(', ');
  return { rung: 'contract', code: 'contract_violation', text: `Violates its contract: ${places}` };
}

/** One sentence for whoever takes the exception: the first violation, and how many more. Pure. */
export function violationSummary(violations: readonly Violation[]): string {
  const [first] = violations;
  const more = violations.length > 1 ? ` and ${violations.length - 1} more` : '';
  return `${first?.message ?? 'The payload violates its contract'}${more}`;
}
