import { childrenOf, ExpressionSyntaxError, type Syntax, type SyntaxInfo } from './expression-parse.ts';
import { textOf } from './expression-text.ts';

/** The error at a part of the source: at `word` where it stands there, or else at the part as it is written. */
export function failureAt(
  checked: { readonly source: string; readonly info: SyntaxInfo },
  at: Syntax,
  message: string,
  word = '',
): ExpressionSyntaxError {
  const { source, info } = checked;
  const sign = /^_.*_$|^-_$/.test(word) ? word.replaceAll('_', '') : word;
  const found = sign === '' ? -1 : source.indexOf(sign, positionOf(at, info));
  if (found >= 0) return new ExpressionSyntaxError(message, found, sign.length);
  const isPath = at.exprKind.case === 'selectExpr' || at.exprKind.case === 'identExpr';
  const rest = source.slice(isPath ? startOf(at, info) : positionOf(at, info));
  const offset = source.length - rest.trimStart().length;
  const length = /^(?:[\w.]+|"[^"]*"|'[^']*'|[^\w\s]{1,2})/.exec(source.slice(offset))?.[0].length ?? 0;
  const written = textOf(at);
  const whole = isPath && source.startsWith(written, offset) ? written.length : length;
  return new ExpressionSyntaxError(message, offset, whole);
}

function positionOf(syntax: Syntax, info: SyntaxInfo): number {
  const positions: Readonly<Record<string, number>> = info.positions;
  return positions[String(syntax.id)] ?? 0;
}

/** A path's own position is its last dot; it starts where its first name does. */
function startOf(syntax: Syntax, info: SyntaxInfo): number {
  return Math.min(positionOf(syntax, info), ...childrenOf(syntax).map((child) => startOf(child, info)));
}
