/** A piece of a template: fixed text, or a part of the request that stands in its place. */
export type TemplatePart =
  | { readonly text: string }
  | {
      readonly name: VariableName;
      /** What follows the colon; `` where nothing does. */
      readonly of: string;
      /** Written with `?`: where it is absent it counts as empty, and nothing is refused. */
      readonly optional: boolean;
    };

/** What can stand in braces. `one`: needs what follows a colon; `none`: takes nothing; `both`: either. */
const variables = {
  body: 'none',
  body_sha256: 'none',
  body_crc32: 'none',
  method: 'none',
  url: 'none',
  url_decoded: 'none',
  path: 'none',
  target: 'none',
  query: 'both',
  sorted_query: 'none',
  header: 'one',
  signed_headers: 'none',
  signed_fields: 'none',
  element: 'one',
  field: 'one',
  form: 'both',
  timestamp: 'none',
  id: 'none',
  secret: 'none',
  signature: 'none',
} as const;

export type VariableName = keyof typeof variables;

/**
 * Reads a template: `{timestamp}.{body}`, `{header:x-id}`, `{field?:/a/b}`; `{{` and `}}` are braces themselves.
 * `problem` is one sentence for who wrote it.
 */
export function parseTemplate(
  text: string,
): { readonly parts: readonly TemplatePart[] } | { readonly problem: string } {
  const parts: TemplatePart[] = [];
  for (const [whole, braces, name = '', mark, of = ''] of text.matchAll(piece)) {
    if (braces !== undefined) parts.push({ text: braces.slice(0, 1) });
    else if (name === '' && !/[{}]/.test(whole)) parts.push({ text: whole });
    else if (!Object.hasOwn(variables, name)) return { problem: unknownPiece(whole) };
    else {
      const takes = variables[name as VariableName];
      if (takes === 'one' && of === '') return { problem: `\`${whole}\` must say which: \`{${name}:…}\`` };
      if (takes === 'none' && of !== '') return { problem: `\`{${name}}\` takes nothing after a colon` };
      parts.push({ name: name as VariableName, of: ofPart(name, of), optional: mark === '?' });
    }
  }
  return { parts };
}

/** The parts of a template that has been checked; without any where it cannot be read. */
export function templateParts(text: string): readonly TemplatePart[] {
  const parsed = parseTemplate(text);
  return 'parts' in parsed ? parsed.parts : [];
}

export function hasVariable(parts: readonly TemplatePart[], ...names: readonly VariableName[]): boolean {
  return parts.some((part) => 'name' in part && names.includes(part.name));
}

const piece = /(\{\{|\}\})|\{([a-z0-9_]+)(\?)?(?::([^{}]+))?\}|[^{}]+|[{}]/g;

/** Header names have no case. */
function ofPart(name: string, of: string): string {
  return name === 'header' ? of.toLowerCase() : of;
}

function unknownPiece(whole: string): string {
  return whole.length === 1
    ? `a single \`${whole}\` means nothing here: write \`${whole}${whole}\` for the character itself`
    : `\`${whole}\` is nothing that can be signed: there are ${Object.keys(variables).join(', ')}`;
}
