import type { ParameterStyle } from '../contract/openapi-style.ts';
import { textOf, type WrittenPair, writtenHeader, writtenPairs, writtenSegment } from './written.ts';

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
      query.push(...pairs.map((pair) => queryPair(pair, style?.reserved === true)));
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
    const text = written === null ? null : written.prefix + written.parts.join(written.delimiter);
    // A dot segment, even when escaped, would name another resource than the template.
    if (written === null || text === null || /^\.{0,2}$/.test(text) || !text.isWellFormed()) {
      const given = text ?? textOf(parameter?.value ?? null);
      failure ??= `the argument ${name} of ${template} is ${given === null ? 'missing' : `"${given.toWellFormed()}"`}`;
      return '';
    }
    return written.prefix + written.parts.map(encodeURIComponent).join(written.delimiter);
  });
  return failure === null ? { ok: true, path } : problem(failure);
}

/** The pair as it stands in a query or a form: a delimiter of its style is not escaped, what it delimits is. */
export function queryPair({ name, parts, delimiter }: WrittenPair, reserved = false): string {
  const between =
    delimiter === ' ' ? '%20' : delimiter === '|' ? '%7C' : delimiter === '\t' ? '%09' : delimiter;
  return `${escaped(name)}=${parts.map((part) => (reserved ? unreserved(part) : escaped(part))).join(between)}`;
}

function escaped(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll('%20', '+');
}

/** What would end the value, or the query, is escaped all the same. */
function unreserved(text: string): string {
  return encodeURI(text.toWellFormed()).replaceAll(/[#&+]/g, encodeURIComponent);
}

function unwritable(name: string, style: ParameterStyle | undefined): string {
  return style === undefined
    ? `the argument ${name} is not text, a number or true or false`
    : `the argument ${name} cannot be written in the style ${style.style}`;
}

function problem(text: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem: text };
}
