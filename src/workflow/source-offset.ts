import { Scalar } from 'yaml';

/**
 * Where character `offset` of a text value stands in the file: the inverse of YAML's quoting, escaping, and folding.
 * It aligns value and source from the left, so that a place in folded white space may be off by some spaces;
 * any other character is exact.
 */
export function sourceOffset(scalar: Scalar, text: string, offset: number): number {
  const [start, end] = scalar.range ?? [0, 0];
  const value = String(scalar.value);
  let at = contentStart(scalar, text, start);
  for (let index = 0; index < value.length && at < end; index += 1) {
    at = skip(scalar, text, at, value.charAt(index), end);
    if (index === offset) return at;
    const width = widthOf(scalar, text, at);
    at += width;
    // `\U0001F600` is one escape and two units of the value.
    if (width === 10 && (value.codePointAt(index) ?? 0) > 0xffff) index += 1;
  }
  return Math.min(at, Math.max(start, end - 1));
}

function contentStart(scalar: Scalar, text: string, start: number): number {
  if (scalar.type === 'QUOTE_SINGLE' || scalar.type === 'QUOTE_DOUBLE') return start + 1;
  if (scalar.type === Scalar.BLOCK_LITERAL || scalar.type === Scalar.BLOCK_FOLDED) {
    const lineEnd = text.indexOf('\n', start);
    return lineEnd === -1 ? start : lineEnd + 1;
  }
  return start;
}

/** Passes white space of the source that the value does not have: indentation, folded and escaped line ends. */
function skip(scalar: Scalar, text: string, from: number, wanted: string, end: number): number {
  let at = from;
  while (at < end) {
    const [escapedLineEnd] =
      scalar.type === 'QUOTE_DOUBLE' ? (/^\\\r?\n/.exec(text.slice(at, at + 3)) ?? []) : [];
    const here = text.charAt(at);
    if (escapedLineEnd !== undefined) at += escapedLineEnd.length;
    else if (here === wanted || !/\s/.test(here) || (wanted === ' ' && /[\r\n]/.test(here))) return at;
    else at += 1;
  }
  return at;
}

/** How many characters of the source stand for the one of the value that begins here. */
function widthOf(scalar: Scalar, text: string, at: number): number {
  const here = text.charAt(at);
  if (scalar.type === 'QUOTE_SINGLE' && here === "'") return 2;
  if (scalar.type !== 'QUOTE_DOUBLE' || here !== '\\') return 1;
  const kind = text.charAt(at + 1);
  return kind === 'x' ? 4 : kind === 'u' ? 6 : kind === 'U' ? 10 : 2;
}
