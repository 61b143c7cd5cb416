import { judging, memberSchemas } from '../../contract/subschemas.ts';
import type { Literal } from './path.ts';

/** Another value for a place of the payload. */
interface Value {
  /** Undefined: nothing. */
  readonly to: unknown;
  /** It is what stands there, made longer or shorter. */
  readonly resized: boolean;
}

/** What a contract says of one place, as far as it helps to find values for it. */
interface Place {
  readonly type: string | null;
  readonly values: readonly unknown[];
  readonly bounds: readonly number[];
  /** A member can be left out, an element cannot. */
  readonly isMember: boolean;
}

/**
 * Values that something may depend on which stands beside these fixed ones in a condition: them and their neighbours,
 * what the contract lists, its bounds, the same value as another type, something and nothing. Pure.
 */
export function* valuesFor(from: unknown, literals: readonly Literal[], place: Place): Generator<Value> {
  for (const to of plainValues(from, literals, place)) yield { to, resized: false };
  for (const literal of literals) {
    if (typeof literal !== 'number') continue;
    for (const length of around(literal)) {
      const to = ofLength(from, length);
      if (to !== null) yield { to, resized: true };
    }
  }
}

function* plainValues(from: unknown, literals: readonly Literal[], place: Place): Generator<unknown> {
  const { type, values, bounds, isMember } = place;
  for (const literal of literals) yield* formsOf(literal, from, type);
  yield* values;
  if (typeof from === 'boolean' || type === 'boolean') yield from !== true;
  if (isNumeric(from) && (type === 'number' || type === 'integer')) yield Number(from);
  if (typeof from === 'number' && type === 'string') yield String(from);
  yield* bounds;
  if (from === undefined && values.length === 0) yield sampleOf(type);
  if (from !== undefined && isMember) yield undefined;
}

/** A fixed value in the form that the payload has it; none where only its length can be meant. */
function* formsOf(literal: Literal, from: unknown, type: string | null): Generator<unknown> {
  if (typeof literal === 'number') {
    const isText = isNumeric(from) || (from === undefined && type === 'string');
    const isLength = Array.isArray(from) || (typeof from === 'string' && !isText);
    if (!isLength) for (const value of around(literal)) yield isText ? String(value) : value;
  } else if (
    typeof literal === 'string' &&
    (typeof from === 'number' || (from === undefined && type === 'number'))
  ) {
    if (isNumeric(literal)) yield Number(literal);
  } else yield literal;
}

/** A comparison may be strict. */
function around(value: number): readonly number[] {
  return [value, value + 1, value - 1];
}

/** The longest that a text or list is made to be. */
const lengthMax = 1_000;

function ofLength(from: unknown, length: number): unknown {
  if (!Number.isInteger(length) || length < 0 || length > lengthMax) return null;
  if (typeof from === 'string' && from !== '' && !isNumeric(from)) {
    return from.slice(0, length).padEnd(length, 'x').toWellFormed();
  }
  if (!Array.isArray(from) || from.length === 0) return null;
  return Array.from({ length }, (_, index) => from[Math.min(index, from.length - 1)] as unknown);
}

function isNumeric(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value));
}

function sampleOf(type: string | null): unknown {
  const samples: Readonly<Record<string, unknown>> = {
    number: 1,
    integer: 1,
    boolean: true,
    array: [],
    object: {},
  };
  return samples[type ?? 'string'] ?? 'text';
}

const valuesMax = 30;

/** What the contract says of the place that these steps lead to. Pure. */
export function placeIn(root: unknown, steps: readonly (string | number)[]): Place {
  let parts = judging(root, root);
  for (const step of steps) {
    parts = parts.flatMap((part) => memberSchemas(part, String(step))).flatMap((each) => judging(root, each));
  }
  const types = parts.map(({ type }) => type).filter((type) => typeof type === 'string');
  const listed = parts.flatMap((part) => [
    ...[part.enum, part.examples].filter(Array.isArray).flat(),
    ...(Object.hasOwn(part, 'const') ? [part.const] : []),
    ...(Object.hasOwn(part, 'default') ? [part.default] : []),
  ]);
  return {
    type: types[0] ?? null,
    values: listed.slice(0, valuesMax),
    bounds: parts
      .flatMap(({ minimum, maximum }) => [minimum, maximum])
      .filter((bound) => typeof bound === 'number'),
    isMember: typeof steps.at(-1) === 'string',
  };
}
