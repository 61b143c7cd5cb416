import { resolveReference } from '../contract/pointer.ts';

/** The type of an expression. Every number in JSON is a `double`. `never` is the element of an empty list. */
export type ExpressionType =
  | { readonly kind: Scalar | 'dyn' | 'never' }
  | { readonly kind: 'nullable'; readonly of: ExpressionType }
  | { readonly kind: 'list'; readonly of: ExpressionType }
  | { readonly kind: 'map'; readonly key: ExpressionType; readonly value: ExpressionType }
  | ObjectType;

/** An object with declared properties; they are looked at when they are read, so that a schema may be recursive. */
interface ObjectType {
  readonly kind: 'object';
  readonly names: () => readonly string[];
  /** Null where the schema has no such property. */
  readonly field: (name: string) => ExpressionType | null;
}

const scalars = [
  'bool',
  'int',
  'uint',
  'double',
  'string',
  'bytes',
  'null',
  'timestamp',
  'duration',
  'type',
] as const;
type Scalar = (typeof scalars)[number];

export const dyn: ExpressionType = { kind: 'dyn' };

/** As people read it: `string`, `list(double)`, `object`. What may be null is `dyn`, as only its value can tell. */
export function typeName(type: ExpressionType): string {
  switch (type.kind) {
    case 'list':
      return `list(${typeName(type.of)})`;
    case 'map':
      return `map(${typeName(type.key)}, ${typeName(type.value)})`;
    case 'nullable':
    case 'never':
      return 'dyn';
    default:
      return type.kind;
  }
}

/** The type without null. */
export function bare(type: ExpressionType): ExpressionType {
  return type.kind === 'nullable' ? type.of : type;
}

/** The type of a value that is one of these; `dyn` where they have nothing in common. */
export function joined(types: readonly ExpressionType[]): ExpressionType {
  const known = types.filter((type) => type.kind !== 'never');
  const plain = known.filter((type) => type.kind !== 'null').map(bare);
  const [first, ...rest] = plain;
  if (first === undefined) return known[0] ?? { kind: 'never' };
  const type = rest.reduce(joinedPair, first);
  const nullable = known.some((each) => each.kind === 'null' || each.kind === 'nullable');
  return nullable && type.kind !== 'dyn' ? { kind: 'nullable', of: type } : type;
}

function joinedPair(a: ExpressionType, b: ExpressionType): ExpressionType {
  if (a === b) return a;
  if (a.kind === 'list' && b.kind === 'list') return { kind: 'list', of: joined([a.of, b.of]) };
  if (a.kind === 'map' && b.kind === 'map') {
    return { kind: 'map', key: joined([a.key, b.key]), value: joined([a.value, b.value]) };
  }
  if (a.kind === 'object' && b.kind === 'object') {
    return {
      kind: 'object',
      names: () => [...new Set([...a.names(), ...b.names()])],
      field: (name) => {
        const fields = [a.field(name), b.field(name)].filter((field) => field !== null);
        return fields.length === 0 ? null : joined(fields);
      },
    };
  }
  return a.kind === b.kind ? a : dyn;
}

type Schema = Readonly<Record<string, unknown>>;

/** References and combinations are followed this deep; beyond it anything goes. */
const depthMax = 24;

/** The type of what a JSON Schema admits; `$ref`s are resolved within `root`. Approximate towards `dyn`. */
export function typeOfSchema(schema: unknown, root: unknown = schema, depth = 0): ExpressionType {
  const parts = partsOf(schema, root, depth);
  if (parts.length === 0 || depth > depthMax) return dyn;
  const alternatives = parts
    .flatMap((part) => [part.anyOf, part.oneOf])
    .filter((list) => Array.isArray(list))
    .map((list: unknown[]) => joined(list.map((each) => typeOfSchema(each, root, depth + 1))));
  const { names, nullable } = jsonTypes(parts);
  const type = typeOfName(names, { parts, alternatives, root, depth });
  return nullable && type.kind !== 'dyn' ? { kind: 'nullable', of: type } : type;
}

interface Context {
  readonly parts: readonly Schema[];
  readonly alternatives: readonly ExpressionType[];
  readonly root: unknown;
  readonly depth: number;
}

