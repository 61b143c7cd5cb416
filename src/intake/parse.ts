import { limits } from '../limits.ts';
import { firstProblem } from './inspect.ts';
import { jsonProblem } from './media.ts';

/** A body's value, or why it has none: one sentence with the place and without the body's own values. */
export type ParsedBody = { readonly ok: true; readonly value: unknown } | Refused;

export interface Refused {
  readonly ok: false;
  readonly problem: string;
}

/** Reads a body that has to be JSON, as a destination's answer has. Never throws. */
export function parseBody(body: Uint8Array, contentType: string): ParsedBody {
  const media = jsonProblem(contentType);
  return media === null ? parseJson(body) : refused(media);
}

/**
 * Reads bytes as JSON with exactly one meaning: what PostgreSQL, RFC 8785 and every reader agree on. Never throws.
 *
 * Refused beside what is not JSON: invalid UTF-8, nesting over `limits.bodyDepthMax`, a key that stands twice,
 * `__proto__` keys, U+0000 and lone surrogates in texts, and numbers that a double cannot hold.
 * One byte order mark is skipped (RFC 8259, section 8.1).
 */
export function parseJson(body: Uint8Array): ParsedBody {
  const shape = scan(body);
  if (shape.depth > limits.bodyDepthMax) {
    return refused(
      `The body nests deeper than ${limits.bodyDepthMax} levels at byte ${shape.deepestAt + 1}.`,
    );
  }
  const text = decoded(body);
  if (text === null) return notUtf8(body);
  if (text.trim() === '') return refused('The body is empty.');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refused(firstProblem(text) ?? 'The body is not JSON.');
  }
  // The common case ends here. Only a value that differs from its text, or may, is read again to find the place.
  if (members(value) === shape.members) return { ok: true, value };
  const problem = firstProblem(text);
  return problem === null ? { ok: true, value } : refused(problem);
}

/** Reads bytes as UTF-8 text, less one byte order mark. Refuses U+0000, as in JSON. Never throws. */
export function parseText(body: Uint8Array): Refused | { readonly ok: true; readonly value: string } {
  const text = decoded(body);
  if (text === null) return notUtf8(body);
  return text.includes('\0')
    ? refused('The body holds the character U+0000, which cannot be kept.')
    : { ok: true, value: text };
}

function notUtf8(body: Uint8Array): Refused {
  return refused(`The body is not UTF-8 at byte ${firstInvalidByte(body) + 1}.`);
}

function refused(problem: string): Refused {
  return { ok: false, problem };
}

interface Shape {
  /** Deepest nesting; stops counting one above the limit. */
  readonly depth: number;
  readonly deepestAt: number;
  /** Colons outside strings: how many members the text has, with those that stand twice. */
  readonly members: number;
}

/** One pass over the bytes. What it says of a text that is not JSON is only bounded, not true. */
function scan(body: Uint8Array): Shape {
  let open = 0;
  let depth = 0;
  let deepestAt = 0;
  let members = 0;
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at];
    if (byte === quote) {
      at = endOfText(body, at);
    } else if (byte === colon) {
      members += 1;
    } else if (byte === openBrace || byte === openBracket) {
      open += 1;
      if (open > depth) {
        depth = open;
        deepestAt = at;
        if (depth > limits.bodyDepthMax) break;
      }
    } else if (byte === closeBrace || byte === closeBracket) {
      open -= 1;
    }
  }
  return { depth, deepestAt, members };
}

/** Where the text that begins at `start` has its closing quote, or the end of the body. */
function endOfText(body: Uint8Array, start: number): number {
  for (let at = start + 1; at < body.length; at += 1) {
    if (body[at] === quote) return at;
    if (body[at] === backslash) at += 1;
  }
  return body.length;
}

const quote = 0x22;
const colon = 0x3a;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** How many members a parsed value has; NaN where it holds something that needs a closer look. */
function members(value: unknown): number {
  if (typeof value === 'string') return clean(value) ? 0 : Number.NaN;
  if (typeof value === 'number') return Math.abs(value) <= Number.MAX_SAFE_INTEGER ? 0 : Number.NaN;
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const element of value) count += members(element);
    return count;
  }
  const object = value as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(object)) {
    if (key === '__proto__' || !clean(key)) return Number.NaN;
    count += 1 + members(object[key]);
  }
  return count;
}

function clean(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function decoded(body: Uint8Array): string | null {
  try {
    return utf8.decode(body);
  } catch {
    return null;
  }
}

/** A streaming decoder fails exactly when what it has seen holds an invalid byte, so halving finds the first. */
function firstInvalidByte(body: Uint8Array): number {
  let valid = 0;
  let invalid = body.length + 1;
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >> 1;
    if (decodesSoFar(body.subarray(0, middle))) valid = middle;
    else invalid = middle;
  }
  return valid;
}

function decodesSoFar(start: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(start, { stream: true });
    return true;
  } catch {
    return false;
  }
}
