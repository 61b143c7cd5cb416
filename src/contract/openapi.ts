import { bundled } from './bundle.ts';
import type { Contract } from './contract.ts';
import { ContractError } from './contract-error.ts';
import { dialectOf } from './dialect.ts';
import { type RequestBody, requestBodyOf } from './openapi-body.ts';
import { locateOperation, parametersAt, type Reader, reader, responseSchema } from './openapi-parts.ts';
import { type ParameterStyle, styleOf } from './openapi-style.ts';
import { escapeToken } from './pointer.ts';
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
    /** How it is written; absent where one value is one text, and a list of a query is repeated. */
    readonly style?: ParameterStyle;
  }[];
  /** Of the body; null where the document says nothing of one. */
  readonly requestContract: Contract | null;
  /** How the body is sent; absent: as JSON, where there is one. */
  readonly media?: string;
  /** How fields of a form are written, where the document says. */
  readonly styles?: Readonly<Record<string, ParameterStyle>>;
  /** Set where the document takes the operation without a body too. */
  readonly bodyOptional?: true;
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
  const body = requestBodyOf(document, read, pointer, dialectOf(document));
  const requestContract =
    body?.fields === undefined
      ? contractAt(body?.pointer ?? null, 'request', 'request')
      : formContract(document, body.fields, `${operation} request`);
  return {
    method: method.toUpperCase(),
    path,
    parameters: parametersOf(document, read, pointer),
    requestContract,
    responseContract: contractAt(responseSchema(read, pointer), 'response', 'response'),
    ...(body !== null && body.media !== 'application/json' && { media: body.media }),
    ...(body !== null && Object.keys(body.styles).length > 0 && { styles: body.styles }),
    ...(body !== null && isOptional(body, method) && { bodyOptional: true }),
  };
}

/** Many documents do not say that a body is required: one that writes is taken to be, unless they say that it is not. */
function isOptional({ required }: RequestBody, method: string): boolean {
  return required === false || (required === null && !['post', 'put', 'patch'].includes(method));
}

/** The fields of a Swagger 2.0 form as the schema that they would have been. */
function formContract(document: unknown, fields: RequestBody['fields'], name: string): Contract {
  const form = { 'x-form': { type: 'object', ...fields, additionalProperties: false } };
  const whole = { ...(document as Readonly<Record<string, unknown>>), ...form };
  return compileContract({ document: whole, pointer: '/x-form', name, direction: 'request' });
}

function parametersOf(document: unknown, read: Reader, operation: string): ApiOperation['parameters'] {
  const byKey = new Map<string, ApiOperation['parameters'][number]>();
  for (const { value, pointer } of parametersAt(read, operation)) {
    const { name, in: where, required } = value;
    if (typeof name !== 'string' || !(where === 'path' || where === 'query' || where === 'header')) continue;
    const schema = parameterSchema(document, value, pointer);
    const style = styleOf(value, where, dialectOf(document));
    byKey.set(`${where} ${name}`, {
      name,
      in: where,
      required: required === true || where === 'path',
      ...schema,
      ...(style && { style }),
    });
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
  const at = schemaPointer(parameter, pointer);
  if (at === pointer && dialect.openapi !== '2.0') return {};
  try {
    return { schema: bundled(document, at, dialect, 'request').schema };
  } catch (error) {
    if (error instanceof ContractError) return {};
    throw error;
  }
}

/** A parameter of OpenAPI 3 has a schema, or one inside its only media type. */
function schemaPointer(parameter: Readonly<Record<string, unknown>>, pointer: string): string {
  const [media] = typeof parameter.content === 'object' ? Object.keys(parameter.content ?? {}) : [];
  if (media !== undefined) return `${pointer}/content/${escapeToken(media)}/schema`;
  return Object.hasOwn(parameter, 'schema') ? `${pointer}/schema` : pointer;
}
