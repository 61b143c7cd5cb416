import fc from 'fast-check';
import { resolveReference } from '../../contract/pointer.ts';
import { limits } from '../../limits.ts';
import { isMapping } from '../place.ts';
import { type Literals, textOf } from './arbitrary-text.ts';
import { branchesOf, listOf, mappingOf, merged, type Schema } from './schema-forms.ts';

type Arbitrary = fc.Arbitrary<unknown>;

/**
 * Values that a JSON Schema allows, as fast-check makes and shrinks them. What a schema says by `not`, `contains`,
 * `dependentSchemas` and the like is not built in: the contract itself has the last word, and what it refuses is skipped.
 * Nesting is bounded by limits.generatedDepthMax, beyond which only what is required is made.
 */
export function valuesOf(schema: unknown, literals: Literals): Arbitrary {
  const known = new Map<unknown, Map<number, Arbitrary>>();
  /** One arbitrary for a schema and a depth: a schema that is referred to a hundred times is built once. */
  const of = (part: unknown, depth: number): Arbitrary => {
    const byDepth = known.get(part) ?? new Map<number, Arbitrary>();
    known.set(part, byDepth);
    const made = byDepth.get(depth) ?? build(part, { root: schema, depth, literals, of });
    byDepth.set(depth, made);
    return made;
  };
  return of(schema, 0);
}

interface At {
  readonly root: unknown;
  readonly depth: number;
  readonly literals: Literals;
  of(part: unknown, depth: number): Arbitrary;
}

/** Only what is required from here on; a schema that demands endless nesting ends in null, which it refuses. */
const barelyDepth = limits.generatedDepthMax;
const endDepth = 2 * limits.generatedDepthMax + 10;

function build(part: unknown, at: At): Arbitrary {
  if (part === true || part === undefined) return anything;
  if (!isMapping(part) || at.depth > endDepth) return fc.constant(null);
  if (typeof part.$ref === 'string') {
    const { $ref, ...beside } = part;
    const target = resolveReference(at.root, $ref);
    if (!isMapping(target)) return target === true ? anything : fc.constant(null);
    const plain = Object.keys(beside).every((key) => annotations.has(key));
    return at.of(plain ? target : merged(target, beside, at.root), at.depth + 1);
  }
  const forms = branchesOf(part, at.root);
  if (forms !== null) return choice(forms.map((form) => at.of(form, at.depth + 1)));
  if (Array.isArray(part.enum))
    return part.enum.length === 0 ? fc.constant(null) : fc.constantFrom(...part.enum);
  if (part.const !== undefined) return fc.constant(part.const);
  return choice(typesOf(part).map((type) => ofType(type, part, at)));
}

const annotations = new Set([
  '$defs',
  'definitions',
  'title',
  'description',
  'examples',
  'example',
  'default',
]);

const scalar = fc.oneof(fc.boolean(), fc.integer(), fc.string({ maxLength: 20 }), fc.constant(null));
const anything: Arbitrary = fc.oneof(
  scalar,
  fc.array(scalar, { maxLength: 3 }),
  fc.dictionary(fc.string({ minLength: 1, maxLength: 10 }), scalar, { maxKeys: 3 }),
);

/** The first is the simplest: shrinking goes there. */
function choice(arbitraries: readonly Arbitrary[]): Arbitrary {
  const [first, ...rest] = arbitraries;
  if (first === undefined) return fc.constant(null);
  return rest.length === 0 ? first : fc.oneof({ withCrossShrink: true }, first, ...rest);
}

const kinds: readonly (readonly [type: string, keywords: readonly string[]])[] = [
  ['object', ['properties', 'required', 'additionalProperties', 'patternProperties', 'minProperties']],
  ['array', ['items', 'prefixItems', 'minItems', 'maxItems', 'uniqueItems']],
  ['string', ['pattern', 'format', 'minLength', 'maxLength']],
  ['number', ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf']],
];

function typesOf(part: Schema): readonly unknown[] {
  if (part.type !== undefined) return [part.type].flat();
  // Without a type its keywords tell which was meant.
  const meant = kinds
    .filter(([, keywords]) => keywords.some((keyword) => keyword in part))
    .map(([type]) => type);
  return meant.length === 0 ? ['any'] : meant;
}

function ofType(type: unknown, part: Schema, at: At): Arbitrary {
  switch (type) {
    case 'object':
      return objectOf(part, at);
    case 'array':
      return arrayOf(part, at);
    case 'string':
      return textOf(part, at.literals);
    case 'integer':
      return numberOf(part, at.literals, true);
    case 'number':
      return numberOf(part, at.literals, false);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return anything;
  }
}

function objectOf(part: Schema, at: At): Arbitrary {
  const properties = mappingOf(part.properties);
  const required = listOf(part.required).map(String);
  const named = at.depth < barelyDepth ? [...new Set([...Object.keys(properties), ...required])] : required;
  const below = (schema: unknown) => at.of(schema ?? true, at.depth + 1);
  const record = fc.record(
    Object.fromEntries(named.map((name) => [name, below(properties[name] ?? patternOf(part, name))])),
    { requiredKeys: required, noNullPrototype: true },
  );
  const { additionalProperties, minProperties = 0 } = part;
  const fewest = Math.max(0, Number(minProperties) - required.length);
  const open = isMapping(additionalProperties) || (named.length === 0 && additionalProperties !== false);
  if (!open || (at.depth >= barelyDepth && fewest === 0)) return record;
  const key = fc
    .string({ minLength: 1, maxLength: 12 })
    .filter((name) => !named.includes(name) && name !== '__proto__');
  const others = fc.dictionary(key, below(additionalProperties), {
    minKeys: fewest,
    maxKeys: fewest + 3,
    noNullPrototype: true,
  });
  return fc.tuple(record, others).map(([known, more]) => ({ ...more, ...(known as object) }));
}

/** What `patternProperties` says of a name that is required but not declared. */
function patternOf({ patternProperties, additionalProperties }: Schema, name: string): unknown {
  for (const [pattern, schema] of Object.entries(mappingOf(patternProperties))) {
    if (matches(pattern, name)) return schema;
  }
  return additionalProperties;
}

function matches(pattern: string, name: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(name);
  } catch {
    return false;
  }
}

