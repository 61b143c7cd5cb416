import { bundled } from './bundle.ts';
import type { Contract } from './contract.ts';
import { ContractError } from './contract-error.ts';
import { dialectOf } from './dialect.ts';
import {
  locateOperation,
  parameterAt,
  type Reader,
  reader,
  requestSchema,
  responseSchema,
} from './openapi-parts.ts';
import { compileContract } from './schema.ts';

/** One operation of an OpenAPI document, as far as a handoff needs it. */
export interface ApiOperation {
  /** `POST`. */
  readonly method: string;
  /** `/projects/{id}`. */
  readonly path: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: 'path' | 'query' | 'header';
    readonly required: boolean;
    /** Of its value, by itself; absent where the document says nothing of it. */
    readonly schema?: unknown;
  }[];
  /** Of the JSON body; null where the document says nothing of one. */
  readonly requestContract: Contract | null;
  /** Of the first 2xx answer's JSON body; null where the document says nothing of one. */
  readonly responseContract: Contract | null;
}

/**
 * Finds an operation in an OpenAPI 3.1, 3.0 or Swagger 2.0 document by its operationId or as `POST /projects`, and
 * compiles its contracts. Pure. Throws ContractError where there is no such operation, naming the closest.
 */
export function openapiOperation(document: unknown, operation: string): ApiOperation {
  const { method, path, pointer } = locateOperation(document, operation);
  const read = reader(document);
  const contractAt = (at: string | null, part: string, direction: 'request' | 'response') =>
    at === null ? null : compileContract({ document, pointer: at, name: `${operation} ${part}`, direction });
  return {
    method: method.toUpperCase(),
    path,
    parameters: parametersOf(document, read, pointer),
    requestContract: contractAt(requestSchema(read, pointer), 'request', 'request'),
    responseContract: contractAt(responseSchema(read, pointer), 'response', 'response'),
  };
}

function parametersOf(document: unknown, read: Reader, operation: string): ApiOperation['parameters'] {
  const byKey = new Map<string, ApiOperation['parameters'][number]>();
  // What the operation says stands over what its path says.
  for (const owner of [operation.slice(0, operation.lastIndexOf('/')), operation]) {
    const { parameters } = read(owner).value;
    if (!Array.isArray(parameters)) continue;
    for (const index of parameters.keys()) {
      const { value, pointer } = parameterAt(read, `${owner}/parameters/${index}`);
      const { name, in: where, required } = value;
      if (typeof name !== 'string' || !(where === 'path' || where === 'query' || where === 'header'))
        continue;
      const schema = parameterSchema(document, value, pointer);
      byKey.set(`${where} ${name}`, { name, in: where, required: required === true, ...schema });
    }
  }
  return [...byKey.values()];
}

/** Swagger 2.0 writes what is said of a value beside its name. One that cannot be read says nothing. */
function parameterSchema(
  document: unknown,
  parameter: Readonly<Record<string, unknown>>,
  pointer: string,
): { readonly schema?: unknown } {
  const dialect = dialectOf(document);
  const at = Object.hasOwn(parameter, 'schema') ? `${pointer}/schema` : pointer;
  if (at === pointer && dialect.openapi !== '2.0') return {};
  try {
    return { schema: bundled(document, at, dialect, 'request').schema };
  } catch (error) {
    if (error instanceof ContractError) return {};
    throw error;
  }
}
