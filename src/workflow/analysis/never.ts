import { childrenOf, type Syntax } from '../expression-parse.ts';
import { type Case, domainIn, type Program } from './case.ts';
import { ofValues, united } from './domain.ts';
import { conjuncts, shown } from './guard.ts';
import { holding, outcomesIn, type Setting, truthsIn } from './inspect.ts';
import { described } from './words.ts';

/** Why a condition never holds: where, and what to do. */
export interface Never {
  readonly at: Syntax;
  /** "`a` and `b` never hold together". */
  readonly why: string;
  readonly help: string;
}

/**
 * Finds the least part of a condition that holds in none of the cases: one that never holds by itself, or two that
 * never hold together. Null where it may hold, or that is not known.
 */
export function neverHolds(program: Program, given: readonly Case[], setting: Setting): Never | null {
  const whole = truthsIn(program, program.syntax, given, setting);
  if (whole === null || given.length === 0 || holding(whole).length > 0) return null;
  const parts = conjuncts(program.syntax);
  const alone = parts.find((part) => cannotHold(program, [part], given, setting));
  if (alone !== undefined) return impossible(program, alone, given, setting);
  for (const [index, part] of parts.entries()) {
    const other = parts.slice(0, index).find((each) => cannotHold(program, [each, part], given, setting));
    if (other === undefined) continue;
    const why = `\`${shown(other, program)}\` and \`${shown(part, program)}\` never hold together`;
    return { at: part, why, help: `${eitherOf(other, part, program)}; or correct one of the two` };
  }
  return impossible(program, program.syntax, given, setting);
}

function impossible(program: Program, at: Syntax, given: readonly Case[], setting: Setting): Never {
  const why = `\`${shown(at, program)}\` cannot be, as ${factsOf(program, at, given, setting)}`;
  return { at, why, help: 'ask for what can come, or remove this part' };
}

function cannotHold(
  program: Program,
  parts: readonly Syntax[],
  given: readonly Case[],
  setting: Setting,
): boolean {
  let left: readonly Case[] = given;
  for (const part of parts) {
    const all = truthsIn(program, part, left, setting);
    if (all === null) return false;
    left = holding(all);
  }
  return left.length === 0;
}

/** How to ask for one or the other. */
function eitherOf(left: Syntax, right: Syntax, program: Program): string {
  const [a, b] = [equalityOf(left, program), equalityOf(right, program)];
  if (a !== null && b !== null && a.path === b.path) {
    return `if either will do, write \`${a.path} in [${a.value}, ${b.value}]\``;
  }
  return `if either will do, write \`${shown(left, program)} || ${shown(right, program)}\``;
}

function equalityOf({ exprKind }: Syntax, program: Program): { path: string; value: string } | null {
  if (exprKind.case !== 'callExpr' || exprKind.value.function !== '_==_') return null;
  const [path, value] = exprKind.value.args;
  if (path === undefined || value?.exprKind.case !== 'constExpr') return null;
  return { path: shown(path, program), value: shown(value, program) };
}

/** What is known of all that a condition reads, as a sentence; without any, what that means. */
export function factsOf(program: Program, part: Syntax, given: readonly Case[], setting: Setting): string {
  const facts = new Set(pathsIn(part, program).map((path) => factOf(program, path, given, setting)));
  const known = [...facts].filter((fact) => fact !== null);
  return known.length === 0 ? 'it does not depend on what comes' : known.join(', ');
}

function factOf(program: Program, path: Syntax, given: readonly Case[], setting: Setting): string | null {
  const { exprKind } = path;
  if (exprKind.case === 'selectExpr' && exprKind.value.testOnly) {
    const name = shown(path, program).slice('has('.length, -1);
    return `the contract requires \`${name}\``;
  }
  const domains = (outcomesIn(program, path, given, setting) ?? []).flatMap((outcome) => {
    if (outcome.value?.kind === 'constant') return [ofValues([outcome.value.value])];
    return outcome.value?.kind === 'variable' ? [domainIn(outcome.given, outcome.value)] : [];
  });
  const [first, ...rest] = domains;
  const says = first === undefined ? null : described(rest.reduce(united, first));
  return says === null ? null : `\`${shown(path, program)}\` is always ${says}`;
}

/** Whole paths and questions for them, as they stand. */
function pathsIn(syntax: Syntax, program: Program): Syntax[] {
  if (syntax.exprKind.case === 'selectExpr' || isIndexed(syntax)) return [syntax];
  return childrenOf(syntax).flatMap((child) => pathsIn(child, program));
}

function isIndexed({ exprKind }: Syntax): boolean {
  return exprKind.case === 'callExpr' && exprKind.value.function === '_[_]';
}
