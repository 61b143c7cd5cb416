import { ContractError } from '../contract/contract-error.ts';
import { type ApiOperation, openapiOperation } from '../contract/openapi.ts';
import { compileContract } from '../contract/schema.ts';
import { connectorOperation, operationsOf, receiptMethod } from '../handoff/connectors/operations.ts';
import { expressionAt, json } from './compile-expression.ts';
import { listed } from './compile-parts.ts';
import type { Documents } from './documents.ts';
import { compileExpression, type ExpressionEnvironment } from './expression.ts';
import { isMapping, type Place } from './place.ts';
import type { ConnectorName } from './project.ts';
import { suggest } from './suggest.ts';
import type { BodyTemplate, CompiledRequest } from './workflow.ts';
import type { World } from './world.ts';

/** What compiling a request needs to know of its destination. */
export interface DestinationParts {
  /** Path of its OpenAPI document in the project folder; null where it has none. */
  readonly document: string | null;
  readonly idempotencyHeader: string;
  /** The parameter that its credential goes into, where it has one of its own. */
  readonly credential?: { readonly in: 'header' | 'query'; readonly name: string };
  /** Where its operations are built in; absent: `http`. */
  readonly connector?: Exclude<ConnectorName, 'http'>;
}

export type Operation = ApiOperation;

/** Stands where the destination is not known, so that the rest is still checked. */
export const undocumented: DestinationParts = { document: null, idempotencyHeader: '' };

/** Finds a destination by its key; null where there is none (reported). */
export function destinationAt(
  place: Place,
  { destinations, directory }: Pick<World, 'destinations' | 'directory'>,
): DestinationParts | null {
  const key = place.text();
  const found = destinations.get(key);
  if (found === undefined && key !== '' && directory !== null) {
    const near = suggest(key, destinations.keys());
    place.report({
      code: 'SB122',
      message: `there is no destination \`${key}\`${near === null ? '' : `, did you mean \`${near}\`?`}`,
      help: `destinations stand in signalbox.yaml: ${listed('', destinations.keys())}`,
    });
  }
  return found ?? null;
}

/** Finds an operation by its operationId in the destination's document, or by method and path. Null where there is none (reported). */
export function operationAt(
  place: Place,
  destination: DestinationParts,
  documents: Documents,
): Operation | null {
  const name = place.text();
  if (name === '') return null;
  if (destination.connector !== undefined) return builtInOperation(place, name, destination.connector);
  if (destination.document === null) return plainOperation(place, name);
  const document = documents.read(destination.document);
  // signalbox.yaml names the document, and the finding stands there.
  if ('problem' in document) return null;
  return documentedOperation(place, name, destination.document, document.value);
}

function builtInOperation(
  place: Place,
  name: string,
  connector: Exclude<ConnectorName, 'http'>,
): Operation | null {
  const operation = connectorOperation(connector, name);
  if (operation === null) {
    place.report({
      code: 'SB123',
      message: `\`connector: ${connector}\` has no operation \`${name}\``,
      help: `it has ${operationsOf(connector)
        .map((each) => `\`${each}\``)
        .join(', ')}`,
    });
  }
  return operation;
}

function documentedOperation(place: Place, name: string, path: string, document: unknown): Operation | null {
  try {
    return openapiOperation(document, name);
  } catch (error) {
    if (!(error instanceof ContractError)) throw error;
    const unknown = error.pointer === '/paths';
    place.report({
      code: unknown ? 'SB123' : 'SB131',
      message: unknown ? error.message : `${error.message} (at ${error.pointer})`,
      help: `operations are named as in ${path}: by operationId, or by method and path`,
    });
    return null;
  }
}

/** `POST /projects/{id}` where no document says more: names in braces go into the path, others into the query. */
function plainOperation(place: Place, name: string): Operation | null {
  const [, method = '', path = ''] = /^(GET|PUT|POST|PATCH|DELETE|HEAD) (\/[^\s?#]*)$/.exec(name) ?? [];
  if (method === '') {
    place.report({
      code: 'SB123',
      message: `\`${name}\` is not a method and a path`,
      help: 'the destination has no OpenAPI document: write `POST /projects`, or give it one in signalbox.yaml (`openapi:`)',
    });
    return null;
  }
  const parameters = pathNames(path).map((one) => ({ name: one, in: 'path' as const, required: true }));
  return { method, path, parameters, requestContract: null, responseContract: null };
}

