import { tokensOf } from '../contract/pointer.ts';
import { parseSourceFile } from './source-file.ts';

/** A stretch of a line; lines and columns count from 1. */
interface DocumentPlace {
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

/** Where the value at a JSON pointer stands in the text of a JSON or YAML file, or the nearest that encloses it. Pure. */
export function placeInDocument(path: string, text: string, pointer: string): DocumentPlace {
  const tokens = tokensOf(pointer);
  if (/\.ya?ml$/.test(path)) {
    const file = parseSourceFile(path, text);
    const { start, end } = file.valueSpan(tokens);
    return { ...file.position(start), length: Math.max(1, end - start) };
  }
  const start = offsetInJson(text, tokens);
  const before = text.slice(0, start);
  const [value = ''] = text.slice(start, endOfValue(text, start)).split(/[\r\n]/);
  return {
    line: before.split('\n').length,
    column: start - before.lastIndexOf('\n'),
    length: Math.max(1, value.trimEnd().length),
  };
}

/** The offset of the value, found by going over the text once: a document may have megabytes. The text is valid JSON. */
function offsetInJson(text: string, tokens: readonly string[]): number {
  let at = skipSpace(text, 0);
  for (const token of tokens) {
    const inner = text[at] === '{' ? memberAt(text, at, token) : elementAt(text, at, token);
    if (inner === null) return at;
    at = inner;
  }
  return at;
}

function memberAt(text: string, start: number, name: string): number | null {
  let at = skipSpace(text, start + 1);
  while (text[at] === '"') {
    const end = endOfString(text, at);
    const key: unknown = JSON.parse(text.slice(at, end));
    const value = skipSpace(text, skipSpace(text, end) + 1);
    if (key === name) return value;
    at = nextElement(text, value);
  }
  return null;
}

function elementAt(text: string, start: number, token: string): number | null {
  if (text[start] !== '[') return null;
  let at = skipSpace(text, start + 1);
  for (let index = 0; text[at] !== ']' && at < text.length; index += 1) {
    if (String(index) === token) return at;
    at = nextElement(text, at);
  }
  return null;
}

/** Past a value and the comma behind it. */
function nextElement(text: string, value: number): number {
  const end = skipSpace(text, endOfValue(text, value));
  return text[end] === ',' ? skipSpace(text, end + 1) : end;
}

function endOfValue(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const char = text[at];
    if (char === '"') at = endOfString(text, at) - 1;
    else if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') depth -= 1;
    if (depth < 0 || (depth === 0 && char === ',')) return at;
    if (depth === 0 && (char === '}' || char === ']' || char === '"')) return at + 1;
  }
  return text.length;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (/\s/.test(text[at] ?? '')) at += 1;
  return at;
}
