import { isDeepStrictEqual } from 'node:util';
import { embeddedSchema, pointerOf, resolvePointer } from '../../contract/pointer.ts';
import { isMapping } from '../place.ts';

/** A schema, and the document that its references are looked up in. */
export interface Located {
  readonly schema: unknown;
  readonly root: unknown;
}

/** What a value can be; a number is a whole one or a fraction. */
export type Kind = 'null' | 'boolean' | 'object' | 'array' | 'string' | 'integer' | 'fraction';

const allKinds: readonly Kind[] = ['null', 'boolean', 'object', 'array', 'string', 'integer', 'fraction'];

/** What one schema says of an object's members: a member that no name and no pattern takes is an additional one. */
export interface ObjectShape {
  readonly properties: ReadonlyMap<string, Located>;
  readonly patterns: ReadonlyMap<string, Located>;
  readonly additional: Located;
}

/** What one schema says of a list's elements: the first ones each, then all others. */
export interface ArrayShape {
  readonly prefix: readonly Located[];
  readonly rest: Located;
}

/** A value satisfies one of them (`anyOf`) or exactly one (`oneOf`). */
export interface Choice {
  readonly keyword: 'anyOf' | 'oneOf';
  readonly forms: readonly Located[];
  /** The list as it stands in its schema: the same choice is the same list. */
  readonly list: unknown;
}

/** What is not taken apart: `not`, `if`, what looks beyond its own schema, a reference that leads nowhere. */
export interface Opaque {
  readonly keyword: string;
  /** The schema that it stands in. */
  readonly within: Located;
}

export interface Contains {
  readonly schema: Located;
  readonly min: number;
  readonly max: number;
}

/** A bound of a number; an exclusive one is not reached. */
export interface Bound {
  readonly value: number;
  readonly exclusive: boolean;
}

/** Schemas that hold at once, by what each keyword asks for. */
export interface View {
  /** `false` is among them: nothing satisfies it. */
  never: boolean;
  kinds: Set<Kind>;
  /** The values of `enum` and `const`; null: it has neither. */
  values: readonly unknown[] | null;
  lower: Bound | null;
  upper: Bound | null;
  readonly multiples: number[];
  /** `minLength`, `maxItems`, …: the narrowest. */
  readonly counts: Map<string, number>;
  readonly patterns: Set<string>;
  readonly formats: Set<string>;
  unique: boolean;
  readonly required: Set<string>;
  readonly dependent: Map<string, Set<string>>;
  readonly objects: ObjectShape[];
  readonly arrays: ArrayShape[];
  readonly contains: Contains[];
  readonly names: Located[];
  readonly choices: Choice[];
  readonly opaque: Opaque[];
}

/** Reads schemas that hold at once, their `allOf` and references with them, but for the choices that are left out. */
export function viewOf(schemas: readonly Located[], without: ReadonlySet<unknown> = new Set()): View {
  const view = emptyView();
  const seen = new Set<unknown>();
  const waiting = [...schemas];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { schema, root } = next;
    if (schema === false) view.never = true;
    if (!isMapping(schema) || seen.has(schema)) continue;
    seen.add(schema);
    if (typeof schema.$ref === 'string') {
      const target = referred(root, schema.$ref);
      if (target === null) view.opaque.push({ keyword: '$ref', within: next });
      else waiting.push(target);
    }
    if (Array.isArray(schema.allOf)) waiting.push(...schema.allOf.map((part) => ({ schema: part, root })));
    readValues(view, schema);
    readNumbers(view, schema);
    readTexts(view, schema);
    readObject(view, schema, root);
    readArray(view, schema, root);
    readChoices(view, next, without);
  }
  if (view.values !== null) {
    view.values = view.values.filter((value) => view.kinds.has(kindOf(value)));
    view.kinds = new Set(view.values.map(kindOf));
  }
  if (view.kinds.size === 0) view.never = true;
  return view;
}

function emptyView(): View {
  return {
    never: false,
    kinds: new Set(allKinds),
    values: null,
    lower: null,
    upper: null,
    multiples: [],
    counts: new Map(),
    patterns: new Set(),
    formats: new Set(),
    unique: false,
    required: new Set(),
    dependent: new Map(),
    objects: [],
    arrays: [],
    contains: [],
    names: [],
    choices: [],
    opaque: [],
  };
}

/** What a reference within its document names; null where that is nothing. */
export function referred(root: unknown, reference: string): Located | null {
  const pointer = pointerOf(reference) ?? embeddedSchema(root, reference);
  const schema = pointer === null ? undefined : resolvePointer(root, pointer);
  return schema === undefined ? null : { schema, root };
}

type Schema = Readonly<Record<string, unknown>>;

function readValues(view: View, { type, enum: listed, const: only }: Schema): void {
  if (type !== undefined) {
    const named = new Set(
      [type].flat().flatMap((name) => (name === 'number' ? ['integer', 'fraction'] : [name])),
    );
    view.kinds = new Set([...view.kinds].filter((kind) => named.has(kind)));
  }
  for (const values of [listed, only === undefined ? undefined : [only]]) {
    if (!Array.isArray(values)) continue;
    view.values = view.values === null ? values : view.values.filter((value) => isOneOf(value, values));
  }
}

