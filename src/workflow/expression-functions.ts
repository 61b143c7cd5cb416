import {
  type CelFunc,
  type CelList,
  CelScalar,
  type CelValue,
  celFunc,
  celList,
  celMethod,
  listType,
} from '@bufbuild/cel';
import { strings } from '@bufbuild/cel/ext';
import { linearRegExp } from '../contract/linear-regexp.ts';
import { limits } from '../limits.ts';
import { APPEND, meterFunctions } from './expression-meter.ts';

const { BOOL, DOUBLE, DYN, INT, STRING } = CelScalar;
const LIST = listType(DYN);

/**
 * What stands over the library's own functions. Numbers in JSON are doubles, so arithmetic of int and double is
 * defined and gives a double; a text that is no number is an error, not NaN or 0; and nothing takes more than linear
 * time, or more than limits.expressionTextCharsMax, of a stranger's text.
 */
export const functions: readonly CelFunc[] = [
  ...strings,
  ...meterFunctions,
  ...mixed('_+_', (a, b) => a + b),
  ...mixed('_-_', (a, b) => a - b),
  ...mixed('_*_', (a, b) => a * b),
  ...mixed('_/_', (a, b) => a / b),
  ...mixed('_%_', remainder),
  celFunc('_%_', [DOUBLE, DOUBLE], DOUBLE, remainder),
  celFunc('_+_', [STRING, STRING], STRING, (a, b) => bounded(a.length + b.length) && a + b),
  celFunc('_+_', [LIST, LIST], LIST, (a, b) => celList([...a, ...b])),
  celFunc(APPEND, [LIST, LIST], LIST, append),
  celFunc('double', [STRING], DOUBLE, (text) => {
    if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) throw noNumber(text, 'a number');
    return Number(text);
  }),
  celFunc('int', [STRING], INT, (text) => {
    if (!/^[+-]?\d{1,19}$/.test(text)) throw noNumber(text, 'a whole number');
    const value = BigInt(text.replace(/^\+/, ''));
    if (value !== BigInt.asIntN(64, value)) throw noNumber(text, 'a whole number of 64 bits');
    return value;
  }),
  celMethod('matches', STRING, [STRING], BOOL, function (pattern) {
    return linearRegExp(pattern).test(this);
  }),
  celFunc('matches', [STRING, STRING], BOOL, (text, pattern) => linearRegExp(pattern).test(text)),
  celMethod('replace', STRING, [STRING, STRING], STRING, function (from, to) {
    return replaced(this, from, to, Number.POSITIVE_INFINITY);
  }),
  celMethod('replace', STRING, [STRING, STRING, INT], STRING, function (from, to, most) {
    return replaced(this, from, to, most < 0n ? Number.POSITIVE_INFINITY : Number(most));
  }),
  celMethod('join', LIST, [], STRING, function () {
    return joined(this, '');
  }),
  celMethod('join', LIST, [STRING], STRING, function (separator) {
    return joined(this, separator);
  }),
];

function mixed(operator: string, apply: (a: number, b: number) => number): CelFunc[] {
  return [
    celFunc(operator, [DOUBLE, INT], DOUBLE, (a, b) => apply(a, Number(b))),
    celFunc(operator, [INT, DOUBLE], DOUBLE, (a, b) => apply(Number(a), b)),
  ];
}

function remainder(a: number, b: number): number {
  if (b === 0) throw new Error('division by zero');
  return a % b;
}

function noNumber(text: string, wanted: string): Error {
  const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  return new Error(`${JSON.stringify(shown)} is not ${wanted}`);
}

function bounded(chars: number): true {
  if (chars <= limits.expressionTextCharsMax) return true;
  throw new Error(
    `The text would be longer than ${limits.expressionTextCharsMax.toLocaleString('en')} characters`,
  );
}

/** Linear in text and result, where the library's own is quadratic. */
function replaced(text: string, from: string, to: string, most: number): string {
  const parts: string[] = [];
  let start = 0;
  let chars = 0;
  for (let count = 0; count < most; count += 1) {
    // An empty text is found before every character and at the end.
    const found = from === '' && count > 0 ? start + 1 : text.indexOf(from, start);
    if (found < 0 || found > text.length) break;
    parts.push(text.slice(start, found), to);
    chars += found - start + to.length;
    bounded(chars);
    start = found + from.length;
  }
  parts.push(text.slice(start));
  bounded(chars + text.length - start);
  return parts.join('');
}

function joined(list: CelList, separator: string): string {
  const parts: string[] = [];
  let chars = 0;
  for (const part of list) {
    if (typeof part !== 'string') throw new Error('join takes a list of texts');
    chars += part.length + separator.length;
    bounded(chars);
    parts.push(part);
  }
  return parts.join(separator);
}

/** The lists that a macro is making, with the arrays behind them. */
const growing = new WeakMap<CelList, CelValue[]>();

/**
 * `map` and `filter` append one element a turn to a list that nobody else can see yet, so it grows in place: the
 * library's own nests a list in a list for each, which takes a stack as deep as the list is long.
 */
function append(list: CelList, element: CelList): CelList {
  const array = growing.get(list);
  if (array !== undefined) {
    array.push(...element);
    return list;
  }
  const fresh = [...list, ...element];
  const made = celList(fresh);
  growing.set(made, fresh);
  return made;
}
