import { childrenOf, type Syntax } from '../expression-parse.ts';
import type { Program } from './case.ts';

/** A stretch of an expression's source, in UTF-16 units. */
export interface Spot {
  readonly offset: number;
  readonly length: number;
}

/** Where a part of an expression is written, from its first character to its last. */
export function spotOf({ source, info }: Program, syntax: Syntax): Spot {
  const positions: Readonly<Record<string, number>> = info.positions;
  const at = (part: Syntax) => positions[String(part.id)] ?? 0;
  const startOf = (part: Syntax): number => Math.min(at(part), ...childrenOf(part).map(startOf));
  const endOf = (part: Syntax): number =>
    Math.max(ownEnd(source, part, at(part)), ...childrenOf(part).map(endOf));
  const { start, end } = balanced(source, startOf(syntax), Math.min(endOf(syntax), source.length));
  return { offset: start, length: Math.max(1, end - start) };
}

/** Where the sign of a part ends, which stands at `at`: a name, a literal, a bracket with what is in it. */
function ownEnd(source: string, { exprKind }: Syntax, at: number): number {
  switch (exprKind.case) {
    case 'identExpr':
      return exprKind.value.name.startsWith('@') ? at : at + exprKind.value.name.length;
    case 'constExpr':
      return at + (literalAt.exec(source.slice(at))?.[0].length ?? 1);
    case 'selectExpr':
      return exprKind.value.testOnly ? closing(source, at) : nameEnd(source, at, exprKind.value.field);
    case 'callExpr':
      return /^[@_!-]/.test(exprKind.value.function) && exprKind.value.function !== '_[_]'
        ? at
        : closing(source, at);
    default:
      return closing(source, at);
  }
}

const literalAt = /^-?(?:[rRbB]{0,2}(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|[\w.]+(?:[eE][+-]?\d+)?)/;

/** The position of an access is its dot. */
function nameEnd(source: string, at: number, name: string): number {
  const found = source.indexOf(name, at);
  return found === -1 ? at : found + name.length;
}

const opening: Readonly<Record<string, number>> = { '(': 1, '[': 1, '{': 1, ')': -1, ']': -1, '}': -1 };

/** The end of the first bracket that opens at or after a place. */
function closing(source: string, at: number): number {
  let depth = 0;
  for (const { index, sign } of brackets(source, at)) {
    depth += opening[sign] ?? 0;
    if (depth <= 0) return index + 1;
  }
  return at;
}

/** Widened so that every bracket in it has its other. */
function balanced(source: string, from: number, to: number): { start: number; end: number } {
  let depth = 0;
  let missing = 0;
  for (const { sign } of brackets(source.slice(0, to), from)) {
    depth += opening[sign] ?? 0;
    missing = Math.min(missing, depth);
  }
  let start = from;
  for (let left = -missing; left > 0 && start > 0; left -= 1)
    start = Math.max(0, source.lastIndexOf('(', start - 1));
  let end = to;
  for (const { index, sign } of brackets(source, to)) {
    if (depth - missing <= 0) break;
    depth += opening[sign] ?? 0;
    end = index + 1;
  }
  return { start, end };
}

/** Brackets from a place on, outside of texts. */
function* brackets(source: string, from: number): Generator<{ index: number; sign: string }> {
  const pattern = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[()[\]{}]/g;
  pattern.lastIndex = from;
  for (let match = pattern.exec(source); match !== null; match = pattern.exec(source)) {
    if (match[0].length === 1) yield { index: match.index, sign: match[0] };
  }
}
