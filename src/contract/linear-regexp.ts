import { RE2JS } from 're2js';

/** A regular expression that takes time in proportion to the text, whatever the text. */
export interface LinearRegExp {
  test(text: string): boolean;
}

/** Patterns may come from a payload: what is kept of them is bounded. */
const kept = new Map<string, LinearRegExp>();
const keptMax = 500;
const patternCharsMax = 2_000;

/**
 * Compiles a pattern with RE2's algorithm (no look-around, no back-references) in JavaScript's syntax.
 * At most 2,000 characters. Throws Error where the pattern is invalid or needs what RE2 leaves out.
 */
export function linearRegExp(pattern: string): LinearRegExp {
  const known = kept.get(pattern);
  if (known !== undefined) return known;
  if (pattern.length > patternCharsMax)
    throw new Error(`A pattern is longer than ${patternCharsMax} characters`);
  const compiled = RE2JS.compile(RE2JS.translateRegExp(inJavaScriptSense(pattern)));
  const oldest = kept.size >= keptMax ? kept.keys().next().value : undefined;
  if (oldest !== undefined) kept.delete(oldest);
  kept.set(pattern, compiled);
  return compiled;
}

/** What JavaScript counts as a space, and the end of a line, as parts of a class; and all that is no space. */
const space = '\\t\\n\\v\\f\\r \\x{a0}\\x{feff}\\x{2028}\\x{2029}\\p{Zs}';
const lineEnd = '\\n\\r\\x{2028}\\x{2029}';
const noSpace = [
  ['\\x{0}-\\x{8}', '\\x{e}-\\x{1f}', '\\x{21}-\\x{9f}', '\\x{a1}-\\x{167f}', '\\x{1681}-\\x{1fff}'],
  ['\\x{200b}-\\x{2027}', '\\x{202a}-\\x{202e}', '\\x{2030}-\\x{205e}', '\\x{2060}-\\x{2fff}'],
  ['\\x{3001}-\\x{fefe}', '\\x{ff00}-\\x{10ffff}'],
]
  .flat()
  .join('');

/** `\s` and `.` know ASCII alone in RE2, and a character beyond 16 bits may be written as its two halves. */
function inJavaScriptSense(pattern: string): string {
  const parts = /\\u([dD][89abAB][\da-fA-F]{2})\\u([dD][c-fC-F][\da-fA-F]{2})|\\[\s\S]|[[\].]/g;
  let inClass = false;
  return pattern.replaceAll(parts, (part, high?: string, low?: string) => {
    if (high !== undefined && low !== undefined) {
      const halves = String.fromCharCode(Number.parseInt(high, 16), Number.parseInt(low, 16));
      return `\\x{${halves.codePointAt(0)?.toString(16)}}`;
    }
    if (part === '.') return inClass ? part : `[^${lineEnd}]`;
    if (part === '[') inClass = true;
    if (part === ']') inClass = false;
    if (part === '\\s') return inClass ? space : `[${space}]`;
    if (part === '\\S') return inClass ? noSpace : `[^${space}]`;
    return part;
  });
}
