/**
 * What a number of payloads look like, as counts: types, presence, formats, and, where it may, a few values.
 * `merge` is commutative and associative, so that payloads may be looked at in any order and in parts.
 *
 * Every count is of payloads, not of occurrences: what stands in a list is not independent of its neighbours.
 */
export interface Shape {
  /** Payloads in which it occurs. */
  readonly samples: number;
  /** By type, payloads in which it had that type, be it once. */
  readonly types: Readonly<Partial<Record<JsonType, number>>>;
  readonly text: TextShape | null;
  readonly number: NumberShape | null;
  readonly list: ListShape | null;
  readonly object: ObjectShape | null;
}

export type JsonType = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object';

export interface TextShape {
  readonly shortest: number;
  readonly longest: number;
  /** By format, payloads in which every text here has it. */
  readonly formats: Readonly<Partial<Record<TextFormat, number>>>;
  /** Payloads by value; null: too many, or not fit to be repeated. */
  readonly values: ReadonlyMap<string, number> | null;
  /** What all of them begin with, of the first limits.shapePrefixChars; empty where values are not kept. */
  readonly prefix: string;
}

/** The first nine are formats of JSON Schema; the rest are said as a pattern. */
export type TextFormat =
  | 'date-time'
  | 'date'
  | 'time'
  | 'email'
  | 'uri'
  | 'uuid'
  | 'ipv4'
  | 'ipv6'
  | 'duration'
  | 'hex'
  | 'digits';

export interface NumberShape {
  /** Payloads in which every number here is whole. */
  readonly whole: number;
  /** Both null where values are not kept. */
  readonly least: number | null;
  readonly most: number | null;
}

export interface ListShape {
  readonly shortest: number;
  readonly longest: number;
  /** All elements together; null: there never was one, or they were not looked at. */
  readonly of: Shape | null;
  /** Its elements lie deeper, or are more, than what is looked at. */
  readonly opaque: boolean;
}

export interface ObjectShape {
  /** Payloads in which it occurs, alone or in a list. */
  readonly samples: number;
  /** By name; null: there are too many to be names, and all of them are in `others`. */
  readonly fields: ReadonlyMap<string, FieldShape> | null;
  /** The values under keys that are data: ids, addresses, dates. */
  readonly others: Shape | null;
  /** By the field that says what kind of thing it is, and its value: those objects alone. Null: no such field is kept. */
  readonly variants: ReadonlyMap<string, Variants> | null;
  readonly opaque: boolean;
}

/** By value; null: too many values, or one that is no name. */
export type Variants = ReadonlyMap<string, ObjectShape> | null;

export interface FieldShape {
  /** Payloads in which every object here has it. */
  readonly always: number;
  readonly shape: Shape;
}
