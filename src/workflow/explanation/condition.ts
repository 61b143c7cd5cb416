import { ExpressionSyntaxError, parsed } from '../expression-parse.ts';

/** How a condition is put together of smaller ones; `atom`: not at all. Parts are texts of the source, as written. */
export interface Condition {
  readonly how: 'all' | 'any' | 'not' | 'choice' | 'atom';
  /** Without the blanks and brackets around it. */
  readonly text: string;
  readonly parts: readonly string[];
}

/** Takes an expression that parses apart at its outermost `? :`, `||`, `&&` or `!`, the one that binds least. Pure. */
export function conditionOf(source: string): Condition {
  const apart = takenApart(unbracketed(source));
  // What this does not understand is shown whole.
  return apart.parts.every(isSound) ? apart : { how: 'atom', text: apart.text, parts: [] };
}

function isSound(part: string): boolean {
  try {
    parsed(part);
    return true;
  } catch (error) {
    if (error instanceof ExpressionSyntaxError) return false;
    throw error;
  }
}

function takenApart(text: string): Condition {
  const found = outermost(text);
  const [ask] = found.question;
  const [otherwise] = found.colon;
  if (ask !== undefined && otherwise !== undefined) {
    const parts = [text.slice(0, ask), text.slice(ask + 1, otherwise), text.slice(otherwise + 1)];
    return { how: 'choice', text, parts };
  }
  if (found.or.length > 0) return { how: 'any', text, parts: cutAt(text, found.or, 2) };
  if (found.and.length > 0) return { how: 'all', text, parts: cutAt(text, found.and, 2) };
  if (text.startsWith('!') && isNegation(text)) return { how: 'not', text, parts: [text.slice(1)] };
  return { how: 'atom', text, parts: [] };
}

/** `!a` and not `!a == b`, which compares. */
function isNegation(text: string): boolean {
  const { exprKind } = parsed(text).expression;
  return exprKind.case === 'callExpr' && exprKind.value.function === '!_';
}

function unbracketed(source: string): string {
  const text = source.trim();
  if (!text.startsWith('(')) return text;
  let depth = 0;
  for (const { at, sign } of signsOf(text)) {
    if (opening.has(sign)) depth += 1;
    if (closing.has(sign)) depth -= 1;
    if (depth === 0) return at === text.length - 1 ? unbracketed(text.slice(1, -1)) : text;
  }
  return text;
}

/** Where the signs stand that are in no bracket; of a `:`, the one that ends the first `?`. */
function outermost(text: string) {
  const found = { question: [] as number[], colon: [] as number[], or: [] as number[], and: [] as number[] };
  let depth = 0;
  let open = 0;
  for (const { at, sign } of signsOf(text)) {
    if (opening.has(sign)) depth += 1;
    else if (closing.has(sign)) depth -= 1;
    else if (depth > 0) continue;
    else if (sign === '?') {
      found.question.push(at);
      open += 1;
    } else if (sign === ':') {
      open -= 1;
      if (open === 0) found.colon.push(at);
    } else if (sign === '||') found.or.push(at);
    else if (sign === '&&') found.and.push(at);
  }
  return found;
}

const opening = new Set(['(', '[', '{']);
const closing = new Set([')', ']', '}']);
/** Texts (raw or not, of one or three quotes) and comments are passed over. */
const signs =
  /[rR]?[bB]?[rR]?(?:"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|\/\/[^\n]*|[()[\]{}?:]|\|\||&&/g;

function* signsOf(text: string): Generator<{ at: number; sign: string }> {
  for (const match of text.matchAll(signs)) yield { at: match.index, sign: match[0] };
}

function cutAt(text: string, places: readonly number[], width: number): string[] {
  const starts = [0, ...places.map((place) => place + width)];
  return starts.map((start, index) => text.slice(start, places[index] ?? text.length));
}
