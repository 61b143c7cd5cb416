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
  const compiled = RE2JS.compile(RE2JS.translateRegExp(withJavaScriptSpace(pattern)));
  const oldest = kept.size >= keptMax ? kept.keys().next().value : undefined;
  if (oldest !== undefined) kept.delete(oldest);
  kept.set(pattern, compiled);
  return compiled;
}

/** `\s` is every kind of space in JavaScript and only ASCII's in RE2. `\S` within a class has no RE2 form and stays. */
function withJavaScriptSpace(pattern: string): string {
  const space = '\\t\\n\\v\\f\\r \\x{a0}\\x{feff}\\x{2028}\\x{2029}\\p{Zs}';
  let inClass = false;
  return pattern.replaceAll(/\\[\s\S]|\[|\]/g, (part) => {
    if (part === '[') inClass = true;
    if (part === ']') inClass = false;
    if (part === '\\s') return inClass ? space : `[${space}]`;
    return part === '\\S' && !inClass ? `[^${space}]` : part;
  });
}
