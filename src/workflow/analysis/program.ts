import { unparse } from '@bufbuild/cel';
import { childrenOf, ExpressionSyntaxError, parsed, type Syntax } from '../expression-parse.ts';
import type { Program } from './case.ts';

/** Reads an expression; null where it is none (which is reported where it is compiled), or too deep to look into. */
export function programOf(source: string | undefined): Program | null {
  if (source === undefined) return null;
  try {
    const { expression, info } = parsed(source);
    return depthOf(expression) > depthMax ? null : { source, syntax: expression, info };
  } catch (error) {
    if (error instanceof ExpressionSyntaxError) return null;
    throw error;
  }
}

/** Each part of an expression is looked at within its whole. */
const depthMax = 200;

function depthOf(syntax: Syntax): number {
  return 1 + Math.max(0, ...childrenOf(syntax).map(depthOf));
}

/** A part of an expression written out, its macros as they were. */
export function textIn(syntax: Syntax, { info }: Program): string {
  return unparse({ $typeName: 'cel.expr.ParsedExpr', expr: syntax, sourceInfo: info });
}