function pathNames(path: string): string[] {
  return [...path.matchAll(/\{([^{}]+)\}/g)].map(([, name = '']) => name);
}

export interface RequestParts {
  readonly operation: Place;
  readonly with: Place;
  readonly body: Place | null;
}

export function compileRequest(
  parts: RequestParts,
  operation: Operation | null,
  destination: DestinationParts,
  environment: ExpressionEnvironment,
): CompiledRequest {
  if (operation !== null) reportMissing(parts, operation, destination);
  return {
    operation: parts.operation.text(),
    method: operation?.method ?? 'GET',
    path: operation?.path ?? '/',
    parameters: parametersAt(parts.with, operation, destination, environment),
    body:
      parts.body?.value === undefined || parts.body === null ? null : compileBody(parts.body, environment),
    requestContract: operation?.requestContract ?? null,
    responseContract: operation?.responseContract ?? null,
    ...(operation?.media !== undefined && { media: operation.media }),
    ...(operation?.styles !== undefined && { styles: operation.styles }),
    ...(operation?.bodyOptional && { bodyOptional: true }),
  };
}

/** The arguments of a request, each where the operation wants it. */
export function parametersAt(
  place: Place,
  operation: Operation | null,
  destination: DestinationParts,
  environment: ExpressionEnvironment,
): CompiledRequest['parameters'] {
  return place.entries().map(([name, part]) => {
    const { expression } = expressionAt(part, environment, json);
    const declared = operation?.parameters.find((one) => one.name === name);
    const known = destination.document !== null || destination.connector !== undefined;
    if (declared === undefined && operation !== null && known && operation.method !== receiptMethod) {
      reportUnknown(part, name, operation);
    }
    return {
      name,
      in: declared?.in ?? 'query',
      value: expression,
      ...(declared?.schema !== undefined && {
        schema: declared.schema,
        ...contractOf(name, declared.schema),
      }),
      ...(declared?.required && { required: true }),
      ...(declared?.style && { style: declared.style }),
    };
  });
}

/** What a document says of a parameter's value; what cannot be understood says nothing. */
function contractOf(name: string, schema: unknown): Pick<CompiledRequest['parameters'][number], 'contract'> {
  try {
    return { contract: compileContract({ document: schema, pointer: '', name }) };
  } catch (error) {
    if (error instanceof ContractError) return {};
    throw error;
  }
}

function reportMissing(parts: RequestParts, operation: Operation, destination: DestinationParts): void {
  const given = new Set(parts.with.entries().map(([name]) => name));
  const { idempotencyHeader, credential } = destination;
  const headers = [idempotencyHeader, 'accept', 'content-type', 'authorization'];
  const sentByUs = new Set(headers.map((name) => `header ${name.toLowerCase()}`));
  if (credential !== undefined) sentByUs.add(`${credential.in} ${credential.name.toLowerCase()}`);
  for (const { name, in: where, required } of operation.parameters) {
    if (!required || given.has(name) || sentByUs.has(`${where} ${name.toLowerCase()}`)) continue;
    parts.operation.report({
      code: 'SB124',
      message: `the ${where} parameter \`${name}\` is missing`,
      help: `add \`with: { ${name}: … }\` with the expression of its value`,
    });
  }
}

function reportUnknown(place: Place, name: string, operation: Operation): void {
  const known = operation.parameters.map((one) => one.name);
  const near = suggest(name, known);
  place.report({
    code: 'SB124',
    message: `the operation has no parameter \`${name}\`${near === null ? '' : `, did you mean \`${near}\`?`}`,
    help:
      known.length === 0
        ? 'it takes none; fields of the body go into `body:`'
        : `it takes ${known.join(', ')}`,
    at: 'key',
  });
}

/** Objects and lists as they stand; every text is an expression, anything else the expression of itself. */
function compileBody(place: Place, environment: ExpressionEnvironment): BodyTemplate {
  if (Array.isArray(place.value)) {
    return { kind: 'array', items: place.elements().map((element) => compileBody(element, environment)) };
  }
  if (isMapping(place.value)) {
    return {
      kind: 'object',
      entries: place.entries().map(([name, part]) => [name, compileBody(part, environment)] as const),
    };
  }
  const value =
    place.value === null
      ? compileExpression('null', environment).expression
      : expressionAt(place, environment, json).expression;
  return { kind: 'expression', value };
}
