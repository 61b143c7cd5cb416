import { limits } from '../../limits.ts';
import type { Place } from '../place.ts';
import type { Case } from './case.ts';
import { shown } from './guard.ts';
import { holding, type Inspected, inspect, type Setting, truthsIn, truthsOf } from './inspect.ts';
import { factsOf, neverHolds } from './never.ts';
import { spotOf } from './span.ts';

const role = {
  isCondition: true,
  mayPass: true,
  fails: 'the check fails and the ticket stops as `check_failed`',
};

/** A check that cases passed. */
export interface Passed {
  readonly id: string;
  readonly inspected: Inspected;
}

/**
 * Looks at the `checks:` section: checks that never fail, or never pass, or never pass together.
 * Returns the cases that pass them all, as far as they are known, with the checks.
 */
export function analyseChecks(
  place: Place,
  given: readonly Case[],
  setting: Setting,
): { readonly cases: readonly Case[]; readonly passed: readonly Passed[] } {
  let cases = given;
  const passed: Passed[] = [];
  for (const check of place.elements()) {
    const inspected = inspect(check.get('that'), given, role, setting);
    if (inspected === null) continue;
    const id = check.get('id').text();
    const isSound = inspected.isReported || !reportAlways(inspected, given, setting);
    if (!isSound || (!inspected.isReported && reportNever(inspected, given, setting))) continue;
    const after = passing(inspected, cases, setting);
    if (after === null) continue;
    if (after.length === 0) reportTogether(inspected, passed, given, setting);
    else cases = after;
    passed.push({ id, inspected });
  }
  return { cases, passed };
}

function passing({ program }: Inspected, cases: readonly Case[], setting: Setting): Case[] | null {
  const all = truthsIn(program, program.syntax, cases, setting);
  // Too many are as good as unknown.
  const held = all === null ? [] : holding(all);
  return all === null || held.length > limits.analysisCasesMax ? null : held;
}

function reportAlways(inspected: Inspected, given: readonly Case[], setting: Setting): boolean {
  const { place, program } = inspected;
  const all = truthsOf(inspected);
  if (all.length === 0 || all.some(({ holds }) => holds !== true)) return false;
  place.report({
    code: 'SB166',
    message: 'this check can never fail',
    help: `${factsOf(program, program.syntax, given, setting)}: remove the check, or ask for more than that`,
  });
  return true;
}

function reportNever({ place, program }: Inspected, given: readonly Case[], setting: Setting): boolean {
  const never = neverHolds(program, given, setting);
  if (never === null) return false;
  place.report({
    code: 'SB167',
    message: `no ticket can pass this check: ${never.why}`,
    help: `${never.help}; as it stands every ticket stops as \`check_failed\``,
    at: spotOf(program, never.at),
  });
  return true;
}

function reportTogether(
  { place, program }: Inspected,
  earlier: readonly Passed[],
  _given: readonly Case[],
  setting: Setting,
): void {
  const against = earlier.find(({ inspected }) => {
    const both = truthsIn(program, program.syntax, holding(truthsOf(inspected)), setting);
    return both !== null && holding(both).length === 0;
  });
  const other = against === undefined ? 'the checks before it' : `the check \`${against.id}\``;
  const text =
    against === undefined
      ? ''
      : ` (\`${shown(against.inspected.program.syntax, against.inspected.program)}\`)`;
  place.report({
    code: 'SB167',
    message: `no ticket can pass both this check and ${other}${text}`,
    help: 'every ticket has to pass all checks: as they stand each one stops as `check_failed`; change one of them',
  });
}
