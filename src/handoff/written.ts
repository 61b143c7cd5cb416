import type { ParameterStyle } from '../contract/openapi-style.ts';

/**
 * Values as text, in the ways of OpenAPI. Pure. Null: the value cannot be written so (an object where one text belongs,
 * a list in a list). Parts are not yet escaped; a delimiter between them stays as it is.
 */

/** Name and the parts of a value, which the delimiter joins. */
export interface WrittenPair {
  readonly name: string;
  readonly parts: readonly string[];
  readonly delimiter: string;
}

const delimiters = {
  spaceDelimited: ' ',
  pipeDelimited: '|',
  tabDelimited: '\t',
} as const;

/** The pairs of a query or a form. Without a style one value is one text, and a list is repeated. */
export function writtenPairs(
  name: string,
  value: unknown,
  style?: ParameterStyle,
): readonly WrittenPair[] | null {
  if (value === null || value === undefined) return [];
  switch (style?.style) {
    case 'json':
      return [pair(name, [JSON.stringify(value)])];
    case 'deepObject':
      return bracketed(name, value);
    case 'spaceDelimited':
    case 'pipeDelimited':
    case 'tabDelimited':
      return Array.isArray(value) && !style.explode
        ? joined(name, value, delimiters[style.style])
        : repeated(name, value);
  }
  if (style === undefined || style.explode) {
    if (isObject(value) && style !== undefined) return pairsOf(Object.entries(value));
    return repeated(name, value);
  }
  return joined(name, isObject(value) ? Object.entries(value).flat() : [value].flat(), ',');
}

/** `a[b][0]=…`: what OpenAPI calls a deep object, as deep as it goes and with lists by index. */
export function bracketed(name: string, value: unknown): readonly WrittenPair[] | null {
  if (value === null || value === undefined) return [];
  const text = textOf(value);
  if (text !== null) return [pair(name, [text])];
  if (typeof value !== 'object') return null;
  const parts = Object.entries(value).map(([key, part]) => bracketed(`${name}[${key}]`, part));
  return allOf(parts);
}

/** A path argument: what stands before it, and its parts, each a value or a name and its value. */
export interface WrittenSegment {
  readonly prefix: string;
  readonly parts: readonly (readonly string[])[];
  readonly delimiter: string;
}

/** A path argument before what it holds is escaped. */
export function writtenSegment(name: string, value: unknown, style?: ParameterStyle): WrittenSegment | null {
  const { style: kind = 'simple', explode = false } = style ?? {};
  const isList = Array.isArray(value);
  if (style === undefined || !(isList || isObject(value))) {
    const text = textOf(value);
    if (text === null) return null;
    return {
      prefix: kind === 'label' ? '.' : kind === 'matrix' ? `;${name}=` : '',
      parts: [[text]],
      delimiter: '',
    };
  }
  if (kind === 'json') return { prefix: '', parts: [[JSON.stringify(value)]], delimiter: '' };
  const named = isList ? value.map((each) => [name, each]) : Object.entries(value as object);
  const bare = (isList ? value : named.flat()).map((each) => [each]);
  // A list has its name with each value only where each stands by itself.
  const parts = (explode && (!isList || kind === 'matrix') ? named : bare).map(textsOf);
  if (!parts.every((part) => part !== null) || parts.length === 0) return null;
  if (kind === 'label') return { prefix: '.', parts, delimiter: explode ? '.' : ',' };
  if (kind !== 'matrix') return { prefix: '', parts, delimiter: delimiterOf(kind) };
  return explode ? { prefix: ';', parts, delimiter: ';' } : { prefix: `;${name}=`, parts, delimiter: ',' };
}

/** The text of a segment, each of its texts made by `encode`. */
export function segmentText(
  { prefix, parts, delimiter }: WrittenSegment,
  encode: (text: string) => string = (text) => text,
): string {
  return prefix + parts.map((part) => part.map(encode).join('=')).join(delimiter);
}

/** The text of a header. */
export function writtenHeader(value: unknown, style?: ParameterStyle): string | null {
  if (style?.style === 'json') return JSON.stringify(value);
  const segment = writtenSegment('', value, style && { ...style, style: 'simple' });
  return segment === null ? null : segmentText(segment);
}

export function textOf(value: unknown): string | null {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? `${value}`
    : null;
}

function delimiterOf(kind: ParameterStyle['style']): string {
  return kind in delimiters ? delimiters[kind as keyof typeof delimiters] : ',';
}

function repeated(name: string, value: unknown): readonly WrittenPair[] | null {
  return allOf([value].flat().map((each) => single(name, each)));
}

function pairsOf(entries: readonly (readonly [string, unknown])[]): readonly WrittenPair[] | null {
  return allOf(
    entries.map(([name, each]) => (Array.isArray(each) ? repeated(name, each) : single(name, each))),
  );
}

function single(name: string, value: unknown): readonly WrittenPair[] | null {
  if (value === null) return [];
  const text = textOf(value);
  return text === null ? null : [pair(name, [text])];
}

function joined(name: string, values: readonly unknown[], delimiter: string): readonly WrittenPair[] | null {
  const parts = textsOf(values);
  if (parts === null) return null;
  return parts.length === 0 ? [] : [{ name, parts, delimiter }];
}

function pair(name: string, parts: readonly string[]): WrittenPair {
  return { name, parts, delimiter: '' };
}

function textsOf(values: readonly unknown[]): readonly string[] | null {
  const texts = values.map(textOf);
  return texts.every((text) => text !== null) ? texts : null;
}

function allOf(parts: readonly (readonly WrittenPair[] | null)[]): readonly WrittenPair[] | null {
  return parts.every((part) => part !== null) ? parts.flat() : null;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
