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

/** What a `$ref` names within its document (`#`, `#/pointer`, `#anchor`, an `$id`); undefined where nothing stands there. */
export function resolveReference(document: unknown, reference: string): unknown {
  const pointer = pointerOf(reference) ?? embeddedSchema(document, reference);
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

/**
 * The pointer of what a `$ref` names by `$anchor` (`#name`) or by `$id` (`address.json`, `https://…/lead.json#/$defs/a`);
 * null where there is none. Addresses count as the document's own `$id` has them.
 */
export function embeddedSchema(document: unknown, reference: string): string | null {
  if (typeof document !== 'object' || document === null) return null;
  const names = ownNames.get(document) ?? namesIn(document);
  ownNames.set(document, names);
  const [resource = '', fragment = ''] = reference.split('#', 2);
  const known = names.get(reference) ?? names.get(absolute(reference, document));
  if (known !== undefined || resource === '') return known ?? null;
  const place = names.get(resource) ?? names.get(absolute(resource, document));
  const inside = fragment === '' ? '' : pointerOf(`#${fragment}`);
  return place === undefined || inside === null ? null : place + inside;
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
    const ids = [$id, id].filter((each) => typeof each === 'string');
    for (const name of [
      `#${$anchor}`,
      `#${$dynamicAnchor}`,
      ...ids,
      ...ids.map((each) => absolute(each, document)),
    ])
      if (!names.has(name)) names.set(name, pointer);
    for (const [token, part] of Object.entries(value))
      waiting.push([`${pointer}/${escapeToken(token)}`, part]);
  }
  return names;
}

/** An address as the document's own has it, without an empty fragment; what is none stays as it is. */
function absolute(reference: string, document: object): string {
  const { $id, id } = document as Readonly<Record<string, unknown>>;
  const base = [$id, id].find((each) => typeof each === 'string' && URL.canParse(each));
  const address = reference.replace(/#$/, '');
  if (reference.startsWith('#') || !URL.canParse(address, base as string | undefined)) return address;
  return new URL(address, base as string | undefined).href;
}
