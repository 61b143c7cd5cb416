import { linearRegExp } from './linear-regexp.ts';
import { resolveReference } from './pointer.ts';

export type Members = Readonly<Record<string, unknown>>;

/** A `$ref` may lead to another, and a schema be made of others, so deep. */
const depthMax = 20;

/** The schema objects that judge one and the same value: itself, what it refers to, and what it is made of. Pure. */
export function judging(root: unknown, schema: unknown): readonly Members[] {
  const found = new Set<Members>();
  const collect = (part: unknown, depth: number): void => {
    if (!isObject(part) || found.has(part) || depth > depthMax) return;
    found.add(part);
    const { $ref, $dynamicRef, $recursiveRef, allOf, anyOf, oneOf } = part;
    const { if: condition, then, else: otherwise, dependentSchemas, dependencies } = part;
    for (const ref of [$ref, $dynamicRef, $recursiveRef]) {
      if (typeof ref === 'string') collect(resolveReference(root, ref), depth + 1);
    }
    for (const each of [allOf, anyOf, oneOf].filter(Array.isArray).flat()) collect(each, depth + 1);
    for (const each of [condition, then, otherwise]) collect(each, depth + 1);
    for (const each of [dependentSchemas, dependencies].filter(isObject).flatMap(Object.values))
      collect(each, depth + 1);
  };
  collect(schema, 0);
  return [...found];
}

/** The schemas that a schema object itself has for the member or element of that name. Pure. */
export function memberSchemas(schema: Members, token: string): unknown[] {
  const { properties, patternProperties, additionalProperties, unevaluatedProperties } = schema;
  const { items, prefixItems, additionalItems, contains } = schema;
  const own = isObject(properties) && Object.hasOwn(properties, token) ? [properties[token]] : [];
  const patterns = Object.entries(isObject(patternProperties) ? patternProperties : {})
    .filter(([pattern]) => mayMatch(pattern, token))
    .map(([, part]) => part);
  const anyMember = own.length > 0 ? [] : [additionalProperties, unevaluatedProperties];
  const elements = [items, prefixItems].flatMap((each) => (Array.isArray(each) ? each : [each]));
  return [
    ...own,
    ...patterns,
    ...anyMember,
    ...(/^\d+$/.test(token) ? [...elements, additionalItems, contains] : []),
  ];
}

/** A pattern that takes more than linear time is not tried. */
function mayMatch(pattern: string, name: string): boolean {
  try {
    return linearRegExp(pattern).test(name);
  } catch {
    return true;
  }
}

export function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
