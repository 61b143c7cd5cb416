/** What a JSON pointer (RFC 6901; `` is the whole) names; undefined where nothing stands there. Own members only. */
export function resolvePointer(document: unknown, pointer: string): unknown {
  if (pointer === '') return document;
  if (!pointer.startsWith('/')) return undefined;
  let value = document;
  for (const token of tokensOf(pointer)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, token)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[token];
  }
  return value;
}

/** What a local `$ref` (`#`, `#/pointer`, `#anchor`) names within its document; undefined where nothing stands there. */
export function resolveReference(document: unknown, reference: string): unknown {
  const pointer = pointerOf(reference);
  return pointer === null ? undefined : resolvePointer(document, pointer);
}

/** The JSON pointer of a local `$ref`; null where it is remote, an anchor, or badly escaped. */
export function pointerOf(reference: string): string | null {
  if (reference !== '#' && !reference.startsWith('#/')) return null;
  try {
    return decodeURIComponent(reference.slice(1));
  } catch {
    return null;
  }
}

/** The names and indexes that a JSON pointer goes through. */
export function tokensOf(pointer: string): string[] {
  return pointer === '' ? [] : pointer.slice(1).split('/').map(unescapeToken);
}

export function escapeToken(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1');
}

function unescapeToken(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** The pointer of the schema that calls itself so, by `$anchor` (`#name`) or by `$id`; null where there is none. */
export function embeddedSchema(document: unknown, reference: string): string | null {
  if (typeof document !== 'object' || document === null) return null;
  const names = ownNames.get(document) ?? namesIn(document);
  ownNames.set(document, names);
  return names.get(reference) ?? null;
}

/** A document is searched once, however many references ask. */
const ownNames = new WeakMap<object, ReadonlyMap<string, string>>();

function namesIn(document: object): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const waiting: [string, unknown][] = [['', document]];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [pointer, value] = next;
    if (typeof value !== 'object' || value === null) continue;
    const { $anchor, $dynamicAnchor, $id, id } = value as Readonly<Record<string, unknown>>;
    const own = [`#${$anchor}`, `#${$dynamicAnchor}`, $id, id].filter((each) => typeof each === 'string');
    for (const name of own) if (!names.has(name)) names.set(name, pointer);
    for (const [token, part] of Object.entries(value))
      waiting.push([`${pointer}/${escapeToken(token)}`, part]);
  }
  return names;
}
