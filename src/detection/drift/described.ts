import { resolveReference } from '../../contract/pointer.ts';
import type { Change } from './changes.ts';
import { stepsOf } from './path.ts';

/**
 * Whether a contract speaks of what a change is about: the field, or at the field that type or format. What it speaks of
 * is no surprise. `schema`: a contract's own, with its references within.
 */
export function isDescribed(
  schema: unknown,
  { path, change, what }: Pick<Change, 'path' | 'change' | 'what'>,
): boolean {
  let parts = partsOf(schema, schema, 0);
  for (const step of stepsOf(path)) parts = parts.flatMap((part) => stepInto(part, step, schema));
  if (change === 'appeared' || change === 'vanished') return parts.length > 0;
  if (change === 'format') return parts.some((part) => part.format === what);
  const types = parts.flatMap((part) => [part.type].flat()).filter((type) => type !== undefined);
  return types.includes(what) || (what === 'number' && types.includes('integer'));
}

type Schema = Readonly<Record<string, unknown>>;

/** References and combinations are followed this deep. */
const depthMax = 16;

/** A schema with all that it refers to, combines or may become. */
function partsOf(schema: unknown, root: unknown, depth: number): Schema[] {
  if (!isSchema(schema) || depth > depthMax) return [];
  const { $ref, allOf, anyOf, oneOf, then, else: otherwise } = schema;
  const others = [allOf, anyOf, oneOf].flatMap((list) => (Array.isArray(list) ? list : []));
  const referred = typeof $ref === 'string' ? [resolveReference(root, $ref)] : [];
  const more = [...others, ...referred, then, otherwise];
  return [schema, ...more.flatMap((each) => partsOf(each, root, depth + 1))];
}

function stepInto(part: Schema, step: string | null, root: unknown): Schema[] {
  if (step === null) return partsOf(part.items, root, 0);
  const { properties } = part;
  const named = isSchema(properties) && Object.hasOwn(properties, step) ? properties[step] : undefined;
  // `true` says nothing of a field but that it may be there; it is spoken of all the same.
  if (named === true) return [{}];
  return partsOf(named ?? part.additionalProperties, root, 0);
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
