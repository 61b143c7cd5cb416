import Type, { type TSchemaOptions } from 'typebox';
import { stringify } from 'yaml';
import type { Ref } from './workflow.ts';

/** The small words that the workflow file and the project file are made of. */

/** A name in addresses, commands and metrics: lower-case letters, digits, hyphens. */
export const slugPattern = '^[a-z][a-z0-9-]{0,62}$';

export const referencePattern = '^(person|team):[a-z][a-z0-9-]{0,62}$';

/** The format of durations; editors leave it unchecked. */
export const durationFormat = 'signalbox-duration';

export function slug(description: string, options: TSchemaOptions = {}) {
  return Type.String({ pattern: slugPattern, description, ...options });
}

/** One or more lines for people. */
export function prose(description: string, options: TSchemaOptions = {}) {
  return Type.String({ minLength: 1, maxLength: 2_000, description, ...options });
}

export function reference(description: string, options: TSchemaOptions = {}) {
  return Type.Unsafe<Ref>(
    Type.String({
      pattern: referencePattern,
      examples: ['team:growth'],
      description,
      ...options,
    }),
  );
}

export function duration(description: string, options: TSchemaOptions = {}) {
  return Type.String({ format: durationFormat, examples: ['15m'], description, ...options });
}

/** CEL text; a bare number or boolean is the expression of itself. */
export function expression(description: string, options: TSchemaOptions = {}) {
  return Type.Unsafe<string | number | boolean>({
    type: ['string', 'number', 'boolean'],
    description,
    ...options,
  });
}

/** The arguments of an operation, by name. */
export function parameters(description: string, options: TSchemaOptions = {}) {
  const value = expression('The value of one parameter.');
  return mapping('^.{1,200}$', value, description, { maxProperties: 50, ...options });
}

/** A mapping with keys of one pattern and values of one shape. */
export function mapping<T extends Type.TSchema>(
  keyPattern: string,
  value: T,
  description: string,
  options: TSchemaOptions = {},
) {
  return Type.Record(Type.String({ pattern: keyPattern }), value, {
    additionalProperties: false,
    description,
    ...options,
  });
}

export function section<T extends Type.TProperties>(
  properties: T,
  description: string,
  options: TSchemaOptions = {},
) {
  return Type.Object(properties, { additionalProperties: false, description, ...options });
}

/** A value of the language as it is written on one line: `{ env: PM_TOKEN }`. */
export function written(value: unknown): string {
  return typeof value === 'string'
    ? value
    : stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim();
}

/** No credentials, query or fragment in it. */
export const webAddress = { pattern: '^https?://[^\\s/?#@]+(/[^\\s?#]*)?$', maxLength: 2_000 };