function typeOfName(names: ReadonlySet<string> | null, context: Context): ExpressionType {
  const { parts, alternatives, root, depth } = context;
  if (names === null) return alternatives[0] ?? dyn;
  if (names.size === 0) return { kind: 'null' };
  if (names.size > 1) return dyn;
  switch ([...names][0]) {
    case 'string':
      return { kind: 'string' };
    case 'number':
      return { kind: 'double' };
    case 'boolean':
      return { kind: 'bool' };
    case 'array': {
      const tuple = parts.some((part) => Array.isArray(part.items) || 'prefixItems' in part);
      const items = parts.map((part) => part.items).filter((each) => each !== undefined);
      return {
        kind: 'list',
        of: tuple || items.length === 0 ? dyn : typeOfSchema({ allOf: items }, root, depth + 1),
      };
    }
    case 'object':
      return objectType(context);
    default:
      return dyn;
  }
}

function objectType({ parts, alternatives, root, depth }: Context): ExpressionType {
  const objects = alternatives.map(bare).filter((each) => each.kind === 'object');
  const declared = new Set(parts.flatMap((part) => Object.keys(membersOf(part.properties))));
  const others = parts.map((part) => part.additionalProperties).filter((each) => isSchema(each));
  const patterned = parts.some((part) => Object.keys(membersOf(part.patternProperties)).length > 0);
  if (declared.size === 0 && objects.length === 0) {
    const value = patterned || others.length === 0 ? dyn : typeOfSchema({ allOf: others }, root, depth + 1);
    return { kind: 'map', key: { kind: 'string' }, value };
  }
  const names = () => [...new Set([...declared, ...objects.flatMap((each) => each.names())])];
  const field = (name: string): ExpressionType | null => {
    const schemas = parts
      .map((part) => membersOf(part.properties))
      .filter((properties) => Object.hasOwn(properties, name))
      .map((properties) => properties[name]);
    // A fresh depth: fields are looked at one by one, as far as an expression reaches.
    if (schemas.length > 0) return typeOfSchema(schemas.length === 1 ? schemas[0] : { allOf: schemas }, root);
    const found = objects.map((each) => each.field(name)).filter((each) => each !== null);
    if (found.length > 0) return joined(found);
    if (patterned) return dyn;
    return others.length > 0 ? typeOfSchema({ allOf: others }, root) : null;
  };
  return { kind: 'object', names, field };
}

/** The schema and all that it includes without condition, and what a condition may add. */
function partsOf(schema: unknown, root: unknown, depth: number): Schema[] {
  if (!isSchema(schema) || depth > depthMax) return [];
  const parts: Schema[] = [schema];
  const include = (each: unknown) => parts.push(...partsOf(each, root, depth + 1));
  if (typeof schema.$ref === 'string') include(resolveReference(root, schema.$ref));
  if (Array.isArray(schema.allOf)) schema.allOf.forEach(include);
  for (const each of [schema.then, schema.else, ...Object.values(membersOf(schema.dependentSchemas))]) {
    for (const { properties } of partsOf(each, root, depth + 1))
      if (isSchema(properties)) parts.push({ properties });
  }
  return parts;
}

/** Names of JSON types; null where the schema admits any, or leaves it to `anyOf` and `oneOf`. */
function jsonTypes(parts: readonly Schema[]): { names: ReadonlySet<string> | null; nullable: boolean } {
  const declared = parts.map(declaredTypes).filter((names) => names !== null);
  const [first, ...rest] = declared;
  if (first === undefined) return { names: impliedTypes(parts), nullable: false };
  const names = new Set([...first].filter((name) => rest.every((each) => each.has(name))));
  const nullable = names.has('null') || parts.some((part) => part.nullable === true);
  return {
    names: new Set([...names].filter((name) => name !== 'null')),
    nullable: nullable && names.size > 0,
  };
}

function declaredTypes(part: Schema): Set<string> | null {
  if ('type' in part) {
    const types = [part.type].flat().map(String);
    return new Set(types.map((name) => (name === 'integer' ? 'number' : name)));
  }
  const values = 'const' in part ? [part.const] : part.enum;
  if (!Array.isArray(values)) return null;
  return new Set(
    values.map((value) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value)),
  );
}

function impliedTypes(parts: readonly Schema[]): ReadonlySet<string> | null {
  const has = (...keywords: string[]) => parts.some((part) => keywords.some((keyword) => keyword in part));
  if (has('properties', 'required', 'patternProperties')) return new Set(['object']);
  return has('items', 'prefixItems') ? new Set(['array']) : null;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function membersOf(value: unknown): Schema {
  return isSchema(value) ? value : {};
}
