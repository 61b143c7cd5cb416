import type { Schema } from './openapi-schema.ts';

/**
 * An OpenAPI `discriminator` beside `oneOf` or `anyOf`, with what it names resolved: `forms` has the index of the
 * form for each word, by `mapping` or by the name of the schema. Null where it names none. Pure.
 */
export function resolvedDiscriminator({ discriminator, oneOf, anyOf }: Schema): Schema | null {
  const choice = oneOf ?? anyOf;
  if (!isObject(discriminator) || typeof discriminator.propertyName !== 'string' || !Array.isArray(choice)) {
    return null;
  }
  const mapping = Object.entries(isObject(discriminator.mapping) ? discriminator.mapping : {});
  const forms: [string, number][] = choice.flatMap((form: unknown, index) => {
    const ref = isObject(form) && typeof form.$ref === 'string' ? form.$ref : '';
    const name = ref.slice(ref.lastIndexOf('/') + 1);
    const words = mapping.filter(([, target]) => target === ref || target === name).map(([word]) => word);
    return (words.length === 0 && name !== '' ? [name] : words).map((word): [string, number] => [
      word,
      index,
    ]);
  });
  return { propertyName: discriminator.propertyName, forms: Object.fromEntries(forms) };
}

/** Data in a schema, not schemas. */
const data = new Set(['enum', 'const', 'default', 'example', 'examples']);

/**
 * A schema of OpenAPI 3.0 in which a value whose word is known is judged by the form that its discriminator names, and
 * by no other: two forms that differ by their word alone would both fit. (3.1 says that a discriminator changes no
 * verdict.) The same object where there is no discriminator. Pure.
 */
export function discriminated(schema: unknown): unknown {
  if (Array.isArray(schema)) {
    const parts = schema.map(discriminated);
    return parts.some((part, index) => part !== schema[index]) ? parts : schema;
  }
  if (!isObject(schema)) return schema;
  const members = Object.entries(schema).map(([name, part]): [string, unknown] => [
    name,
    data.has(name) ? part : discriminated(part),
  ]);
  const same = members.every(([name, part]) => part === schema[name]);
  return shortcut(same ? schema : Object.fromEntries(members));
}

function shortcut(schema: Schema): Schema {
  const { discriminator, oneOf, anyOf, ...rest } = schema;
  const choice = oneOf ?? anyOf;
  if (!isObject(discriminator) || !isObject(discriminator.forms) || !Array.isArray(choice)) return schema;
  const { propertyName: property, forms } = discriminator;
  const words = Object.entries(forms);
  if (words.length === 0 || typeof property !== 'string') return schema;
  const says = (value: Schema) => ({ required: [property], properties: { [property]: value } });
  return {
    ...rest,
    discriminator,
    if: { type: 'object', ...says({ enum: words.map(([word]) => word) }) },
    // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema
    then: {
      // biome-ignore lint/suspicious/noThenProperty: the same
      allOf: words.map(([word, index]) => ({ if: says({ const: word }), then: choice[Number(index)] })),
    },
    else: { discriminator, ...(oneOf === undefined ? { anyOf } : { oneOf }) },
  };
}

function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
