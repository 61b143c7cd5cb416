import { patched } from './patch.ts';
import { escapeToken, resolvePointer, tokensOf } from './pointer.ts';

/** Mappings of a schema whose members are schemas. */
const named = new Set(['properties', 'patternProperties', 'dependentSchemas', '$defs', 'definitions']);

/**
 * A schema without the keyword in which something malformed stands at `path`; a member that is no schema at all
 * accepts anything. Null where nothing can be left out. Pure.
 */
export function withoutMalformed(
  schema: unknown,
  path: string,
): { readonly schema: unknown; readonly at: string } | null {
  const tokens = tokensOf(path);
  const pointer = (length: number) =>
    tokens
      .slice(0, length)
      .map((token) => `/${escapeToken(token)}`)
      .join('');
  let length = tokens.length;
  while (length > 0 && Array.isArray(resolvePointer(schema, pointer(length - 1)))) length -= 1;
  if (length === 0) return null;
  const at = pointer(length);
  const isMember = named.has(tokens[length - 2] ?? '') && !named.has(tokens[length - 3] ?? '');
  const step = isMember
    ? { op: 'replace' as const, path: at, value: true }
    : { op: 'remove' as const, path: at };
  return { schema: patched(schema, [step]), at };
}
