import type { Dialect } from './dialect.ts';

export type Schema = Readonly<Record<string, unknown>>;

/** What is sent need not hold what only answers have, and the other way round. Null: neither is meant. */
export type Direction = 'request' | 'response' | null;

/** One schema object (its parts translated already) of OpenAPI as JSON Schema 2020-12; others stay as they are. */
export function translated(schema: Schema, { openapi }: Dialect, direction: Direction): Schema {
  if (openapi === null) return schema;
  const required = withoutOneSided(schema, direction);
  // `nullable` is no word of 3.1; whoever moved a document to it and left the word means what it meant.
  return nullableOf(openapi === '3.1' ? required : formatOf(limitsOf(required)));
}

/** `readOnly` properties are not required of a request, `writeOnly` ones not of a response. */
function withoutOneSided(schema: Schema, direction: Direction): Schema {
  const { required, properties } = schema;
  if (direction === null || !Array.isArray(required) || !isSchema(properties)) return schema;
  const mark = direction === 'request' ? 'readOnly' : 'writeOnly';
  const needed = required.filter((name) => {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    return !(isSchema(property) && property[mark] === true);
  });
  return { ...schema, required: needed };
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
  if (typeof rest.type !== 'string') return { anyOf: [rest, { type: 'null' }] };
  const values = Array.isArray(rest.enum) && !rest.enum.includes(null) ? { enum: [...rest.enum, null] } : {};
  return { ...rest, type: [rest.type, 'null'], ...values };
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
