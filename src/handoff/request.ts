import type { ParameterStyle } from '../contract/openapi-style.ts';
import { percentEncoded } from '../platform/percent.ts';
import {
  segmentText,
  textOf,
  type WrittenPair,
  writtenHeader,
  writtenPairs,
  writtenSegment,
} from './written.ts';

/** One evaluated argument of a request. */
export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly value: unknown;
  /** How it is written; absent: one value is one text, a list in a query is repeated. */
  readonly style?: ParameterStyle;
}

export type FilledRequest =
  | { readonly ok: true; readonly path: string; readonly headers: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly problem: string };

/**
 * Puts arguments where they belong: into the braces of `/projects/{id}` (escaped, never a dot segment), behind `?`
 * (null left out), into headers (no control characters), each in its style. Pure.
 */
export function fillRequest(template: string, parameters: readonly Parameter[]): FilledRequest {
  const query: string[] = [];
  const headers: Record<string, string> = {};
  for (const { name, in: place, value, style } of parameters) {
    if (value === null || place === 'path') continue;
    if (place === 'query') {
      const pairs = writtenPairs(name, value, style);
      if (pairs === null) return problem(unwritable(name, style));
      query.push(...pairs.map((pair) => encodedPair(pair, style?.reserved === true ? 'reserved' : 'query')));
      continue;
    }
    const text = writtenHeader(value, style);
    if (text === null) return problem(unwritable(name, style));
    if (!/^[\t\x20-\x7e]*$/.test(text))
      return problem(`the header ${name} would hold control or non-ASCII characters`);
    headers[name.toLowerCase()] = text;
  }
  const filled = fillPath(template, parameters);
  if (!filled.ok) return filled;
  const search = query.length === 0 ? '' : `${template.includes('?') ? '&' : '?'}${query.join('&')}`;
  return { ok: true, path: filled.path + search, headers };
}

/** Fills the braces of a path template with its `path` arguments, escaped. Pure. */
export function fillPath(
  template: string,
  parameters: readonly Parameter[],
): { readonly ok: true; readonly path: string } | { readonly ok: false; readonly problem: string } {
  let failure: string | null = null;
  const path = template.replaceAll(/\{([^{}]+)\}/g, (_, name: string) => {
    const parameter = parameters.find((each) => each.in === 'path' && each.name === name);
    const written = parameter === undefined ? null : writtenSegment(name, parameter.value, parameter.style);
    const text = written === null ? null : segmentText(written);
    // A dot segment, even when escaped, would name another resource than the template.
    if (written === null || text === null || /^\.{0,2}$/.test(text) || !text.isWellFormed()) {
      const given = text ?? textOf(parameter?.value ?? null);
      failure ??= `the argument ${name} of ${template} is ${given === null ? 'missing' : `"${given.toWellFormed()}"`}`;
      return '';
    }
    return segmentText(written, percentEncoded);
  });
  return failure === null ? { ok: true, path } : problem(failure);
}

/** How the texts of a pair are escaped: as a query has them, as one that lets reserved characters stand, or as a form. */
const escapes = {
  query: percentEncoded,
  // What would end the value, or the query, is escaped all the same.
  reserved: (text: string) => encodeURI(text.toWellFormed()).replaceAll(/[#&+]/g, encodeURIComponent),
  form: (text: string) => percentEncoded(text).replaceAll('%20', '+'),
};

/** The pair as it stands in a query or a form: a delimiter of its style is not escaped, what it delimits is. */
export function encodedPair({ name, parts, delimiter }: WrittenPair, way: keyof typeof escapes): string {
  const between =
    delimiter === ' ' ? '%20' : delimiter === '|' ? '%7C' : delimiter === '\t' ? '%09' : delimiter;
  const escapedName = escapes[way === 'form' ? 'form' : 'query'](name);
  return `${escapedName}=${parts.map(escapes[way]).join(between)}`;
}

function unwritable(name: string, style: ParameterStyle | undefined): string {
  return style === undefined
    ? `the argument ${name} is not text, a number or true or false`
    : `the argument ${name} cannot be written in the style ${style.style}`;
}

function problem(text: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem: text };
}
