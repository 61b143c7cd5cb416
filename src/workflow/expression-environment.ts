import { type CelEnv, celEnv } from '@bufbuild/cel';
import { functions } from './expression-functions.ts';
import { type ExpressionType, typeOfSchema } from './expression-type.ts';

/** What an expression can be checked against: its variables and their types. */
export interface ExpressionEnvironment {
  readonly variables: ReadonlyMap<string, ExpressionType>;
}

/**
 * Declares the variables of expressions, each with its JSON Schema, or `true` for anything (checked as `dyn`).
 * Where a schema declares properties, reading another is an error; where it declares none, anything may be read.
 * `$ref`s are resolved within the schema itself.
 */
export function expressionEnvironment(variables: Readonly<Record<string, unknown>>): ExpressionEnvironment {
  return {
    variables: new Map(Object.entries(variables).map(([name, schema]) => [name, typeOfSchema(schema)])),
  };
}

/** The library with our functions over its own; one suffices, as variables come with each evaluation. */
export const runtime: CelEnv = celEnv({ funcs: [...functions] });