function readNumbers(view: View, schema: Schema): void {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  // In draft-04 `exclusiveMinimum` says how `minimum` is meant.
  const bounds = [
    [minimum, exclusiveMinimum === true, 1],
    [typeof exclusiveMinimum === 'number' ? exclusiveMinimum : undefined, true, 1],
    [maximum, exclusiveMaximum === true, -1],
    [typeof exclusiveMaximum === 'number' ? exclusiveMaximum : undefined, true, -1],
  ] as const;
  for (const [value, exclusive, direction] of bounds) {
    if (typeof value !== 'number') continue;
    const bound = { value, exclusive };
    if (direction === 1) view.lower = isNarrower(bound, view.lower, 1) ? bound : view.lower;
    else view.upper = isNarrower(bound, view.upper, -1) ? bound : view.upper;
  }
  if (typeof multipleOf === 'number') view.multiples.push(multipleOf);
}

/** Whether a bound shuts out what the other lets in. `direction`: 1 for lower bounds, -1 for upper ones. */
export function isNarrower(bound: Bound | null, than: Bound | null, direction: 1 | -1): boolean {
  if (bound === null) return false;
  if (than === null) return true;
  if (bound.value === than.value) return bound.exclusive && !than.exclusive;
  return (bound.value - than.value) * direction > 0;
}

const least = ['minLength', 'minItems', 'minProperties'];
const most = ['maxLength', 'maxItems', 'maxProperties'];

function readTexts(view: View, schema: Schema): void {
  for (const keyword of [...least, ...most]) {
    const value = schema[keyword];
    if (typeof value !== 'number') continue;
    const before = view.counts.get(keyword);
    const pick = least.includes(keyword) ? Math.max : Math.min;
    view.counts.set(keyword, before === undefined ? value : pick(before, value));
  }
  if (typeof schema.pattern === 'string') view.patterns.add(schema.pattern);
  if (typeof schema.format === 'string') view.formats.add(schema.format);
  if (schema.uniqueItems === true) view.unique = true;
}

function readObject(view: View, schema: Schema, root: unknown): void {
  const { required, properties, patternProperties, additionalProperties, propertyNames } = schema;
  if (Array.isArray(required)) for (const name of required) view.required.add(String(name));
  for (const dependent of [schema.dependentRequired, schema.dependencies]) {
    for (const [name, needs] of Object.entries(isMapping(dependent) ? dependent : {})) {
      if (!Array.isArray(needs)) view.opaque.push({ keyword: 'dependencies', within: { schema, root } });
      else view.dependent.set(name, new Set([...(view.dependent.get(name) ?? []), ...needs.map(String)]));
    }
  }
  if (propertyNames !== undefined) view.names.push({ schema: propertyNames, root });
  if ([properties, patternProperties, additionalProperties].every((each) => each === undefined)) return;
  view.objects.push({
    properties: located(properties, root),
    patterns: located(patternProperties, root),
    additional: { schema: additionalProperties ?? true, root },
  });
}

function located(schemas: unknown, root: unknown): Map<string, Located> {
  const entries = Object.entries(isMapping(schemas) ? schemas : {});
  return new Map(entries.map(([name, schema]) => [name, { schema, root }]));
}

function readArray(view: View, schema: Schema, root: unknown): void {
  const { items, prefixItems, additionalItems, contains, minContains, maxContains } = schema;
  // Before 2020-12 the first elements stood in `items` themselves.
  const prefix = Array.isArray(items) ? items : Array.isArray(prefixItems) ? prefixItems : [];
  const rest = Array.isArray(items) ? additionalItems : items;
  if (prefix.length > 0 || rest !== undefined) {
    view.arrays.push({
      prefix: prefix.map((each) => ({ schema: each, root })),
      rest: { schema: rest ?? true, root },
    });
  }
  if (contains === undefined) return;
  view.contains.push({
    schema: { schema: contains, root },
    min: typeof minContains === 'number' ? minContains : 1,
    max: typeof maxContains === 'number' ? maxContains : Number.POSITIVE_INFINITY,
  });
}

const opaqueKeywords = [
  'not',
  'if',
  'dependentSchemas',
  'unevaluatedProperties',
  'unevaluatedItems',
  '$dynamicRef',
  '$recursiveRef',
];

function readChoices(view: View, within: Located, without: ReadonlySet<unknown>): void {
  const { schema, root } = within as { schema: Schema; root: unknown };
  for (const keyword of ['anyOf', 'oneOf'] as const) {
    const list = schema[keyword];
    if (!Array.isArray(list) || without.has(list)) continue;
    view.choices.push({ keyword, list, forms: list.map((form) => ({ schema: form, root })) });
  }
  for (const keyword of opaqueKeywords) if (keyword in schema) view.opaque.push({ keyword, within });
}

function kindOf(value: unknown): Kind {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'fraction';
  return typeof value as Kind;
}

export function isOneOf(value: unknown, values: readonly unknown[]): boolean {
  return values.some((each) => isDeepStrictEqual(each, value));
}
