/** One evaluated argument of a request. */
export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly value: unknown;
}

export type FilledRequest =
  | { readonly ok: true; readonly path: string; readonly headers: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly problem: string };

/**
 * Puts arguments where they belong: into the braces of `/projects/{id}` (escaped, never a dot segment), behind `?`
 * (null left out, a list repeated), into headers (no control characters). Pure.
 */
export function fillRequest(template: string, parameters: readonly Parameter[]): FilledRequest {
  const query = new URLSearchParams();
  const headers: Record<string, string> = {};
  for (const { name, in: place, value } of parameters) {
    const values = place === 'query' && Array.isArray(value) ? value : [value];
    for (const each of values) {
      if (each === null && place !== 'path') continue;
      const text = textOf(each);
      if (text === null) return problem(`the argument ${name} is not text, a number or true or false`);
      if (place === 'query') query.append(name, text);
      if (place === 'header') {
        if (!/^[\t\x20-\x7e]*$/.test(text))
          return problem(`the header ${name} would hold control or non-ASCII characters`);
        headers[name.toLowerCase()] = text;
      }
    }
  }
  const filled = fillPath(template, parameters);
  if (!filled.ok) return filled;
  const search = query.size === 0 ? '' : `${template.includes('?') ? '&' : '?'}${query}`;
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
    const text = parameter === undefined ? null : textOf(parameter.value);
    // A dot segment, even when escaped, would name another resource than the template.
    if (text === null || text === '' || text === '.' || text === '..' || !text.isWellFormed()) {
      failure ??= `the argument ${name} of ${template} is ${text === null ? 'missing' : `"${text.toWellFormed()}"`}`;
      return '';
    }
    return encodeURIComponent(text);
  });
  return failure === null ? { ok: true, path } : problem(failure);
}

function problem(text: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem: text };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? `${value}`
    : null;
}
