import { limits } from '../limits.ts';
import { merge, mergeWithin, opaqueObject } from './merge.ts';
import type { FieldShape, ListShape, ObjectShape, Shape, TextFormat, TextShape, Variants } from './shape.ts';
import { formatsOf, isDataKey, isLabel, isPrivateName } from './text.ts';

export interface Looking {
  /** Keeps a few values that may be repeated, ranges, and variants; without it a shape holds nothing that stood in a payload but names. */
  readonly values: boolean;
}

/** One more payload. `shape`: null before the first. */
export function observe(shape: Shape | null, payload: unknown, looking: Looking = { values: true }): Shape {
  const seen = shapeOf(payload, { ...looking, name: '', depth: 0, variants: looking.values });
  return shape === null ? seen : merge(shape, seen);
}

interface At extends Looking {
  /** The field it stands in. */
  readonly name: string;
  readonly depth: number;
  readonly variants: boolean;
}

const nothing = { samples: 1, text: null, number: null, list: null, object: null };

/** The shape of one value. */
function shapeOf(value: unknown, at: At): Shape {
  if (typeof value === 'string') return { ...nothing, types: { string: 1 }, text: textShape(value, at) };
  if (typeof value === 'number') {
    const [least, most] = at.values ? [value, value] : [null, null];
    const number = { whole: Number.isInteger(value) ? 1 : 0, least, most };
    return { ...nothing, types: { number: 1 }, number };
  }
  if (typeof value === 'boolean') return { ...nothing, types: { boolean: 1 } };
  if (Array.isArray(value)) return { ...nothing, types: { array: 1 }, list: listShape(value, at) };
  if (typeof value !== 'object' || value === null) return { ...nothing, types: { null: 1 } };
  return { ...nothing, types: { object: 1 }, object: objectShape(value as JsonObject, at) };
}

type JsonObject = Readonly<Record<string, unknown>>;

function textShape(text: string, { values, name }: At): TextShape {
  const formats: Partial<Record<TextFormat, number>> = {};
  for (const format of formatsOf(text)) formats[format] = 1;
  const listed = values && !isPrivateName(name) && isLabel(text);
  // Characters as JSON Schema counts them.
  const length = [...text].length;
  return {
    shortest: length,
    longest: length,
    formats,
    values: listed ? new Map([[text, 1]]) : null,
    prefix: values ? text.slice(0, limits.shapePrefixChars) : '',
  };
}

function listShape(list: readonly unknown[], at: At): ListShape {
  const about = { shortest: list.length, longest: list.length };
  if (at.depth >= limits.shapeDepthMax) return { ...about, of: null, opaque: true };
  let of: Shape | null = null;
  for (const element of list) {
    const shape = shapeOf(element, { ...at, depth: at.depth + 1 });
    of = of === null ? shape : mergeWithin(of, shape);
  }
  return { ...about, of, opaque: false };
}

function objectShape(object: JsonObject, at: At): ObjectShape {
  if (at.depth >= limits.shapeDepthMax) return opaqueObject;
  const fields = new Map<string, FieldShape>();
  let others: Shape | null = null;
  const keys = Object.keys(object);
  const named = keys.filter((key) => !isDataKey(key));
  const names = new Set(named.length <= limits.shapeKeysMax ? named : []);
  for (const key of keys) {
    const name = names.has(key) ? key : '';
    const shape = shapeOf(object[key], { ...at, name, depth: at.depth + 1 });
    if (names.has(key)) fields.set(key, { always: 1, shape });
    else others = others === null ? shape : mergeWithin(others, shape);
  }
  return {
    samples: 1,
    fields: named.length <= limits.shapeKeysMax ? fields : null,
    others,
    variants: at.values ? new Map(at.variants ? variantOf(object, at) : []) : null,
    opaque: false,
  };
}

/** Fields that say what kind of thing an object is, the most telling first. */
export const kindFields = [
  'type',
  'event',
  'event_type',
  'eventType',
  'event_name',
  'topic',
  'trigger',
  'object',
  'kind',
  'resource_type',
  'subscriptionType',
  'object_kind',
  'action',
] as const;

/** The object as one of its kind; within it, no further kinds are told apart. */
function variantOf(object: JsonObject, at: At): [string, Variants][] {
  const field = kindFields.find((name) => Object.hasOwn(object, name));
  if (field === undefined) return [];
  const kind = object[field];
  if (typeof kind !== 'string' || !isLabel(kind)) return [[field, null]];
  return [[field, new Map([[kind, objectShape(object, { ...at, variants: false })]])]];
}
