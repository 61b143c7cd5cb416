import { isObject } from './subschemas.ts';

/** Data in a schema, not schemas. */
const data = new Set(['enum', 'const', 'default', 'example', 'examples']);

/**
 * A schema whose `$dynamicRef`s are `$ref`s, where nothing else could be meant: each name is that of one anchor. Ajv
 * follows a dynamic one only to what it is evaluating, and lets everything pass where it is elsewhere. The same object
 * where there is none, or a name is that of several. Pure.
 */
export function withStaticReferences(schema: unknown): unknown {
  const anchors = new Map<unknown, number>();
  let references = 0;
  everySchema(schema, ({ $dynamicAnchor, $dynamicRef }) => {
    if (typeof $dynamicRef === 'string') references += 1;
    if (typeof $dynamicAnchor === 'string')
      anchors.set($dynamicAnchor, (anchors.get($dynamicAnchor) ?? 0) + 1);
  });
  if (references === 0 || [...anchors.values()].some((count) => count > 1)) return schema;
  return made(schema);
}

function everySchema(part: unknown, see: (schema: Readonly<Record<string, unknown>>) => void): void {
  const waiting = [part];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (Array.isArray(next)) waiting.push(...next);
    if (!isObject(next)) continue;
    see(next);
    waiting.push(...Object.entries(next).flatMap(([name, each]) => (data.has(name) ? [] : [each])));
  }
}

function made(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(made);
  if (!isObject(part)) return part;
  const { $dynamicRef, ...rest } = part;
  const isReference = typeof $dynamicRef === 'string' && !Object.hasOwn(part, '$ref');
  const members = Object.entries(isReference ? rest : part).map(([name, each]): [string, unknown] => [
    name,
    data.has(name) ? each : made(each),
  ]);
  return Object.fromEntries(isReference ? [['$ref', $dynamicRef], ...members] : members);
}