function arrayOf(part: Schema, at: At): Arbitrary {
  const { prefixItems, items, minItems = 0, maxItems, uniqueItems } = part;
  // Before 2020-12 a list of items is what prefixItems is now.
  const first = Array.isArray(prefixItems) ? prefixItems : Array.isArray(items) ? items : [];
  const rest = Array.isArray(items) ? part.additionalItems : items;
  const below = (schema: unknown) => at.of(schema ?? true, at.depth + 1);
  const fewest = Math.max(0, Number(minItems) - first.length);
  const most = Math.max(fewest, Math.min(fewest + 4, Number(maxItems ?? fewest + 4) - first.length));
  const bounds = { minLength: fewest, maxLength: at.depth < barelyDepth ? most : fewest };
  const more = rest === false ? fc.constant([]) : fc.array(below(rest), bounds);
  const whole = fc.tuple(fc.tuple(...first.map(below)), more).map(([head, tail]) => [...head, ...tail]);
  return uniqueItems === true ? whole.map(distinct) : whole;
}

/** There may be fewer different ones than the schema asks for: then it refuses the list, and nothing waits for more. */
function distinct(elements: readonly unknown[]): unknown[] {
  return [...new Map(elements.map((each) => [JSON.stringify(each), each])).values()];
}

const widest = Number.MAX_VALUE;
const formatBounds: Readonly<Record<string, readonly [min: number, max: number]>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  float: [-1e30, 1e30],
};

function numberOf(part: Schema, literals: Literals, whole: boolean): Arbitrary {
  const step = typeof part.multipleOf === 'number' ? part.multipleOf : null;
  const integer = whole || (step !== null && Number.isInteger(step));
  const [min, max] = boundsOf(part, integer ? 1 : 1e-6);
  if (min > max) return fc.constant(null);
  const scale = step === null || step <= 0 ? 1 : step;
  const first = Math.max(Number.MIN_SAFE_INTEGER, Math.ceil(min / scale));
  const last = Math.min(Number.MAX_SAFE_INTEGER, Math.floor(max / scale));
  const plain: Arbitrary[] =
    first > last ? [] : [fc.integer({ min: first, max: last }).map((count) => timesOf(count, scale))];
  const near = literals.numbers
    .flatMap((each) => [each, each - 1, each + 1])
    .filter((each) => each >= min && each <= max && (!integer || Number.isInteger(each)));
  if (!integer && step === null) plain.push(fc.double({ min, max, noNaN: true }));
  return choice(near.length === 0 ? plain : [...plain, fc.constantFrom(...near)]);
}

/** As it is written in decimals: 3 times 0.1 is 0.3. */
function timesOf(count: number, step: number): number {
  return Number.isInteger(step) ? count * step : Number((count * step).toPrecision(15));
}

function boundsOf(part: Schema, gap: number): [min: number, max: number] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, format } = part;
  const [lowest, highest] = formatBounds[String(format)] ?? [-widest, widest];
  // Draft-04 writes the exclusive bounds as true beside the others.
  const lower = [
    typeof minimum === 'number' ? minimum + (exclusiveMinimum === true ? gap : 0) : lowest,
    typeof exclusiveMinimum === 'number' ? exclusiveMinimum + gap : lowest,
  ];
  const upper = [
    typeof maximum === 'number' ? maximum - (exclusiveMaximum === true ? gap : 0) : highest,
    typeof exclusiveMaximum === 'number' ? exclusiveMaximum - gap : highest,
  ];
  return [Math.max(...lower), Math.min(...upper)];
}
