import { resolveReference } from '../contract/pointer.ts';
import { isMapping } from './place.ts';

/** What a schema says of one value in it, as far as it is certain. */
export interface SaidOf {
  readonly type: 'string' | 'number' | 'other' | null;
  readonly formats: readonly string[];
}

const depthMax = 24;

/** What a schema says of what stands at a path; whole numbers are numbers, and null beside another type is left aside. Pure. */
export function saidAt(schema: unknown, path: readonly string[]): SaidOf {
  let parts = partsOf(schema, schema, 0);
  for (const segment of path) {
    const inside = parts.flatMap((part) => membersOf(part, segment));
    parts = inside.flatMap((each) => partsOf(each, schema, 0));
  }
  const types = new Set(parts.flatMap(({ type }) => (type === undefined ? [] : [type].flat().map(String))));
  types.delete('null');
  if (types.delete('integer')) types.add('number');
  const [only] = types;
  const type = types.size !== 1 ? null : only === 'string' || only === 'number' ? only : 'other';
  return { type, formats: parts.flatMap(({ format }) => (typeof format === 'string' ? [format] : [])) };
}

/** The one format that is said of a text; null where there is none, or another too. Pure. */
export function formatAt({ type, formats }: SaidOf): string | null {
  const [format, ...others] = new Set(formats);
  return type === 'string' && format !== undefined && others.length === 0 ? format : null;
}

type Schema = Readonly<Record<string, unknown>>;

function membersOf(part: Schema, segment: string): unknown[] {
  if (isMapping(part.properties) && Object.hasOwn(part.properties, segment))
    return [part.properties[segment]];
  if (segment === '*' || /^\d+$/.test(segment)) return Array.isArray(part.items) ? [] : [part.items];
  return [];
}

/** The schema with all that it includes, alternatives too: they say what may stand there. */
function partsOf(schema: unknown, root: unknown, depth: number): Schema[] {
  if (!isMapping(schema) || depth > depthMax) return [];
  const included = [
    ...(typeof schema.$ref === 'string' ? [resolveReference(root, schema.$ref)] : []),
    ...[schema.allOf, schema.anyOf, schema.oneOf].flatMap((list) => (Array.isArray(list) ? list : [])),
  ];
  return [schema, ...included.flatMap((each) => partsOf(each, root, depth + 1))];
}
