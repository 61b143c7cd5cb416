import { quoted } from './media.ts';

/**
 * Finds the first thing that keeps a JSON text from having exactly one meaning, as one sentence with its place:
 * a line and column for what is not JSON, a JSON pointer for the rest. Null where there is nothing.
 * The slow half of `parseBody`, for texts whose nesting has been bounded before. Names keys, never values.
 */
export function firstProblem(text: string): string | null {
  const reader: Reader = { text, at: 0, path: [], problem: null };
  if (readValue(reader)) {
    skipSpace(reader);
    if (reader.at < text.length) expected(reader, 'the end');
  }
  return reader.problem;
}

/** Readers below return whether to go on; what stopped them is in `problem`. */
interface Reader {
  readonly text: string;
  at: number;
  /** Where the value being read stands: keys and indexes from the top. */
  readonly path: (string | number)[];
  problem: string | null;
}

function readValue(reader: Reader): boolean {
  skipSpace(reader);
  switch (reader.text[reader.at]) {
    case '{':
      return readObject(reader);
    case '[':
      return readArray(reader);
    case '"': {
      const text = readText(reader);
      const trouble = text === null ? null : textTrouble(text);
      return trouble === null ? text !== null : stop(reader, `The text ${at(reader)} ${trouble}.`);
    }
    default:
      return readScalar(reader);
  }
}

function readObject(reader: Reader): boolean {
  reader.at += 1;
  if (takes(reader, '}')) return true;
  const keys = new Set<string>();
  do {
    skipSpace(reader);
    if (reader.text[reader.at] !== '"') return expected(reader, 'a key in double quotes');
    const key = readText(reader);
    if (key === null || !soundKey(reader, key, keys)) return false;
    if (!takes(reader, ':')) return expected(reader, 'a colon');
    keys.add(key);
    reader.path.push(key);
    if (!readValue(reader)) return false;
    reader.path.pop();
  } while (takes(reader, ','));
  return takes(reader, '}') || expected(reader, 'a comma or }');
}

function readArray(reader: Reader): boolean {
  reader.at += 1;
  if (takes(reader, ']')) return true;
  let index = 0;
  do {
    reader.path.push(index);
    if (!readValue(reader)) return false;
    reader.path.pop();
    index += 1;
  } while (takes(reader, ','));
  return takes(reader, ']') || expected(reader, 'a comma or ]');
}

/** Reads from one double quote to the next; null where that is not JSON. */
function readText(reader: Reader): string | null {
  const start = reader.at;
  let escapes = false;
  reader.at += 1;
  for (;;) {
    const code = reader.text.charCodeAt(reader.at);
    if (code === 0x22) break;
    // Not a number: the text ended.
    if (Number.isNaN(code)) return expected(reader, 'a closing double quote') || null;
    if (code < 0x20) return expected(reader, 'an escape such as \\n') || null;
    if (code === 0x5c) {
      escapes = true;
      if (!takesPattern(reader, escaped)) return expected(reader, 'a valid escape') || null;
    } else {
      reader.at += 1;
    }
  }
  reader.at += 1;
  const literal = reader.text.slice(start, reader.at);
  return escapes ? JSON.parse(literal) : literal.slice(1, -1);
}

function readScalar(reader: Reader): boolean {
  if (takesPattern(reader, word)) return true;
  const start = reader.at;
  if (!takesPattern(reader, number)) return expected(reader, 'a value');
  const literal = reader.text.slice(start, reader.at);
  const value = Number(literal);
  if (!Number.isFinite(value)) {
    return stop(
      reader,
      `The number ${at(reader)} is larger than JSON readers can hold; send it as a string.`,
    );
  }
  // Only what is written as an integer claims to be exact: an identifier, say. 1e300 is a measure.
  if (integer.test(literal) && !Number.isSafeInteger(value) && BigInt(literal) !== BigInt(value)) {
    return stop(
      reader,
      `The integer ${at(reader)} is beyond 2^53 and would lose digits as a JSON number; send it as a string.`,
    );
  }
  return true;
}

const space = /[ \t\n\r]*/y;
const escaped = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const word = /true|false|null/y;
const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const integer = /^-?[0-9]+$/;

function soundKey(reader: Reader, key: string, before: ReadonlySet<string>): boolean {
  if (key === '__proto__') {
    return stop(
      reader,
      `The key "__proto__" stands ${inside(reader)}; programs may take it for something else.`,
    );
  }
  const trouble = textTrouble(key);
  if (trouble !== null) return stop(reader, `The key ${quoted(key)} ${inside(reader)} ${trouble}.`);
  if (!before.has(key)) return true;
  return stop(
    reader,
    `The key ${quoted(key)} stands twice ${inside(reader)}; which one is meant is unclear.`,
  );
}

function textTrouble(text: string): string | null {
  if (text.includes('\0')) return 'holds the character U+0000, which cannot be kept';
  return text.isWellFormed() ? null : 'holds half of a surrogate pair, which is no character';
}

/** `at /contact/0` or `at the top`. */
function at(reader: Reader): string {
  return reader.path.length === 0 ? 'at the top' : `at ${pointer(reader)}`;
}

/** `in /contact` or `at the top level`. */
function inside(reader: Reader): string {
  return reader.path.length === 0 ? 'at the top level' : `in ${pointer(reader)}`;
}

/** RFC 6901, with what is not printable escaped and long ones cut. */
function pointer(reader: Reader): string {
  const path = reader.path
    .map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
  return quoted(path).slice(1, -1);
}

function skipSpace(reader: Reader): void {
  takesPattern(reader, space);
}

function takes(reader: Reader, character: string): boolean {
  skipSpace(reader);
  if (reader.text[reader.at] !== character) return false;
  reader.at += 1;
  return true;
}

function takesPattern(reader: Reader, sticky: RegExp): boolean {
  sticky.lastIndex = reader.at;
  if (!sticky.test(reader.text)) return false;
  reader.at = sticky.lastIndex;
  return true;
}

function expected(reader: Reader, what: string): false {
  const before = reader.text.slice(0, reader.at).split('\n');
  const place = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
  const character = reader.text.codePointAt(reader.at);
  const found = character === undefined ? 'the end' : quoted(String.fromCodePoint(character));
  return stop(reader, `The body is not JSON at ${place}: ${what} is expected there, not ${found}.`);
}

function stop(reader: Reader, problem: string): false {
  reader.problem = problem;
  return false;
}
