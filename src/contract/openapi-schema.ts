import type { Dialect } from './dialect.ts';
import { pointerOf, resolvePointer } from './pointer.ts';

export type Schema = Readonly<Record<string, unknown>>;

/** What is sent need not hold what only answers have, and the other way round. Null: neither is meant. */
export type Direction = 'request' | 'response' | null;

/** One schema object (its parts translated already) of OpenAPI as JSON Schema 2020-12; others stay as they are. */
export function translated(schema: Schema, { openapi }: Dialect): Schema {
  if (openapi === null) return schema;
  // `nullable` is no word of 3.1; whoever moved a document to it and left the word means what it meant.
  return nullableOf(openapi === '3.1' ? schema : formatOf(limitsOf(schema)));
}

/**
 * The members of a schema, and of what it is made of, that only the other direction has: `readOnly` ones are not
 * required of a request, `writeOnly` ones not of a response. Pure.
 */
export function oneSidedMembers(
  document: unknown,
  schema: Schema,
  direction: Exclude<Direction, null>,
): readonly string[] {
  const mark = direction === 'request' ? 'readOnly' : 'writeOnly';
  const isMarked = (part: unknown): boolean => madeOf(document, part).some((each) => each[mark] === true);
  return madeOf(document, schema).flatMap(({ properties }) =>
    isSchema(properties) ? Object.keys(properties).filter((name) => isMarked(properties[name])) : [],
  );
}

/** A schema with what its `$ref` and `allOf` bring in, as the document has them. */
function madeOf(document: unknown, schema: unknown): readonly Schema[] {
  const found = new Set<Schema>();
  const waiting = [schema];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (!isSchema(next) || found.has(next)) continue;
    found.add(next);
    const { $ref, allOf } = next;
    const pointer = typeof $ref === 'string' ? pointerOf($ref) : null;
    if (pointer !== null) waiting.push(resolvePointer(document, pointer));
    if (Array.isArray(allOf)) waiting.push(...allOf);
  }
  return [...found];
}

/** `exclusiveMinimum: true` makes `minimum` exclusive; `type: file` is bytes of any kind. */
function limitsOf(schema: Schema): Schema {
  const { exclusiveMinimum, exclusiveMaximum, minimum, maximum, type, ...rest } = schema;
  return {
    ...rest,
    ...(type === undefined || type === 'file' ? {} : { type }),
    ...bound('minimum', 'exclusiveMinimum', minimum, exclusiveMinimum),
    ...bound('maximum', 'exclusiveMaximum', maximum, exclusiveMaximum),
  };
}

function bound(inclusive: string, exclusive: string, value: unknown, isExclusive: unknown): Schema {
  // Some write it as 3.1 has it.
  if (typeof isExclusive === 'number')
    return { [exclusive]: isExclusive, ...(value !== undefined && { [inclusive]: value }) };
  if (value === undefined) return {};
  return { [isExclusive === true ? exclusive : inclusive]: value };
}

/** Before 3.1 formats are hints: vendors' own examples have paths for `uri` and moments for `date`. */
function formatOf(schema: Schema): Schema {
  if (schema.format === 'uri') return { ...schema, format: 'uri-reference' };
  return schema.format === 'date' ? { ...schema, format: dateOrMoment } : schema;
}

/** A `date` or a `date-time`. */
export const dateOrMoment = 'date-or-date-time';

function nullableOf(schema: Schema): Schema {
  const { nullable, 'x-nullable': vendorNullable, ...rest } = schema;
  if (nullable !== true && vendorNullable !== true) return rest;
  const others = ['$ref', 'allOf', 'anyOf', 'oneOf', 'not'].some((keyword) => Object.hasOwn(rest, keyword));
  if (typeof rest.type !== 'string' || others) return { anyOf: [rest, { type: 'null' }] };
  const values = Array.isArray(rest.enum) && !rest.enum.includes(null) ? { enum: [...rest.enum, null] } : {};
  return { ...rest, type: [rest.type, 'null'], ...values };
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
