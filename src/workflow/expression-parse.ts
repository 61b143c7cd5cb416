import { parse } from '@bufbuild/cel';
import { limits } from '../limits.ts';

type ParsedExpression = ReturnType<typeof parse>;

/** One node of an expression's syntax tree, as CEL's own `syntax.proto` has it: macros are expanded. */
export type Syntax = ParsedExpression['expr'];

/** Where each node stands in the source, and what each macro was before it was expanded. */
export type SyntaxInfo = NonNullable<ParsedExpression['sourceInfo']>;

/** An expression that does not compile. */
export class ExpressionSyntaxError extends Error {
  override readonly name = 'ExpressionSyntaxError';
  /** Where in the source, from 0, in UTF-16 units. */
  readonly offset: number;
  readonly length: number;

  constructor(message: string, offset: number, length: number) {
    super(message);
    this.offset = offset;
    this.length = length;
  }
}

/** Reads one CEL expression. Throws ExpressionSyntaxError. */
export function parsed(source: string): { expression: Syntax; info: SyntaxInfo } {
  if (source.length > limits.expressionCharsMax) {
    const most = limits.expressionCharsMax.toLocaleString('en');
    throw new ExpressionSyntaxError(`The expression is longer than ${most} characters`, 0, source.length);
  }
  if (source.trim() === '') throw new ExpressionSyntaxError('The expression is empty', 0, source.length);
  try {
    const { expr, sourceInfo } = parse(source);
    if (sourceInfo === undefined) throw new Error('the parser gave no positions');
    return { expression: expr, info: sourceInfo };
  } catch (error) {
    throw explained(error, source);
  }
}

/** The parts that a part of an expression is made of. */
export function childrenOf({ exprKind }: Syntax): readonly Syntax[] {
  const parts = (): (Syntax | undefined)[] => {
    switch (exprKind.case) {
      case 'selectExpr':
        return [exprKind.value.operand];
      case 'callExpr':
        return [exprKind.value.target, ...exprKind.value.args];
      case 'listExpr':
        return exprKind.value.elements;
      case 'structExpr':
        return exprKind.value.entries.flatMap(({ keyKind, value }) =>
          keyKind.case === 'mapKey' ? [keyKind.value, value] : [value],
        );
      case 'comprehensionExpr': {
        const { iterRange, accuInit, loopCondition, loopStep, result } = exprKind.value;
        return [iterRange, accuInit, loopCondition, loopStep, result];
      }
      default:
        return [];
    }
  };
  return parts().filter((part) => part !== undefined);
}

/** Every name that an expression looks up, its own loop variables included. */
export function namesIn(syntax: Syntax): ReadonlySet<string> {
  const names = new Set<string>();
  // Not by calling itself: a path of 2,000 names is as deep.
  const waiting = [syntax];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.exprKind.case === 'identExpr') names.add(next.exprKind.value.name.replace(/^\./, ''));
    waiting.push(...childrenOf(next));
  }
  return names;
}

/** Every name that an expression looks up, of its text; none where that cannot be read. */
export function namesOf(source: string): ReadonlySet<string> {
  try {
    return namesIn(parsed(source).expression);
  } catch (error) {
    if (error instanceof ExpressionSyntaxError) return new Set();
    throw error;
  }
}

function explained(error: unknown, source: string): ExpressionSyntaxError {
  if (error instanceof RangeError) {
    return new ExpressionSyntaxError('The expression is nested too deeply', 0, source.length);
  }
  const reported = offsetOf(error);
  if (reported === null) {
    const reason = error instanceof Error ? error.message : String(error);
    return new ExpressionSyntaxError(`The expression cannot be read: ${reason}`, 0, source.length);
  }
  const offset = reported + (source.slice(reported).length - source.slice(reported).trimStart().length);
  const rest = source.slice(offset);
  const word = /^(?:[\p{L}\p{N}_]+|\S)/u.exec(rest)?.[0] ?? '';
  const message = word === '' ? 'The expression ends too early' : `Unexpected ${quote(word)}`;
  const hint = hintFor(rest, source.slice(0, offset));
  return new ExpressionSyntaxError(hint === null ? message : `${message}: ${hint}`, offset, word.length);
}

function offsetOf(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('location' in error)) return null;
  const { location } = error as { location?: { start?: { offset?: unknown } } };
  return typeof location?.start?.offset === 'number' ? location.start.offset : null;
}

function quote(word: string): string {
  return word === '`' ? '"`"' : `\`${word}\``;
}

/** What people write from habit, and what CEL writes instead. */
function hintFor(rest: string, before: string): string | null {
  if (/^=(?!=)/.test(rest)) return 'to compare, write `==`';
  if (/^===/.test(rest) || (before.endsWith('==') && rest.startsWith('='))) return 'to compare, write `==`';
  if (/^(and|AND)\b/.test(rest)) return 'write `&&`';
  if (/^(or|OR)\b/.test(rest)) return 'write `||`';
  if (/\b(not|NOT)\s*$/.test(before)) return 'for "not", write `!`';
  if (/^["']/.test(rest)) return 'a text must end with the quote that it began with, on the same line';
  if (/^(\.\?|\[\?)/.test(rest))
    return 'optional fields are not supported, write has(a.b) ? a.b : "otherwise"';
  if (/^\.`/.test(rest)) return 'for a name that is no identifier, write a["the-name"]';
  if (/^([-+*/%&|<>]|[=!]=|in\b)/.test(rest)) return 'a value is missing beside it';
  return null;
}
