import { type CelFunc, CelScalar, type CelValue, celFunc, isCelList, isCelMap } from '@bufbuild/cel';
import { limits } from '../limits.ts';
import type { Syntax } from './expression-parse.ts';

/*
 * An expression is ours, but the lists and texts that it walks come from a stranger. Outside of `all`, `exists`,
 * `map` and `filter` every operation happens once and is linear; inside, each may happen once an element. So inside
 * of a loop, every turn and every argument of a function is paid for from one budget an evaluation.
 */

let remaining: number = limits.expressionStepsMax;

/** Gives the next evaluation its whole budget. Evaluation is synchronous: one budget suffices. */
export function startMeter(): void {
  remaining = limits.expressionStepsMax;
}

/** Pays for work; throws where the budget is spent. */
export function spend(units: number): void {
  remaining -= units;
  if (remaining < 0) {
    throw new Error(`The expression takes more than ${limits.expressionStepsMax.toLocaleString('en')} steps`);
  }
}

const TURN = '@turn';
const PAID = '@paid';
/** What `map` and `filter` append with. */
export const APPEND = '@append';

/** The functions that `metered` puts into loops; a source text cannot name them. */
export const meterFunctions: readonly CelFunc[] = [
  celFunc(TURN, [CelScalar.DYN], CelScalar.DYN, (value) => {
    spend(1);
    return value;
  }),
  celFunc(PAID, [CelScalar.DYN], CelScalar.DYN, (value) => {
    payFor(value);
    return value;
  }),
];

/** A text costs one step for every 16 characters, a list or map what its elements cost. */
function payFor(value: CelValue): void {
  spend(typeof value === 'string' ? 1 + (value.length >> 4) : 1);
  if (isCelList(value)) for (const element of value) payFor(element);
  else if (isCelMap(value)) for (const [, element] of value) payFor(element);
}

/** The same expression, with every turn of its loops, and every argument within one, paid for. */
export function metered(syntax: Syntax): Syntax {
  return rewritten(syntax, false);
}

function rewritten(syntax: Syntax, inLoop: boolean): Syntax {
  const kind = syntax.exprKind;
  switch (kind.case) {
    case 'selectExpr': {
      const { operand } = kind.value;
      if (operand === undefined) return syntax;
      const value = { ...kind.value, operand: rewritten(operand, inLoop) };
      return { ...syntax, exprKind: { case: 'selectExpr', value } };
    }
    case 'callExpr': {
      const { target, args } = kind.value;
      const appends = kind.value.function === '_+_' && appendsElement(args);
      const name = appends ? APPEND : kind.value.function;
      const part = (each: Syntax) => {
        const inner = rewritten(each, inLoop);
        return inLoop && paysFor(name, each) ? call(PAID, inner) : inner;
      };
      const value = {
        ...kind.value,
        function: name,
        args: args.map(part),
        ...(target === undefined ? {} : { target: part(target) }),
      };
      return { ...syntax, exprKind: { case: 'callExpr', value } };
    }
    case 'listExpr': {
      const elements = kind.value.elements.map((each) => rewritten(each, inLoop));
      return { ...syntax, exprKind: { case: 'listExpr', value: { ...kind.value, elements } } };
    }
    case 'structExpr': {
      const entries = kind.value.entries.map((entry) => {
        const keyKind =
          entry.keyKind.case === 'mapKey'
            ? { ...entry.keyKind, value: rewritten(entry.keyKind.value, inLoop) }
            : entry.keyKind;
        const value = entry.value === undefined ? undefined : rewritten(entry.value, inLoop);
        return value === undefined ? { ...entry, keyKind } : { ...entry, keyKind, value };
      });
      return { ...syntax, exprKind: { case: 'structExpr', value: { ...kind.value, entries } } };
    }
    case 'comprehensionExpr': {
      const { iterRange, accuInit, loopCondition, loopStep, result } = kind.value;
      const value = {
        ...kind.value,
        ...(iterRange === undefined ? {} : { iterRange: rewritten(iterRange, inLoop) }),
        ...(accuInit === undefined ? {} : { accuInit: rewritten(accuInit, inLoop) }),
        ...(loopCondition === undefined ? {} : { loopCondition: call(TURN, rewritten(loopCondition, true)) }),
        ...(loopStep === undefined ? {} : { loopStep: rewritten(loopStep, true) }),
        ...(result === undefined ? {} : { result: rewritten(result, inLoop) }),
      };
      return { ...syntax, exprKind: { case: 'comprehensionExpr', value } };
    }
    default:
      return syntax;
  }
}

/** Operators that the library treats as syntax; they look at their operands at most once. */
const syntactic: ReadonlySet<string> = new Set([
  '_&&_',
  '_||_',
  '_?_:_',
  '_[_]',
  '@not_strictly_false',
  '!_',
]);

function paysFor(functionName: string, argument: Syntax): boolean {
  return !syntactic.has(functionName) && argument.exprKind.case !== 'constExpr' && !isAccumulator(argument);
}

/** `@result + [element]`, which is what `map` and `filter` become. */
function appendsElement([list, element]: readonly Syntax[]): boolean {
  return list !== undefined && isAccumulator(list) && element?.exprKind.case === 'listExpr';
}

/** What a macro collects its result in; a source text cannot name it. */
function isAccumulator(syntax: Syntax): boolean {
  return syntax.exprKind.case === 'identExpr' && syntax.exprKind.value.name === '@result';
}

function call(name: string, argument: Syntax): Syntax {
  return {
    $typeName: 'cel.expr.Expr',
    id: argument.id,
    exprKind: {
      case: 'callExpr',
      value: { $typeName: 'cel.expr.Expr.Call', function: name, args: [argument] },
    },
  };
}
