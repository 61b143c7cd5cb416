import { limits } from '../limits.ts';
import type { FieldShape, ListShape, NumberShape, ObjectShape, Shape, TextShape, Variants } from './shape.ts';

/** The shape of both lots of payloads. Commutative and associative. */
export function merge(a: Shape, b: Shape): Shape {
  return shapes(a, b, across);
}

/** The shape of two parts of one payload: elements of a list. */
export function mergeWithin(a: Shape, b: Shape): Shape {
  return shapes(a, b, within);
}

/** How counts come together: of what is so once in a payload, and of what is so everywhere in it. */
interface Counting {
  readonly once: (a: number, b: number) => number;
  readonly everywhere: (a: number, b: number) => number;
}

const across: Counting = { once: (a, b) => a + b, everywhere: (a, b) => a + b };
const within: Counting = { once: Math.max, everywhere: Math.min };

function shapes(a: Shape, b: Shape, by: Counting): Shape {
  return {
    samples: by.once(a.samples, b.samples),
    types: counts(a.types, b.types, by.once),
    text: either(a.text, b.text, (x, y) => texts(x, y, by)),
    number: either(a.number, b.number, (x, y) => numbers(x, y, by)),
    list: either(a.list, b.list, (x, y) => lists(x, y, by)),
    object: either(a.object, b.object, (x, y) => objects(x, y, by)),
  };
}

function texts(a: TextShape, b: TextShape, by: Counting): TextShape {
  return {
    shortest: Math.min(a.shortest, b.shortest),
    longest: Math.max(a.longest, b.longest),
    formats: counts(a.formats, b.formats, by.everywhere),
    values: boundedMap(a.values, b.values, by.once, limits.shapeValuesMax),
    prefix: commonStart(a.prefix, b.prefix),
  };
}

function numbers(a: NumberShape, b: NumberShape, by: Counting): NumberShape {
  return {
    whole: by.everywhere(a.whole, b.whole),
    least: both(a.least, b.least, Math.min),
    most: both(a.most, b.most, Math.max),
  };
}

function lists(a: ListShape, b: ListShape, by: Counting): ListShape {
  const opaque = a.opaque || b.opaque;
  return {
    shortest: Math.min(a.shortest, b.shortest),
    longest: Math.max(a.longest, b.longest),
    of: opaque ? null : either(a.of, b.of, (x, y) => shapes(x, y, by)),
    opaque,
  };
}

function objects(a: ObjectShape, b: ObjectShape, by: Counting): ObjectShape {
  const samples = by.once(a.samples, b.samples);
  if (a.opaque || b.opaque) return { ...opaqueObject, samples };
  const named = both(a.fields, b.fields, (x, y) => unionOfFields(x, y, by));
  const fits = named !== null && named.size <= limits.shapeKeysMax;
  // A name too many, and none is one: what stood under them is data under keys.
  const unnamed = fits ? [] : [named ?? a.fields ?? new Map(), named === null ? b.fields : null];
  const values = unnamed.flatMap((fields) => [...(fields ?? new Map<string, FieldShape>()).values()]);
  return {
    samples,
    fields: fits ? named : null,
    others: [a.others, b.others, ...values.map(({ shape }) => shape)].reduce(
      (x, y) => either(x, y, (one, other) => shapes(one, other, by)),
      null,
    ),
    variants: both(a.variants, b.variants, (x, y) =>
      unionOf(x, y, (one, other) => variantsOf(one, other, by)),
    ),
    opaque: false,
  };
}

export const opaqueObject: ObjectShape = {
  samples: 1,
  fields: null,
  others: null,
  variants: null,
  opaque: true,
};

function unionOfFields(
  a: ReadonlyMap<string, FieldShape>,
  b: ReadonlyMap<string, FieldShape>,
  by: Counting,
): ReadonlyMap<string, FieldShape> {
  const union = new Map<string, FieldShape>();
  for (const [name, field] of a) {
    const other = b.get(name);
    const always = by.everywhere(field.always, other?.always ?? 0);
    union.set(name, {
      always,
      shape: other === undefined ? field.shape : shapes(field.shape, other.shape, by),
    });
  }
  for (const [name, { always, shape }] of b) {
    if (!a.has(name)) union.set(name, { always: by.everywhere(always, 0), shape });
  }
  return union;
}

function variantsOf(a: Variants, b: Variants, by: Counting): Variants {
  const union = both(a, b, (x, y) => unionOf(x, y, (one, other) => objects(one, other, by)));
  return union !== null && union.size <= limits.shapeVariantsMax ? union : null;
}

function boundedMap(
  a: ReadonlyMap<string, number> | null,
  b: ReadonlyMap<string, number> | null,
  add: (a: number, b: number) => number,
  max: number,
): ReadonlyMap<string, number> | null {
  const union = both(a, b, (x, y) => unionOf(x, y, add));
  return union !== null && union.size <= max ? union : null;
}

function unionOf<T>(
  a: ReadonlyMap<string, T>,
  b: ReadonlyMap<string, T>,
  join: (a: T, b: T) => T,
): Map<string, T> {
  const union = new Map(a);
  for (const [key, value] of b) {
    const other = a.get(key);
    union.set(key, other === undefined ? value : join(other, value));
  }
  return union;
}

function counts<K extends string>(
  a: Readonly<Partial<Record<K, number>>>,
  b: Readonly<Partial<Record<K, number>>>,
  join: (a: number, b: number) => number,
): Readonly<Partial<Record<K, number>>> {
  const joined: Partial<Record<K, number>> = {};
  for (const key of Object.keys({ ...a, ...b }) as K[]) {
    const count = join(a[key] ?? 0, b[key] ?? 0);
    if (count > 0) joined[key] = count;
  }
  return joined;
}

function commonStart(a: string, b: string): string {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return a.slice(0, length);
}

/** Where one has nothing to say, the other counts. */
function either<T>(a: T | null, b: T | null, join: (a: T, b: T) => T): T | null {
  return a === null ? b : b === null ? a : join(a, b);
}

/** Where one is beyond counting, so are both. */
function both<T>(a: T | null, b: T | null, join: (a: T, b: T) => T): T | null {
  return a === null || b === null ? null : join(a, b);
}
